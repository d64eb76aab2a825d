// Four pixels at a time, which every x86-64 processor can.
#if defined(__x86_64__)

#include <emmintrin.h>

#include <cstring>

#include "kernels.h"
#include "scalar-row.h"

namespace bulkhead::pixel {

namespace {

__m128i load(const uint32_t* pixels) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(pixels));
}

void store(uint32_t* pixels, __m128i value) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(pixels), value);
}

// Eight channels as words: over * weight + under * (255 - weight), divided by 255.
__m128i mixed_words(__m128i over, __m128i under, __m128i weight) {
  const __m128i rest = _mm_sub_epi16(_mm_set1_epi16(255), weight);
  __m128i sum = _mm_add_epi16(_mm_mullo_epi16(over, weight), _mm_mullo_epi16(under, rest));
  sum = _mm_add_epi16(sum, _mm_set1_epi16(128));
  return _mm_srli_epi16(_mm_add_epi16(sum, _mm_srli_epi16(sum, 8)), 8);
}

// Four pixels, with a weight in each byte.
__m128i mixed_pixels(__m128i over, __m128i under, __m128i weights) {
  const __m128i zero = _mm_setzero_si128();
  const __m128i low = mixed_words(_mm_unpacklo_epi8(over, zero), _mm_unpacklo_epi8(under, zero),
                                  _mm_unpacklo_epi8(weights, zero));
  const __m128i high = mixed_words(_mm_unpackhi_epi8(over, zero), _mm_unpackhi_epi8(under, zero),
                                   _mm_unpackhi_epi8(weights, zero));
  return _mm_packus_epi16(low, high);
}

void fill(uint32_t* target, uint32_t color, size_t count) {
  const __m128i four = _mm_set1_epi32(static_cast<int>(color));
  size_t i = 0;
  for (; i + 4 <= count; i += 4) store(target + i, four);
  for (; i < count; ++i) target[i] = color;
}

void blend(uint32_t* target, const uint32_t* source, const uint8_t* opacity, size_t count) {
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    uint32_t four;
    std::memcpy(&four, opacity + i, sizeof four);
    if (four == 0) continue;
    if (four == 0xffffffff) {
      store(target + i, load(source + i));
      continue;
    }
    // Each byte four times.
    __m128i weights = _mm_cvtsi32_si128(static_cast<int>(four));
    weights = _mm_unpacklo_epi8(weights, weights);
    weights = _mm_unpacklo_epi16(weights, weights);
    store(target + i, mixed_pixels(load(source + i), load(target + i), weights));
  }
  blend_row(target + i, source + i, opacity + i, count - i);
}

void tint(uint32_t* target, const uint32_t* source, uint32_t color, uint8_t amount, size_t count) {
  const __m128i over = _mm_set1_epi32(static_cast<int>(color));
  const __m128i weights = _mm_set1_epi8(static_cast<char>(amount));
  size_t i = 0;
  for (; i + 4 <= count; i += 4) store(target + i, mixed_pixels(over, load(source + i), weights));
  tint_row(target + i, source + i, color, amount, count - i);
}

// Four packed pixels, one in each lane of 32 bits.
__m128i packed(__m128i pixels) {
  const __m128i red = _mm_and_si128(_mm_srli_epi32(pixels, 8), _mm_set1_epi32(0xf800));
  const __m128i green = _mm_and_si128(_mm_srli_epi32(pixels, 5), _mm_set1_epi32(0x07e0));
  const __m128i blue = _mm_and_si128(_mm_srli_epi32(pixels, 3), _mm_set1_epi32(0x001f));
  return _mm_or_si128(_mm_or_si128(red, green), blue);
}

void rgb565(uint16_t* target, const uint32_t* source, size_t count) {
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    // Packing saturates as signed, so the words keep their sign meanwhile.
    const __m128i low = _mm_srai_epi32(_mm_slli_epi32(packed(load(source + i)), 16), 16);
    const __m128i high = _mm_srai_epi32(_mm_slli_epi32(packed(load(source + i + 4)), 16), 16);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(target + i), _mm_packs_epi32(low, high));
  }
  rgb565_row(target + i, source + i, count - i);
}

}  // namespace

extern const Kernels sse2_kernels;
const Kernels sse2_kernels = {"SSE2", fill, blend, tint, rgb565};

}  // namespace bulkhead::pixel

#endif
