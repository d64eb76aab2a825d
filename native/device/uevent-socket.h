// Announcements of devices: a netlink socket that the host opens and a component reads.
#pragma once

#include <sys/types.h>

#include <cstddef>

#include "descriptor.h"

namespace bulkhead {

// Who announces: the kernel at once, or udevd when its rules have run.
enum class UeventSource : unsigned { kernel = 1, udev = 2 };

// Opens the socket in the calling process's network namespace, with room for some ten thousand
// announcements as far as the rights allow. 0 or -errno.
int open_uevent_socket(UeventSource source, Descriptor& descriptor);

// The next announcement: its bytes, or -EAGAIN when none waits, -ENOBUFS when some were lost since
// the last call, -errno. Never blocks. What was not sent to a group is no announcement and is
// dropped: the kernel lets only privileged processes send to one.
ssize_t read_uevent(int descriptor, void* bytes, size_t capacity);

}  // namespace bulkhead
