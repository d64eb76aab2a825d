// One pixel after another: the reference, and what is left over where a row is no multiple of a
// vector.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bulkhead::pixel {

// value / 255, rounded to the nearest, for values up to 255 * 255.
inline uint32_t divided_by_255(uint32_t value) {
  value += 128;
  return (value + (value >> 8)) >> 8;
}

// Each channel of `over` by `weight`, and of `under` by the rest.
inline uint32_t mixed(uint32_t over, uint32_t under, uint32_t weight) {
  uint32_t result = 0;
  for (int shift = 0; shift < 32; shift += 8) {
    const uint32_t sum = (over >> shift & 0xff) * weight + (under >> shift & 0xff) * (255 - weight);
    result |= divided_by_255(sum) << shift;
  }
  return result;
}

inline uint16_t packed565(uint32_t pixel) {
  return static_cast<uint16_t>((pixel >> 8 & 0xf800) | (pixel >> 5 & 0x07e0) |
                               (pixel >> 3 & 0x001f));
}

inline void blend_row(uint32_t* target, const uint32_t* source, const uint8_t* opacity,
                      size_t count) {
  for (size_t i = 0; i < count; ++i) target[i] = mixed(source[i], target[i], opacity[i]);
}

inline void tint_row(uint32_t* target, const uint32_t* source, uint32_t color, uint8_t amount,
                     size_t count) {
  for (size_t i = 0; i < count; ++i) target[i] = mixed(color, source[i], amount);
}

inline void rgb565_row(uint16_t* target, const uint32_t* source, size_t count) {
  for (size_t i = 0; i < count; ++i) target[i] = packed565(source[i]);
}

}  // namespace bulkhead::pixel
