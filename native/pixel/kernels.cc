#include "kernels.h"

#include <algorithm>

#include "scalar-row.h"

namespace bulkhead::pixel {

namespace {
void fill_row(uint32_t* target, uint32_t color, size_t count) { std::fill_n(target, count, color); }
}  // namespace

const Kernels scalar_kernels = {"scalar", fill_row, blend_row, tint_row, rgb565_row};

#if defined(__x86_64__)
extern const Kernels sse2_kernels;
extern const Kernels avx2_kernels;

const Kernels* const* usable_kernels() {
  static const Kernels* const all[] = {&avx2_kernels, &sse2_kernels, &scalar_kernels, nullptr};
  return __builtin_cpu_supports("avx2") ? all : all + 1;
}
#elif defined(__aarch64__)
extern const Kernels neon_kernels;

const Kernels* const* usable_kernels() {
  static const Kernels* const all[] = {&neon_kernels, &scalar_kernels, nullptr};
  return all;
}
#else
const Kernels* const* usable_kernels() {
  static const Kernels* const all[] = {&scalar_kernels, nullptr};
  return all;
}
#endif

}  // namespace bulkhead::pixel
