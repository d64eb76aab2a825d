#include "pixel.h"

#include <cmath>
#include <vector>

#include "../pixel/composition.h"
#include "../pixel/conversion.h"
#include "../pixel/kernels.h"
#include "../pixel/picture.h"
#include "argument.h"

namespace bulkhead {

namespace {

using pixel::Layer;
using pixel::Picture;
using pixel::Point;
using pixel::Rectangle;

// Far enough that no picture gets there, and so near that sums are exact.
int64_t coordinate(double value) {
  constexpr double farthest = 1LL << 40;
  if (std::isnan(value)) return 0;
  return static_cast<int64_t>(std::fmin(farthest, std::fmax(-farthest, value)));
}

// Numbers of a Float64Array, which hold every coordinate of 32 bits, signed or not.
std::span<const double> numbers(const Napi::Value& value) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_float64_array)
    return {};
  auto array = value.As<Napi::Float64Array>();
  return {array.Data(), array.ElementLength()};
}

std::span<uint16_t> halves(const Napi::Value& value) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint16_array)
    return {};
  auto array = value.As<Napi::Uint16Array>();
  return {array.Data(), array.ElementLength()};
}

// A picture on the elements of an array, or nothing where they are too few.
template <typename Element, typename Array>
Picture<Element> picture(std::span<Array> array, double width, double height, double stride) {
  const Picture<Element> result{array.data(), coordinate(width), coordinate(height),
                                coordinate(stride)};
  return result.fits(array.size()) ? result : Picture<Element>{};
}

Rectangle rectangle(const double* four) {
  const int64_t x = coordinate(four[0]);
  const int64_t y = coordinate(four[1]);
  return {x, y, x + coordinate(four[2]), y + coordinate(four[3])};
}

// pixelFill(target: Uint32Array, [width, height, stride, x, y, width, height], color)
Napi::Value fill(const Napi::CallbackInfo& info) {
  const auto n = numbers(info[1]);
  if (n.size() < 7) return {};
  pixel::fill(picture<uint32_t>(words(info[0]), n[0], n[1], n[2]), rectangle(&n[3]),
              unsigned_number(info[2]));
  return {};
}

// pixelCopy(target: Uint32Array | Uint16Array, source: Uint32Array, [width, height, stride of the
// target, x, y in it,
//           width, height, stride of the source, x, y, width, height in it])
Napi::Value copy(const Napi::CallbackInfo& info) {
  const auto n = numbers(info[2]);
  if (n.size() < 12) return {};
  const auto source = picture<const uint32_t>(words(info[1]), n[5], n[6], n[7]);
  const Point to{coordinate(n[3]), coordinate(n[4])};
  const auto narrow = halves(info[0]);
  if (narrow.empty())
    pixel::copy(picture<uint32_t>(words(info[0]), n[0], n[1], n[2]), to, source, rectangle(&n[8]));
  else
    pixel::copy_as_rgb565(picture<uint16_t>(narrow, n[0], n[1], n[2]), to, source,
                          rectangle(&n[8]));
  return {};
}

// pixelConvert(target: Uint8Array, source: Uint32Array, the numbers of pixelCopy with the target's
// stride in bytes, then the bytes of a pixel, and offset and length of red, green and blue)
Napi::Value convert(const Napi::CallbackInfo& info) {
  const auto n = numbers(info[2]);
  if (n.size() < 19) return {};
  const auto channel = [&n](size_t at) {
    return pixel::Channel{static_cast<unsigned>(coordinate(n[at])),
                          static_cast<unsigned>(coordinate(n[at + 1]))};
  };
  const pixel::Form form{static_cast<unsigned>(coordinate(n[12])), channel(13), channel(15),
                         channel(17)};
  const pixel::ByteScreen target{bytes(info[0]), coordinate(n[0]), coordinate(n[1]),
                                 coordinate(n[2]), form};
  pixel::copy_as_form(target, {coordinate(n[3]), coordinate(n[4])},
                      picture<const uint32_t>(words(info[1]), n[5], n[6], n[7]), rectangle(&n[8]));
  return {};
}

// How many numbers describe the target, and each layer.
constexpr size_t target_numbers = 6;
constexpr size_t layer_numbers = 10;

// pixelCompose(target: Uint32Array, numbers, pixels: Uint32Array[], opacities: (Uint8Array |
// null)[], background)
//   numbers: width, height of the target; x, y, width, height of what is drawn; then of each layer:
//   x, y, width, height of its place, x, y of its origin, width, height of its pixels, color and
//   amount of its tint
Napi::Value compose(const Napi::CallbackInfo& info) {
  const auto n = numbers(info[1]);
  if (n.size() < target_numbers || !info[2].IsArray() || !info[3].IsArray()) return {};
  auto arrays = info[2].As<Napi::Array>();
  auto planes = info[3].As<Napi::Array>();
  const size_t count = (n.size() - target_numbers) / layer_numbers;
  std::vector<Layer> layers;
  layers.reserve(count);
  for (size_t index = 0; index < count; ++index) {
    const double* own = &n[target_numbers + index * layer_numbers];
    const auto place = static_cast<uint32_t>(index);
    Layer layer;
    layer.pixels = picture<const uint32_t>(words(arrays.Get(place)), own[6], own[7], own[6]);
    layer.place = rectangle(own);
    layer.origin = {coordinate(own[4]), coordinate(own[5])};
    layer.color = static_cast<uint32_t>(coordinate(own[8]));
    layer.tint = static_cast<uint8_t>(coordinate(own[9]));
    const Napi::Value plane = planes.Get(place);
    if (plane.IsTypedArray()) {
      const auto opacity = bytes(plane);
      // Without all of its opacity nothing of it is drawn: somebody has taken the memory away.
      if (!layer.pixels.fits(opacity.size())) layer.pixels = {};
      layer.opacity = opacity.data();
    }
    layers.push_back(layer);
  }
  pixel::compose(picture<uint32_t>(words(info[0]), n[0], n[1], n[0]), rectangle(&n[2]), layers,
                 unsigned_number(info[4]));
  return {};
}

Napi::Value kernels_name(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), pixel::kernels().name);
}

}  // namespace

void init_pixel(Napi::Env env, Napi::Object exports) {
  exports.Set("pixelFill", Napi::Function::New(env, fill));
  exports.Set("pixelCopy", Napi::Function::New(env, copy));
  exports.Set("pixelConvert", Napi::Function::New(env, convert));
  exports.Set("pixelCompose", Napi::Function::New(env, compose));
  exports.Set("pixelKernels", Napi::Function::New(env, kernels_name));
}

}  // namespace bulkhead
