// The stretches of clients' dataspaces that one device reads from and writes into, by index.
#pragma once

#include <cerrno>
#include <cstdint>

#include "dataspace-window.h"

namespace bulkhead {

inline constexpr uint32_t device_buffer_limit = 64;

class DeviceBuffers {
 public:
  // Maps a stretch as DataspaceWindow::map does; returns its index, or -errno: -ENOSPC when
  // device_buffer_limit are known.
  int add(int memfd, uint64_t offset, uint64_t length) {
    for (uint32_t index = 0; index < device_buffer_limit; ++index) {
      if (windows_[index].mapped()) continue;
      const int error = windows_[index].map(memfd, offset, length);
      return error < 0 ? error : static_cast<int>(index);
    }
    return -ENOSPC;
  }

  // Null for an unknown index.
  const DataspaceWindow* find(uint32_t index) const {
    return index < device_buffer_limit && windows_[index].mapped() ? &windows_[index] : nullptr;
  }

  // -ENOENT for an unknown index.
  int remove(uint32_t index) {
    if (find(index) == nullptr) return -ENOENT;
    windows_[index] = DataspaceWindow();
    return 0;
  }

 private:
  DataspaceWindow windows_[device_buffer_limit];
};

}  // namespace bulkhead
