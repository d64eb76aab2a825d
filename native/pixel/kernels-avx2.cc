// Eight pixels at a time. Compiled for processors with AVX2 whatever the rest is compiled for, and
// called on those only.
#if defined(__x86_64__)

#include <immintrin.h>

#include <cstring>

#include "kernels.h"
#include "scalar-row.h"

#define BULKHEAD_AVX2 __attribute__((target("avx2")))

namespace bulkhead::pixel {

namespace {

BULKHEAD_AVX2 inline __m256i load(const uint32_t* pixels) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(pixels));
}

BULKHEAD_AVX2 inline void store(uint32_t* pixels, __m256i value) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(pixels), value);
}

// Sixteen channels as words: over * weight + under * (255 - weight), divided by 255.
BULKHEAD_AVX2 inline __m256i mixed_words(__m256i over, __m256i under, __m256i weight) {
  const __m256i rest = _mm256_sub_epi16(_mm256_set1_epi16(255), weight);
  __m256i sum = _mm256_add_epi16(_mm256_mullo_epi16(over, weight), _mm256_mullo_epi16(under, rest));
  sum = _mm256_add_epi16(sum, _mm256_set1_epi16(128));
  return _mm256_srli_epi16(_mm256_add_epi16(sum, _mm256_srli_epi16(sum, 8)), 8);
}

// Eight pixels, with a weight in each byte.
BULKHEAD_AVX2 inline __m256i mixed_pixels(__m256i over, __m256i under, __m256i weights) {
  const __m256i zero = _mm256_setzero_si256();
  const __m256i low =
      mixed_words(_mm256_unpacklo_epi8(over, zero), _mm256_unpacklo_epi8(under, zero),
                  _mm256_unpacklo_epi8(weights, zero));
  const __m256i high =
      mixed_words(_mm256_unpackhi_epi8(over, zero), _mm256_unpackhi_epi8(under, zero),
                  _mm256_unpackhi_epi8(weights, zero));
  return _mm256_packus_epi16(low, high);
}

BULKHEAD_AVX2 void fill(uint32_t* target, uint32_t color, size_t count) {
  const __m256i eight = _mm256_set1_epi32(static_cast<int>(color));
  size_t i = 0;
  for (; i + 8 <= count; i += 8) store(target + i, eight);
  for (; i < count; ++i) target[i] = color;
}

BULKHEAD_AVX2 void blend(uint32_t* target, const uint32_t* source, const uint8_t* opacity,
                         size_t count) {
  const __m256i four_times = _mm256_setr_epi8(0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12, 0,
                                              0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8, 12, 12, 12, 12);
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    uint64_t eight;
    std::memcpy(&eight, opacity + i, sizeof eight);
    if (eight == 0) continue;
    if (eight == ~uint64_t{0}) {
      store(target + i, load(source + i));
      continue;
    }
    const __m256i lanes = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(static_cast<int64_t>(eight)));
    const __m256i weights = _mm256_shuffle_epi8(lanes, four_times);
    store(target + i, mixed_pixels(load(source + i), load(target + i), weights));
  }
  blend_row(target + i, source + i, opacity + i, count - i);
}

BULKHEAD_AVX2 void tint(uint32_t* target, const uint32_t* source, uint32_t color, uint8_t amount,
                        size_t count) {
  const __m256i over = _mm256_set1_epi32(static_cast<int>(color));
  const __m256i weights = _mm256_set1_epi8(static_cast<char>(amount));
  size_t i = 0;
  for (; i + 8 <= count; i += 8) store(target + i, mixed_pixels(over, load(source + i), weights));
  tint_row(target + i, source + i, color, amount, count - i);
}

BULKHEAD_AVX2 inline __m256i packed(__m256i pixels) {
  const __m256i red = _mm256_and_si256(_mm256_srli_epi32(pixels, 8), _mm256_set1_epi32(0xf800));
  const __m256i green = _mm256_and_si256(_mm256_srli_epi32(pixels, 5), _mm256_set1_epi32(0x07e0));
  const __m256i blue = _mm256_and_si256(_mm256_srli_epi32(pixels, 3), _mm256_set1_epi32(0x001f));
  return _mm256_or_si256(_mm256_or_si256(red, green), blue);
}

BULKHEAD_AVX2 void rgb565(uint16_t* target, const uint32_t* source, size_t count) {
  size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    const __m256i both =
        _mm256_packus_epi32(packed(load(source + i)), packed(load(source + i + 8)));
    // Packing works in halves: their quarters are in the order 0, 2, 1, 3.
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(target + i),
                        _mm256_permute4x64_epi64(both, 0b11011000));
  }
  rgb565_row(target + i, source + i, count - i);
}

}  // namespace

extern const Kernels avx2_kernels;
const Kernels avx2_kernels = {"AVX2", fill, blend, tint, rgb565};

}  // namespace bulkhead::pixel

#endif
