// Four pixels at a time, which every arm64 processor can.
#if defined(__aarch64__)

#include <arm_neon.h>

#include <cstring>

#include "kernels.h"
#include "scalar-row.h"

namespace bulkhead::pixel {

namespace {

uint8x16_t load(const uint32_t* pixels) { return vreinterpretq_u8_u32(vld1q_u32(pixels)); }

void store(uint32_t* pixels, uint8x16_t value) { vst1q_u32(pixels, vreinterpretq_u32_u8(value)); }

// (sum + 128 + ((sum + 128) >> 8)) >> 8
uint8x8_t divided(uint16x8_t sum) {
  const uint16x8_t rounded = vaddq_u16(sum, vdupq_n_u16(128));
  return vaddhn_u16(rounded, vshrq_n_u16(rounded, 8));
}

// Four pixels, with a weight in each byte.
uint8x16_t mixed_pixels(uint8x16_t over, uint8x16_t under, uint8x16_t weights) {
  const uint8x16_t rest = vmvnq_u8(weights);
  const uint16x8_t low = vmlal_u8(vmull_u8(vget_low_u8(over), vget_low_u8(weights)),
                                  vget_low_u8(under), vget_low_u8(rest));
  const uint16x8_t high = vmlal_high_u8(vmull_high_u8(over, weights), under, rest);
  return vcombine_u8(divided(low), divided(high));
}

void fill(uint32_t* target, uint32_t color, size_t count) {
  const uint32x4_t four = vdupq_n_u32(color);
  size_t i = 0;
  for (; i + 4 <= count; i += 4) vst1q_u32(target + i, four);
  for (; i < count; ++i) target[i] = color;
}

void blend(uint32_t* target, const uint32_t* source, const uint8_t* opacity, size_t count) {
  static const uint8_t four_times[16] = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3};
  const uint8x16_t places = vld1q_u8(four_times);
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    uint32_t four;
    std::memcpy(&four, opacity + i, sizeof four);
    if (four == 0) continue;
    if (four == 0xffffffff) {
      store(target + i, load(source + i));
      continue;
    }
    const uint8x16_t weights = vqtbl1q_u8(vreinterpretq_u8_u32(vdupq_n_u32(four)), places);
    store(target + i, mixed_pixels(load(source + i), load(target + i), weights));
  }
  blend_row(target + i, source + i, opacity + i, count - i);
}

void tint(uint32_t* target, const uint32_t* source, uint32_t color, uint8_t amount, size_t count) {
  const uint8x16_t over = vreinterpretq_u8_u32(vdupq_n_u32(color));
  const uint8x16_t weights = vdupq_n_u8(amount);
  size_t i = 0;
  for (; i + 4 <= count; i += 4) store(target + i, mixed_pixels(over, load(source + i), weights));
  tint_row(target + i, source + i, color, amount, count - i);
}

uint32x4_t packed(uint32x4_t pixels) {
  const uint32x4_t red = vandq_u32(vshrq_n_u32(pixels, 8), vdupq_n_u32(0xf800));
  const uint32x4_t green = vandq_u32(vshrq_n_u32(pixels, 5), vdupq_n_u32(0x07e0));
  const uint32x4_t blue = vandq_u32(vshrq_n_u32(pixels, 3), vdupq_n_u32(0x001f));
  return vorrq_u32(vorrq_u32(red, green), blue);
}

void rgb565(uint16_t* target, const uint32_t* source, size_t count) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const uint16x4_t low = vmovn_u32(packed(vld1q_u32(source + i)));
    const uint16x4_t high = vmovn_u32(packed(vld1q_u32(source + i + 4)));
    vst1q_u16(target + i, vcombine_u16(low, high));
  }
  rgb565_row(target + i, source + i, count - i);
}

}  // namespace

extern const Kernels neon_kernels;
const Kernels neon_kernels = {"NEON", fill, blend, tint, rgb565};

}  // namespace bulkhead::pixel

#endif
