// What the fuzz targets share: memory as a peer may leave it, and input cut into pieces.
//
//   scripts/fuzz [--seconds N] [NAMES]
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

// Memory on a cache line of exactly `bytes` bytes, so that AddressSanitizer sees one byte too far.
class HostileMemory {
 public:
  explicit HostileMemory(size_t bytes)
      : bytes_(bytes), base_(static_cast<std::byte*>(std::aligned_alloc(64, bytes)), std::free) {
    std::memset(base_.get(), 0, bytes);
  }
  std::byte* base() const { return base_.get(); }
  size_t bytes() const { return bytes_; }

 private:
  size_t bytes_;
  std::unique_ptr<std::byte, void (*)(void*)> base_;
};

class Input {
 public:
  Input(const uint8_t* data, size_t size) : data_(data), left_(size) {}
  bool empty() const { return left_ == 0; }
  size_t left() const { return left_; }
  // As many of `bytes` as there are; the rest of `to` stays as it is.
  void copy(void* to, size_t bytes) {
    const size_t count = std::min(bytes, left_);
    if (count > 0) std::memcpy(to, data_, count);
    data_ += count;
    left_ -= count;
  }
  template <typename Value>
  Value value() {
    Value value{};
    copy(&value, sizeof value);
    return value;
  }

 private:
  const uint8_t* data_;
  size_t left_;
};

// A property of the code under test; its failure is a finding.
inline void hold(bool property) {
  if (!property) std::abort();
}
