#include "channel-socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace bulkhead {

namespace {
constexpr size_t most_descriptors = 32;
}

int channel_socket_pair(int ends[2]) {
  return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0 ? 0
                                                                                          : -errno;
}

void send_doorbell(int socket) {
  // A failure is either EAGAIN (the peer has unread doorbells) or the peer's death, which reading
  // will report.
  (void)send(socket, &doorbell_byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

int64_t send_message(int socket, const void* bytes, size_t length, const int* descriptors,
                     size_t count) {
  if (count > most_descriptors) return -EINVAL;
  iovec part{const_cast<void*>(bytes), length};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * most_descriptors)] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (count > 0) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * count);
    std::memcpy(CMSG_DATA(header), descriptors, sizeof(int) * count);
  }
  ssize_t sent;
  do sent = sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : sent;
}

int64_t receive_message(int socket, void* bytes, size_t capacity, std::vector<int>& descriptors,
                        bool wait) {
  descriptors.clear();
  iovec part{bytes, capacity};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * most_descriptors)];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t received;
  for (;;) {
    received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (received >= 0) break;
    if (errno == EINTR) continue;
    if (errno != EAGAIN || !wait) break;
    pollfd readable{socket, POLLIN, 0};
    (void)poll(&readable, 1, -1);
  }
  if (received < 0) return -errno;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    const int* first = reinterpret_cast<const int*>(CMSG_DATA(header));
    descriptors.insert(descriptors.end(), first, first + count);
  }
  // Descriptors or bytes that did not fit are lost: the message cannot be trusted to be whole.
  if ((message.msg_flags & (MSG_CTRUNC | MSG_TRUNC)) != 0) {
    close_all(descriptors);
    return -EMSGSIZE;
  }
  return received;
}

int send_descriptors(int socket, uint32_t position, const int* descriptors, size_t count) {
  if (count == 0 || count > max_descriptors) return -EINVAL;
  const DescriptorTag tag{descriptor_type, static_cast<uint8_t>(count), 0, position};
  const int64_t sent = send_message(socket, &tag, sizeof tag, descriptors, count);
  return sent < 0 ? static_cast<int>(sent) : 0;
}

SocketNews read_channel_socket(int socket, ReceivedDescriptors& received) {
  uint8_t bytes[sizeof(DescriptorTag)];
  const int64_t length = receive_message(socket, bytes, sizeof bytes, received.descriptors, false);
  if (length == -EAGAIN || length == -EWOULDBLOCK) return SocketNews::nothing;
  if (length == -EMSGSIZE) return SocketNews::violation;
  if (length <= 0) {
    // A zero-length packet cannot be told from end-of-file, so both end the session.
    close_all(received.descriptors);
    return SocketNews::closed;
  }
  if (length == 1 && bytes[0] == doorbell_byte && received.descriptors.empty())
    return SocketNews::doorbell;
  DescriptorTag tag;
  std::memcpy(&tag, bytes, sizeof tag);
  if (length == sizeof tag && tag.type == descriptor_type && tag.count > 0 &&
      tag.count <= max_descriptors && tag.count == received.descriptors.size()) {
    received.position = tag.position;
    return SocketNews::descriptors;
  }
  close_all(received.descriptors);
  return SocketNews::violation;
}

void close_all(std::vector<int>& descriptors) {
  for (const int descriptor : descriptors) close(descriptor);
  descriptors.clear();
}

}  // namespace bulkhead
