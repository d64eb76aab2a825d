// What mixing two pixels is by its definition, in another way than the kernels do it.
#pragma once

#include <cmath>
#include <cstdint>

// `amount` of 255 parts are of `over`; each channel is rounded to the nearest.
inline uint32_t expected_mix(uint32_t over, uint32_t under, uint32_t amount) {
  uint32_t result = 0;
  for (int shift = 0; shift < 24; shift += 8) {
    const double a = over >> shift & 0xff;
    const double b = under >> shift & 0xff;
    result |= static_cast<uint32_t>(std::lround((a * amount + b * (255 - amount)) / 255)) << shift;
  }
  return result;
}
