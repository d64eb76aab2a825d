// A stretch of a client's dataspace, mapped for a device to read from and write into.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bulkhead {

// The dataspace is shared with a peer that may be hostile: it can change the bytes at any time, so
// nothing here is ever parsed in place, but it must not be able to take pages away, which would
// raise SIGBUS in this process.
class DataspaceWindow {
 public:
  DataspaceWindow() = default;
  DataspaceWindow(DataspaceWindow&& other) noexcept;
  DataspaceWindow& operator=(DataspaceWindow&& other) noexcept;
  ~DataspaceWindow();

  // Maps `length` bytes from `offset` (a multiple of the page size). `length` 0 means up to the
  // end. -EPERM when the memfd is not sealed against shrinking, -EINVAL when the range is not
  // inside of it, not page aligned, empty or over 4 GiB; else mmap's errors. The descriptor is not
  // kept.
  int map(int memfd, uint64_t offset, uint64_t length);

  bool mapped() const { return base_ != nullptr; }
  std::byte* base() const { return base_; }
  size_t length() const { return length_; }

  // The address of `length` bytes at `offset`, or null when they are not all inside.
  std::byte* range(uint64_t offset, uint64_t length) const {
    if (offset > length_ || length > length_ - offset) return nullptr;
    return base_ + offset;
  }

 private:
  void unmap();

  std::byte* base_ = nullptr;
  size_t length_ = 0;
};

}  // namespace bulkhead
