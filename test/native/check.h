// The smallest test harness that reports what failed and where. A test program ends with `return
// summary();`.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace check {

inline int passed = 0;
inline int failed = 0;
inline int skipped = 0;
inline bool current_failed = false;

inline void expect(bool held, const char* text, const char* file, int line) {
  if (held) return;
  if (!current_failed) std::fprintf(stderr, "%s:%d: expected %s\n", file, line, text);
  current_failed = true;
}

template <typename Left, typename Right>
void expect_equal(const Left& left, const Right& right, const char* text, const char* file,
                  int line) {
  if (left == right) return;
  if (!current_failed) {
    std::fprintf(stderr, "%s:%d: expected %s: %lld and %lld\n", file, line, text,
                 static_cast<long long>(left), static_cast<long long>(right));
  }
  current_failed = true;
}

// Runs one named test. After its first failed expectation, further ones of the same test stay
// silent.
template <typename Body>
void test(const char* name, Body body) {
  current_failed = false;
  body();
  if (current_failed) {
    std::fprintf(stderr, "FAILED %s\n", name);
    ++failed;
  } else {
    ++passed;
  }
}

inline int summary() {
  std::printf("%d passed, %d failed, %d skipped\n", passed, failed, skipped);
  return failed == 0 ? 0 : 1;
}

// A small seeded generator (xorshift64*), so that a failure can be run again.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15u + 1) {}
  uint32_t next() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return static_cast<uint32_t>((state_ * 0x2545f4914f6cdd1du) >> 32);
  }
  // From 0 to bound - 1.
  uint32_t below(uint32_t bound) { return static_cast<uint32_t>((uint64_t{next()} * bound) >> 32); }
  bool one_in(uint32_t count) { return below(count) == 0; }

 private:
  uint64_t state_;
};

// The number after `--name`, or `fallback`.
inline uint64_t option(int argc, char** argv, const char* name, uint64_t fallback) {
  for (int index = 1; index + 1 < argc; ++index) {
    if (std::strcmp(argv[index], name) == 0) return std::strtoull(argv[index + 1], nullptr, 0);
  }
  return fallback;
}

}  // namespace check

#define EXPECT(condition) check::expect((condition), #condition, __FILE__, __LINE__)
#define EXPECT_EQUAL(left, right) \
  check::expect_equal((left), (right), #left " == " #right, __FILE__, __LINE__)
