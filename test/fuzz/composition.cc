// Drawing of layers with any geometry, on memory of exactly the size that they say: what is drawn,
// pixel by pixel, and that nothing else is touched.
//
// Input: the target's size and what of it is drawn, then layers of a few bytes each, then their
// pixels.
#include "../../native/pixel/composition.h"

#include <vector>

#include "../native/mix.h"
#include "fuzz.h"

using namespace bulkhead::pixel;

namespace {

constexpr int64_t farthest = int64_t{1} << 40;

// Mostly near the target; sometimes as far away as the callers of compose let anything be.
int64_t coordinate(Input& input) {
  const auto near = input.value<int8_t>();
  if (near == INT8_MIN) return -farthest;
  if (near == INT8_MAX) return farthest;
  return near;
}

Rectangle rectangle(Input& input) {
  const int64_t x = coordinate(input);
  const int64_t y = coordinate(input);
  return {x, y, x + coordinate(input), y + coordinate(input)};
}

template <typename Element>
std::unique_ptr<Element[]> memory(size_t count, Input& input) {
  auto elements = std::make_unique<Element[]>(count);
  input.copy(elements.get(), count * sizeof(Element));
  return elements;
}

struct OwnedLayer {
  Layer layer;
  std::unique_ptr<uint32_t[]> pixels;
  std::unique_ptr<uint8_t[]> opacity;
};

OwnedLayer take_layer(Input& input) {
  OwnedLayer result;
  Layer& layer = result.layer;
  layer.place = rectangle(input);
  layer.origin = {coordinate(input), coordinate(input)};
  const int64_t width = input.value<uint8_t>() % 24;
  const int64_t height = input.value<uint8_t>() % 24;
  const int64_t stride = width + input.value<uint8_t>() % 4;
  layer.color = input.value<uint32_t>();
  const auto kind = input.value<uint8_t>();
  layer.tint = kind % 3 == 0 ? 0 : input.value<uint8_t>();
  if (width == 0 || height == 0) return result;
  // The last line ends where the picture does.
  const auto count = static_cast<size_t>((height - 1) * stride + width);
  result.pixels = memory<uint32_t>(count, input);
  layer.pixels = {result.pixels.get(), width, height, stride};
  hold(layer.pixels.fits(count) && !layer.pixels.fits(count - 1));
  if (kind & 64) {
    result.opacity = memory<uint8_t>(count, input);
    layer.opacity = result.opacity.get();
  }
  return result;
}

// The definition, for one pixel.
uint32_t expected(int64_t x, int64_t y, const std::vector<OwnedLayer>& layers,
                  uint32_t background) {
  uint32_t color = background & 0xffffff;
  for (size_t index = layers.size(); index > 0; --index) {
    const Layer& layer = layers[index - 1].layer;
    const Rectangle& place = layer.place;
    if (x < place.left || y < place.top || x >= place.right || y >= place.bottom) continue;
    const int64_t column = x - place.left + layer.origin.x;
    const int64_t line = y - place.top + layer.origin.y;
    if (column < 0 || line < 0 || column >= layer.pixels.width || line >= layer.pixels.height)
      continue;
    const int64_t at = line * layer.pixels.stride + column;
    const uint32_t own = expected_mix(layer.color, layer.pixels.elements[at], layer.tint);
    color = layer.opacity == nullptr ? own : expected_mix(own, color, layer.opacity[at]);
  }
  return color;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const int64_t width = input.value<uint8_t>() % 48 + 1;
  const int64_t height = input.value<uint8_t>() % 32 + 1;
  const auto count = static_cast<size_t>(width * height);
  const Rectangle drawn = rectangle(input);
  const auto background = input.value<uint32_t>();
  const size_t layer_count = input.value<uint8_t>() % 5;
  std::vector<OwnedLayer> owned;
  std::vector<Layer> layers;
  for (size_t index = 0; index < layer_count; ++index) {
    owned.push_back(take_layer(input));
    layers.push_back(owned.back().layer);
  }
  const auto pixels = memory<uint32_t>(count, input);
  const std::vector<uint32_t> before(pixels.get(), pixels.get() + count);
  compose({pixels.get(), width, height, width}, drawn, layers, background);
  for (int64_t y = 0; y < height; ++y)
    for (int64_t x = 0; x < width; ++x) {
      const auto at = static_cast<size_t>(y * width + x);
      const bool inside = x >= drawn.left && y >= drawn.top && x < drawn.right && y < drawn.bottom;
      if (inside)
        hold((pixels[at] & 0xffffff) == expected(x, y, owned, background));
      else
        hold(pixels[at] == before[at]);
    }
  return 0;
}
