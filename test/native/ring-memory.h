// Memory for tests of the rings within one process.
#pragma once

#include <cstdlib>
#include <cstring>
#include <memory>

#include "../../native/core/ring.h"

namespace bulkhead {

// Zeroed memory on a cache line, as a fresh dataspace is.
class Memory {
 public:
  explicit Memory(size_t bytes)
      : bytes_((bytes + 63) / 64 * 64),
        base_(static_cast<std::byte*>(std::aligned_alloc(64, bytes_)), std::free) {
    std::memset(base_.get(), 0, bytes_);
  }
  std::byte* base() const { return base_.get(); }
  size_t bytes() const { return bytes_; }
  void store(size_t offset, uint32_t value) const { word_at(base(), offset).store(value); }
  uint32_t load(size_t offset) const { return word_at(base(), offset).load(); }

 private:
  size_t bytes_;
  std::unique_ptr<std::byte, void (*)(void*)> base_;
};

}  // namespace bulkhead
