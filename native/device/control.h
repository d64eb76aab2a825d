// ioctl as the devices need it.
#pragma once

#include <sys/ioctl.h>

#include <cerrno>

namespace bulkhead {

// What the driver answers, or -errno. A signal does not end it.
inline int control(int descriptor, unsigned long request, const void* argument) {
  int status;
  do status = ioctl(descriptor, request, argument);
  while (status < 0 && errno == EINTR);
  return status < 0 ? -errno : status;
}

}  // namespace bulkhead
