// Rectangles of pixels, in numbers so wide that nothing that a client says makes a sum overflow.
#pragma once

#include <algorithm>
#include <cstdint>

namespace bulkhead::pixel {

struct Point {
  int64_t x = 0;
  int64_t y = 0;
};

// From the point (left, top) to before the point (right, bottom).
struct Rectangle {
  int64_t left = 0;
  int64_t top = 0;
  int64_t right = 0;
  int64_t bottom = 0;

  bool empty() const { return right <= left || bottom <= top; }
  int64_t width() const { return right - left; }
  int64_t height() const { return bottom - top; }

  Rectangle within(const Rectangle& other) const {
    return {std::max(left, other.left), std::max(top, other.top), std::min(right, other.right),
            std::min(bottom, other.bottom)};
  }
  bool covers(const Rectangle& other) const {
    return left <= other.left && top <= other.top && right >= other.right && bottom >= other.bottom;
  }
  Rectangle moved(Point by) const { return {left + by.x, top + by.y, right + by.x, bottom + by.y}; }
};

}  // namespace bulkhead::pixel
