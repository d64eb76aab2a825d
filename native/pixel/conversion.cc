#include "conversion.h"

#include <algorithm>
#include <cstring>

namespace bulkhead::pixel {

namespace {

constexpr unsigned widest = 8;

bool inside(const Channel& channel, unsigned bits) {
  return channel.length >= 1 && channel.length <= widest && channel.offset <= bits &&
         channel.length <= bits - channel.offset;
}

// A channel of 8 bits, at its place among those of a pixel.
uint32_t placed(uint32_t value, const Channel& channel) {
  return (value >> (widest - channel.length)) << channel.offset;
}

}  // namespace

bool Form::valid() const {
  const unsigned bits = 8 * bytes;
  return bytes >= 1 && bytes <= 4 && inside(red, bits) && inside(green, bits) && inside(blue, bits);
}

bool ByteScreen::fits() const {
  constexpr int64_t longest = 1 << 24;
  if (!form.valid() || width <= 0 || height <= 0 || width > longest || height > longest ||
      stride < width * form.bytes || stride > longest)
    return false;
  return static_cast<uint64_t>((height - 1) * stride + width * form.bytes) <= bytes.size();
}

void copy_as_form(const ByteScreen& target, Point to, const Source& source, const Rectangle& from) {
  if (!target.fits()) return;
  const Point by{to.x - from.left, to.y - from.top};
  const Rectangle bounds{0, 0, target.width, target.height};
  const Rectangle part =
      from.within(source.bounds()).moved(by).within(bounds).moved({-by.x, -by.y});
  if (part.empty()) return;
  const Form& form = target.form;
  for (int64_t y = part.top; y < part.bottom; ++y) {
    uint8_t* pixel =
        target.bytes.data() + (y + by.y) * target.stride + (part.left + by.x) * form.bytes;
    const uint32_t* color = source.at(part.left, y);
    for (int64_t left = part.width(); left > 0; --left, pixel += form.bytes, ++color) {
      // Read once: whoever shares the source may change it.
      const uint32_t value = *const_cast<const volatile uint32_t*>(color);
      const uint32_t bits = placed(value >> 16 & 0xff, form.red) |
                            placed(value >> 8 & 0xff, form.green) | placed(value & 0xff, form.blue);
      std::memcpy(pixel, &bits, form.bytes);
    }
  }
}

}  // namespace bulkhead::pixel
