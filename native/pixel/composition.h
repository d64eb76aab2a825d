// Draws a part of a screen: pictures in front of each other, some of them translucent.
#pragma once

#include <cstdint>
#include <span>

#include "picture.h"

namespace bulkhead::pixel {

// Pixels somewhere on the target.
struct Layer {
  Source pixels;
  // As many bytes as the picture has pixels, in lines of its stride; null: opaque.
  const uint8_t* opacity = nullptr;
  // Where it lies on the target.
  Rectangle place;
  // Which of the pixels is at the top left of its place.
  Point origin;
  // How much of `color` is mixed in, of 255.
  uint32_t color = 0;
  uint8_t tint = 0;
};

// Draws `rectangle` of the target: layers from the front to the back, and `background` where none
// is.
void compose(const Pixels& target, const Rectangle& rectangle, std::span<const Layer> layers,
             uint32_t background);

}  // namespace bulkhead::pixel
