#include "picture.h"

#include <cstring>

#include "kernels.h"

namespace bulkhead::pixel {

namespace {

// The part of `from` that lies in the source and, once it is at `to`, in the target; where it lies
// in the source.
Rectangle common(const Rectangle& target, Point to, const Rectangle& source,
                 const Rectangle& from) {
  const Point by{to.x - from.left, to.y - from.top};
  return from.within(source).moved(by).within(target).moved({-by.x, -by.y});
}

}  // namespace

void fill(const Pixels& target, const Rectangle& rectangle, uint32_t color) {
  const Rectangle part = rectangle.within(target.bounds());
  if (part.empty()) return;
  for (int64_t y = part.top; y < part.bottom; ++y)
    kernels().fill(target.at(part.left, y), color, static_cast<size_t>(part.width()));
}

void copy(const Pixels& target, Point to, const Source& source, const Rectangle& from) {
  const Rectangle part = common(target.bounds(), to, source.bounds(), from);
  if (part.empty()) return;
  const Point by{to.x - from.left, to.y - from.top};
  size_t bytes = static_cast<size_t>(part.width()) * sizeof(uint32_t);
  int64_t lines = part.height();
  if (part.width() == target.stride && part.width() == source.stride) {
    bytes *= static_cast<size_t>(lines);
    lines = 1;
  }
  for (int64_t y = part.top; y < part.top + lines; ++y)
    std::memcpy(target.at(part.left + by.x, y + by.y), source.at(part.left, y), bytes);
}

void copy_as_rgb565(const Picture<uint16_t>& target, Point to, const Source& source,
                    const Rectangle& from) {
  const Rectangle part = common(target.bounds(), to, source.bounds(), from);
  if (part.empty()) return;
  const Point by{to.x - from.left, to.y - from.top};
  for (int64_t y = part.top; y < part.bottom; ++y)
    kernels().rgb565(target.at(part.left + by.x, y + by.y), source.at(part.left, y),
                     static_cast<size_t>(part.width()));
}

}  // namespace bulkhead::pixel
