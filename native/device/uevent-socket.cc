#include "uevent-socket.h"

#include <linux/netlink.h>
#include <sys/socket.h>

#include <cerrno>

namespace bulkhead {

namespace {

// A datagram is charged with some 1 KiB of the kernel's own beside its text.
constexpr int receive_bytes = 16 << 20;

}  // namespace

int open_uevent_socket(UeventSource source, Descriptor& result) {
  Descriptor descriptor(
      socket(AF_NETLINK, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT));
  if (!descriptor.valid()) return -errno;
  // Beyond the system's limit with rights, up to it without; a smaller buffer only loses earlier,
  // and whoever reads hears of that.
  if (setsockopt(descriptor.number(), SOL_SOCKET, SO_RCVBUFFORCE, &receive_bytes,
                 sizeof receive_bytes) < 0)
    (void)setsockopt(descriptor.number(), SOL_SOCKET, SO_RCVBUF, &receive_bytes,
                     sizeof receive_bytes);
  sockaddr_nl address = {};
  address.nl_family = AF_NETLINK;
  address.nl_groups = static_cast<unsigned>(source);
  if (bind(descriptor.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0)
    return -errno;
  result = std::move(descriptor);
  return 0;
}

ssize_t read_uevent(int descriptor, void* bytes, size_t capacity) {
  for (;;) {
    sockaddr_nl sender = {};
    socklen_t length = sizeof sender;
    const ssize_t count = recvfrom(descriptor, bytes, capacity, MSG_DONTWAIT | MSG_TRUNC,
                                   reinterpret_cast<sockaddr*>(&sender), &length);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -errno;
    // Cut off, it would announce something else.
    if (sender.nl_groups == 0 || static_cast<size_t>(count) > capacity) continue;
    return count;
  }
}

}  // namespace bulkhead
