// What is done to a row of pixels, in the fastest way that this processor has. A pixel is
// 0xXXRRGGBB; what is written to the byte that is not used is of no meaning. All ways give the same
// bytes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bulkhead::pixel {

struct Kernels {
  const char* name;
  void (*fill)(uint32_t* target, uint32_t color, size_t count);
  // target = source * opacity + target * (1 - opacity), each channel rounded to the nearest; 255 is
  // all of the source.
  void (*blend)(uint32_t* target, const uint32_t* source, const uint8_t* opacity, size_t count);
  // target = color * amount + source * (1 - amount), for one amount of 0 to 255.
  void (*tint)(uint32_t* target, const uint32_t* source, uint32_t color, uint8_t amount,
               size_t count);
  // The upper bits of each channel: 5 of red, 6 of green, 5 of blue.
  void (*rgb565)(uint16_t* target, const uint32_t* source, size_t count);
};

// The reference, in plain C++.
extern const Kernels scalar_kernels;

// Those that this processor can run, the fastest first; the last are the scalar ones. Ends with
// null.
const Kernels* const* usable_kernels();

inline const Kernels& kernels() {
  static const Kernels& fastest = *usable_kernels()[0];
  return fastest;
}

}  // namespace bulkhead::pixel
