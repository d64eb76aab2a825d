#include "notification.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

namespace bulkhead {

int send_notification(std::string_view address, std::string_view lines) {
  if (address.size() < 2 || (address[0] != '/' && address[0] != '@')) return -EAFNOSUPPORT;
  sockaddr_un peer{};
  peer.sun_family = AF_UNIX;
  // Room for the zero byte that ends a path, which a name of the abstract namespace does not have.
  if (address.size() >= sizeof peer.sun_path) return -ENAMETOOLONG;
  memcpy(peer.sun_path, address.data(), address.size());
  socklen_t size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
  if (address[0] == '@')
    peer.sun_path[0] = 0;
  else
    size++;
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return -errno;
  const ssize_t sent = sendto(socket, lines.data(), lines.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                              reinterpret_cast<const sockaddr*>(&peer), size);
  const int result = sent < 0 ? -errno : 0;
  close(socket);
  return result;
}

}  // namespace bulkhead
