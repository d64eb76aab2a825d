// Pictures in memory, and what is done to rectangles of them. The memory may be shared with
// somebody hostile: its bytes may change at any time, and nothing here depends on them. Rectangles
// may be anything: what lies outside of a picture is left out.
#pragma once

#include <cstddef>
#include <cstdint>

#include "rectangle.h"

namespace bulkhead::pixel {

// Lines of `stride` elements each, the first `width` of which are the picture's.
template <typename Element>
struct Picture {
  Element* elements = nullptr;
  int64_t width = 0;
  int64_t height = 0;
  int64_t stride = 0;

  Rectangle bounds() const { return {0, 0, width, height}; }
  Element* at(int64_t x, int64_t y) const { return elements + y * stride + x; }

  // Whether `count` elements of memory hold it.
  bool fits(uint64_t count) const {
    constexpr int64_t longest = 1 << 24;
    if (width <= 0 || height <= 0 || stride < width || stride > longest || height > longest)
      return false;
    return static_cast<uint64_t>((height - 1) * stride + width) <= count;
  }
};

using Pixels = Picture<uint32_t>;
using Source = Picture<const uint32_t>;

void fill(const Pixels& target, const Rectangle& rectangle, uint32_t color);

// Copies `from` of the source so that its top left comes to `to`. They share no memory.
void copy(const Pixels& target, Point to, const Source& source, const Rectangle& from);

// As copy, for screens of 16 bits a pixel.
void copy_as_rgb565(const Picture<uint16_t>& target, Point to, const Source& source,
                    const Rectangle& from);

}  // namespace bulkhead::pixel
