#include "net-device.h"

#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace bulkhead {

namespace {

// What says that the kernel refuses this one frame, as opposed to the device or its queue.
bool refuses_frame(int error) {
  return error == EINVAL || error == EMSGSIZE || error == EFAULT || error == E2BIG ||
         error == EPROTO;
}

constexpr uint32_t ethernet_bytes = 14;

uint32_t header_of(NetLayout layout) { return static_cast<uint32_t>(layout); }

// An empty packet on a pair would even read as its end.
uint32_t least_frame(NetLayout layout) { return header_of(layout) + ethernet_bytes; }

// VIRTIO_NET_HDR_F_NEEDS_CSUM, whose header C++ cannot read.
constexpr uint8_t needs_checksum = 1;

constexpr std::byte zero_header[net_header_bytes] = {};

// Where one frame goes, or comes from: the device's header, and the rest.
struct Places {
  std::byte header[net_header_bytes];
  iovec vectors[3];
  int count;

  void describe(std::byte* frame, uint32_t length, NetLayout layout,
                const std::byte* plain_header) {
    switch (layout) {
      case NetLayout::device:
        vectors[0] = {frame, length};
        count = 1;
        break;
      case NetLayout::plain:
        vectors[0] = {const_cast<std::byte*>(plain_header), net_header_bytes};
        vectors[1] = {frame, length};
        count = 2;
        break;
      case NetLayout::virtio:
        vectors[0] = {frame, net_header_bytes};
        vectors[1] = {frame + header_of(layout), length - header_of(layout)};
        count = 2;
        break;
    }
  }
  void receive(std::byte* frame, uint32_t length, NetLayout layout) {
    describe(frame, length, layout, header);
  }
  void send(std::byte* frame, uint32_t length, NetLayout layout) {
    describe(frame, length, layout, zero_header);
  }
};

// Does what the header leaves to the receiver. The checksum of the pseudo header is in place
// already. False when the frame is a segment that would have to be cut.
bool complete(const std::byte* header, std::byte* frame, uint32_t length) {
  struct {
    uint8_t flags, segmentation;
    uint16_t header_length, segment_size, checksum_start, checksum_offset;
  } facts;
  static_assert(sizeof facts == net_header_bytes);
  std::memcpy(&facts, header, sizeof facts);
  if (facts.segmentation != 0) return false;
  if ((facts.flags & needs_checksum) == 0) return true;
  const uint32_t start = facts.checksum_start;
  const uint32_t field = start + facts.checksum_offset;
  if (length < 2 || field > length - 2) return false;
  uint64_t sum = 0;
  for (uint32_t index = start; index + 1 < length; index += 2)
    sum += static_cast<uint32_t>(frame[index]) << 8 | static_cast<uint32_t>(frame[index + 1]);
  if ((length - start) % 2 != 0) sum += static_cast<uint32_t>(frame[length - 1]) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  // To UDP a checksum of 0 means that there is none.
  const uint32_t checksum = sum == 0xffff ? 0xffff : ~static_cast<uint32_t>(sum) & 0xffff;
  frame[field] = static_cast<std::byte>(checksum >> 8);
  frame[field + 1] = static_cast<std::byte>(checksum);
  return true;
}

// The device filled a place with `length` bytes: the frame's length in its layout, or 0 to drop it.
uint32_t received_length(const Places& places, std::byte* frame, uint32_t length,
                         NetLayout layout) {
  const uint32_t contents = length - net_header_bytes;
  if (layout == NetLayout::plain)
    return contents > 0 && complete(places.header, frame, contents) ? contents : 0;
  if (layout == NetLayout::virtio)
    std::memset(frame + net_header_bytes, 0, header_of(layout) - net_header_bytes);
  return contents + header_of(layout);
}

bool queue_is_full(int error) { return error == EAGAIN || error == ENOBUFS || error == ENOMEM; }

}  // namespace

