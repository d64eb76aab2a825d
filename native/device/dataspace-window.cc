#include "dataspace-window.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace bulkhead {

DataspaceWindow::DataspaceWindow(DataspaceWindow&& other) noexcept
    : base_(std::exchange(other.base_, nullptr)), length_(std::exchange(other.length_, 0)) {}

DataspaceWindow& DataspaceWindow::operator=(DataspaceWindow&& other) noexcept {
  if (this != &other) {
    unmap();
    base_ = std::exchange(other.base_, nullptr);
    length_ = std::exchange(other.length_, 0);
  }
  return *this;
}

DataspaceWindow::~DataspaceWindow() { unmap(); }

void DataspaceWindow::unmap() {
  if (base_ != nullptr) munmap(base_, length_);
  base_ = nullptr;
  length_ = 0;
}

int DataspaceWindow::map(int memfd, uint64_t offset, uint64_t length) {
  const int seals = fcntl(memfd, F_GET_SEALS);
  if (seals < 0) return errno == EINVAL ? -EPERM : -errno;
  if ((seals & F_SEAL_SHRINK) == 0) return -EPERM;

  // The size may be trusted from here on: the seal is checked, and seals cannot be taken back.
  struct stat facts;
  if (fstat(memfd, &facts) < 0) return -errno;
  const uint64_t size = static_cast<uint64_t>(facts.st_size);
  const uint64_t page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  if (offset > size || offset % page != 0) return -EINVAL;
  if (length == 0) length = size - offset;
  if (length == 0 || length > size - offset || length > UINT32_MAX) return -EINVAL;

  void* base =
      mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, static_cast<off_t>(offset));
  if (base == MAP_FAILED) return -errno;
  unmap();
  base_ = static_cast<std::byte*>(base);
  length_ = length;
  return 0;
}

}  // namespace bulkhead
