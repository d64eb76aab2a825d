#include "composition.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "kernels.h"

namespace bulkhead::pixel {

namespace {

// Pixels that are tinted at once, so that they stay in the cache.
constexpr size_t chunk = 512;

// Pixels of all layers that are drawn at once.
constexpr int64_t band_pixels = 8192;

// The part of a layer's place where it has pixels.
Rectangle filled(const Layer& layer) {
  const Point by{layer.place.left - layer.origin.x, layer.place.top - layer.origin.y};
  return layer.place.within(layer.pixels.bounds().moved(by));
}

void draw_row(uint32_t* target, const uint32_t* source, const uint8_t* opacity, const Layer& layer,
              size_t count) {
  const Kernels& row = kernels();
  if (layer.tint == 0) {
    if (opacity == nullptr)
      std::memcpy(target, source, count * sizeof(uint32_t));
    else
      row.blend(target, source, opacity, count);
    return;
  }
  if (opacity == nullptr) return row.tint(target, source, layer.color, layer.tint, count);
  std::array<uint32_t, chunk> tinted;
  for (size_t done = 0; done < count; done += chunk) {
    const size_t now = std::min(chunk, count - done);
    row.tint(tinted.data(), source + done, layer.color, layer.tint, now);
    row.blend(target + done, tinted.data(), opacity + done, now);
  }
}

void draw(const Pixels& target, const Rectangle& rectangle, const Layer& layer) {
  const Rectangle part = filled(layer).within(rectangle);
  if (part.empty()) return;
  const Point by{layer.origin.x - layer.place.left, layer.origin.y - layer.place.top};
  for (int64_t y = part.top; y < part.bottom; ++y) {
    const int64_t offset = (y + by.y) * layer.pixels.stride + part.left + by.x;
    const uint8_t* opacity = layer.opacity == nullptr ? nullptr : layer.opacity + offset;
    draw_row(target.at(part.left, y), layer.pixels.elements + offset, opacity, layer,
             static_cast<size_t>(part.width()));
  }
}

}  // namespace

void compose(const Pixels& target, const Rectangle& rectangle, std::span<const Layer> layers,
             uint32_t background) {
  const Rectangle part = rectangle.within(target.bounds());
  if (part.empty()) return;
  // Nothing behind a layer that hides everything is seen.
  const auto hiding = std::find_if(layers.begin(), layers.end(), [&](const Layer& layer) {
    return layer.opacity == nullptr && filled(layer).covers(part);
  });
  if (hiding == layers.end()) fill(target, part, background);
  const size_t seen =
      static_cast<size_t>(hiding - layers.begin()) + (hiding == layers.end() ? 0 : 1);
  for (size_t index = seen; index > 0; --index) draw(target, part, layers[index - 1]);
}

}  // namespace bulkhead::pixel