int NetDevice::open(int descriptor, std::unique_ptr<NetDevice>& result) {
  std::unique_ptr<NetDevice> device(new NetDevice);
  device->descriptor_ = Descriptor(fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
  if (!device->descriptor_.valid()) return -errno;
  const int error = device->identify();
  if (error < 0) return error;
  const int flags = fcntl(device->descriptor(), F_GETFL);
  if (flags < 0 || fcntl(device->descriptor(), F_SETFL, flags | O_NONBLOCK) < 0) return -errno;
  result = std::move(device);
  return 0;
}

int NetDevice::identify() {
  int domain = 0;
  int type = 0;
  socklen_t length = sizeof domain;
  if (getsockopt(descriptor(), SOL_SOCKET, SO_DOMAIN, &domain, &length) == 0) {
    length = sizeof type;
    if (getsockopt(descriptor(), SOL_SOCKET, SO_TYPE, &type, &length) < 0) return -errno;
    if (domain == AF_PACKET && type == SOCK_RAW) {
      int header = 0;
      length = sizeof header;
      if (getsockopt(descriptor(), SOL_PACKET, PACKET_VNET_HDR, &header, &length) < 0)
        return -errno;
      kind_ = NetKind::packet_socket;
      return header != 0 ? 0 : -EINVAL;
    }
    kind_ = NetKind::pair;
    return domain == AF_UNIX && type == SOCK_SEQPACKET ? 0 : -EOPNOTSUPP;
  }
  ifreq request = {};
  if (ioctl(descriptor(), TUNGETIFF, &request) < 0) return errno == EBADFD ? -EBADFD : -EOPNOTSUPP;
  int header = 0;
  if (ioctl(descriptor(), TUNGETVNETHDRSZ, &header) < 0) return -errno;
  const int wanted = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
  kind_ = NetKind::tap;
  return (request.ifr_flags & wanted) == wanted && header == static_cast<int>(net_header_bytes)
             ? 0
             : -EINVAL;
}

int NetDevice::check(uint32_t buffer, const NetFrame* frames, uint32_t count,
                     uint32_t least) const {
  const DataspaceWindow* window = buffers_.find(buffer);
  if (window == nullptr) return -EINVAL;
  for (uint32_t index = 0; index < count; ++index) {
    if (frames[index].length < least) return -EINVAL;
    if (window->range(frames[index].address, frames[index].length) == nullptr) return -EFAULT;
  }
  return 0;
}

// An interface that was removed leaves its packet socket bound to none; one that is merely down
// does not.
bool NetDevice::present() const {
  if (kind_ != NetKind::packet_socket) return true;
  sockaddr_ll address = {};
  socklen_t length = sizeof address;
  return getsockname(descriptor(), reinterpret_cast<sockaddr*>(&address), &length) < 0 ||
         address.sll_ifindex > 0;
}

int NetDevice::gone_or(int error) const {
  if (kind_ == NetKind::packet_socket && (error == -ENETDOWN || error == -ENXIO))
    return present() ? -ENETDOWN : -EBADFD;
  if (kind_ == NetKind::pair && (error == -EPIPE || error == -ECONNRESET || error == -ENOTCONN))
    return -EBADFD;
  return error;
}

int NetDevice::receive(uint32_t buffer, NetFrame* frames, uint32_t count, NetLayout layout) {
  count = std::min(count, net_batch_limit);
  const int error = check(buffer, frames, count, std::max(header_of(layout), 1u));
  if (error < 0 || count == 0) return error;
  std::byte* base = buffers_.find(buffer)->base();
  return kind_ == NetKind::tap ? tap_receive(base, frames, count, layout)
                               : socket_receive(base, frames, count, layout);
}

int NetDevice::send(uint32_t buffer, NetFrame* frames, uint32_t count, NetLayout layout) {
  count = std::min(count, net_batch_limit);
  const int error = check(buffer, frames, count, 0);
  if (error < 0 || count == 0) return error;
  std::byte* base = buffers_.find(buffer)->base();
  return kind_ == NetKind::tap ? tap_send(base, frames, count, layout)
                               : socket_send(base, frames, count, layout);
}

int NetDevice::tap_receive(std::byte* base, NetFrame* frames, uint32_t count, NetLayout layout) {
  uint32_t filled = 0;
  // Drops are bounded like frames, so that a flood of large frames cannot keep this loop.
  for (uint32_t reads = 0; filled < count && reads < net_batch_limit; ++reads) {
    NetFrame& frame = frames[filled];
    // The kernel cuts a frame that does not fit without a word; one byte of spill tells.
    std::byte spill;
    Places places;
    places.receive(base + frame.address, frame.length, layout);
    places.vectors[places.count] = {&spill, 1};
    const ssize_t length = readv(descriptor(), places.vectors, places.count + 1);
    if (length < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) break;
      return filled > 0 ? static_cast<int>(filled) : -errno;
    }
    const size_t room = frame.length + net_header_bytes - header_of(layout);
    const uint32_t filled_length =
        static_cast<size_t>(length) > room || length < static_cast<ssize_t>(net_header_bytes)
            ? 0
            : received_length(places, base + frame.address, static_cast<uint32_t>(length), layout);
    if (filled_length == 0) {
      ++counters_.receive_dropped;
      continue;
    }
    frame.length = filled_length;
    ++filled;
  }
  counters_.received += filled;
  return static_cast<int>(filled);
}

int NetDevice::tap_send(std::byte* base, NetFrame* frames, uint32_t count, NetLayout layout) {
  uint32_t consumed = 0;
  while (consumed < count) {
    NetFrame& frame = frames[consumed];
    // The header is still shared memory: the kernel copies it once and judges the copy.
    Places places;
    if (frame.length < least_frame(layout)) {
      ++counters_.send_dropped;
      frame.length = 0;
    } else if (places.send(base + frame.address, frame.length, layout);
               writev(descriptor(), places.vectors, places.count) >= 0) {
      ++counters_.sent;
    } else if (errno == EINTR) {
      continue;
    } else if (refuses_frame(errno)) {
      ++counters_.send_dropped;
      frame.length = 0;
    } else if (queue_is_full(errno) || consumed > 0) {
      break;
    } else {
      return -errno;
    }
    ++consumed;
  }
  return static_cast<int>(consumed);
}

int NetDevice::socket_receive(std::byte* base, NetFrame* frames, uint32_t count, NetLayout layout) {
  mmsghdr messages[net_batch_limit] = {};
  Places places[net_batch_limit];
  for (uint32_t index = 0; index < count; ++index) {
    places[index].receive(base + frames[index].address, frames[index].length, layout);
    messages[index].msg_hdr.msg_iov = places[index].vectors;
    messages[index].msg_hdr.msg_iovlen = static_cast<size_t>(places[index].count);
  }
  const int received = recvmmsg(descriptor(), messages, count, MSG_DONTWAIT, nullptr);
  if (received < 0) return errno == EAGAIN || errno == EINTR ? 0 : gone_or(-errno);

  uint32_t filled = 0;
  bool ended = false;
  for (int index = 0; index < received; ++index) {
    const uint32_t length = messages[index].msg_len;
    // No frame is that short, but the end of a pair reads as length 0.
    if (length < net_header_bytes) {
      ended = ended || (kind_ == NetKind::pair && length == 0);
      continue;
    }
    if ((messages[index].msg_hdr.msg_flags & MSG_TRUNC) != 0) {
      ++counters_.receive_dropped;
      continue;
    }
    // A drop leaves a gap, which the next frame closes by swapping places: no place is lost or
    // named twice.
    const uint32_t filled_length =
        received_length(places[index], base + frames[index].address, length, layout);
    if (filled_length == 0) {
      ++counters_.receive_dropped;
      continue;
    }
    std::swap(frames[filled], frames[index]);
    frames[filled++].length = filled_length;
  }
  counters_.received += filled;
  return filled == 0 && ended ? -EBADFD : static_cast<int>(filled);
}

int NetDevice::socket_send(std::byte* base, NetFrame* frames, uint32_t count, NetLayout layout) {
  mmsghdr messages[net_batch_limit] = {};
  Places places[net_batch_limit];
  for (uint32_t index = 0; index < count; ++index) {
    if (frames[index].length < least_frame(layout)) continue;
    places[index].send(base + frames[index].address, frames[index].length, layout);
    messages[index].msg_hdr.msg_iov = places[index].vectors;
    messages[index].msg_hdr.msg_iovlen = static_cast<size_t>(places[index].count);
  }
  uint32_t consumed = 0;
  while (consumed < count) {
    if (frames[consumed].length < least_frame(layout)) {
      ++counters_.send_dropped;
      frames[consumed++].length = 0;
      continue;
    }
    uint32_t end = consumed + 1;
    while (end < count && frames[end].length >= least_frame(layout)) ++end;
    const int sent =
        sendmmsg(descriptor(), messages + consumed, end - consumed, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) {
      consumed += static_cast<uint32_t>(sent);
      counters_.sent += static_cast<uint32_t>(sent);
    } else if (errno == EINTR) {
      continue;
    } else if (refuses_frame(errno) && gone_or(-errno) != -EBADFD) {
      ++counters_.send_dropped;
      frames[consumed++].length = 0;
    } else if (queue_is_full(errno) || consumed > 0) {
      break;
    } else {
      return gone_or(-errno);
    }
  }
  return static_cast<int>(consumed);
}

}  // namespace bulkhead
