#include "packet-socket.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace bulkhead {

namespace {

// A batch of the largest frames each way; the kernel caps it where the privilege to exceed its
// limit is missing.
constexpr int socket_buffer_bytes = 4 << 20;

void enlarge(int descriptor, int option, int forced_option) {
  if (setsockopt(descriptor, SOL_SOCKET, forced_option, &socket_buffer_bytes,
                 sizeof socket_buffer_bytes) < 0) {
    // A smaller buffer drops sooner, as a smaller NIC would.
    setsockopt(descriptor, SOL_SOCKET, option, &socket_buffer_bytes, sizeof socket_buffer_bytes);
  }
}

int set(int descriptor, int option, int value) {
  return setsockopt(descriptor, SOL_PACKET, option, &value, sizeof value) < 0 ? -errno : 0;
}

int learn(int descriptor, const std::string& name, ifreq& request, PacketSocketFacts& facts) {
  if (name.empty() || name.size() >= IFNAMSIZ) return -ENODEV;
  std::memcpy(request.ifr_name, name.data(), name.size());
  if (ioctl(descriptor, SIOCGIFMTU, &request) < 0) return -errno;
  facts.mtu = static_cast<uint32_t>(request.ifr_mtu);
  if (ioctl(descriptor, SIOCGIFHWADDR, &request) < 0) return -errno;
  const unsigned short type = request.ifr_hwaddr.sa_family;
  if (type != ARPHRD_ETHER && type != ARPHRD_LOOPBACK) return -EOPNOTSUPP;
  std::memcpy(facts.address.data(), request.ifr_hwaddr.sa_data, facts.address.size());
  return ioctl(descriptor, SIOCGIFINDEX, &request) < 0 ? -errno : 0;
}

}  // namespace

int open_packet_socket(const std::string& name, bool promiscuous, Descriptor& result,
                       PacketSocketFacts& facts) {
  // Protocol 0: nothing is received before the socket is bound to its interface.
  Descriptor descriptor(socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!descriptor.valid()) return -errno;
  ifreq request = {};
  int error = learn(descriptor.number(), name, request, facts);
  if (error < 0) return error;
  const int index = request.ifr_ifindex;

  error = set(descriptor.number(), PACKET_VNET_HDR, 1);
  if (error < 0) return error;
  error = set(descriptor.number(), PACKET_IGNORE_OUTGOING, 1);
  if (error < 0) return error;
  if (promiscuous) {
    packet_mreq membership = {};
    membership.mr_ifindex = index;
    membership.mr_type = PACKET_MR_PROMISC;
    if (setsockopt(descriptor.number(), SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership,
                   sizeof membership) < 0)
      return -errno;
  }
  enlarge(descriptor.number(), SO_RCVBUF, SO_RCVBUFFORCE);
  enlarge(descriptor.number(), SO_SNDBUF, SO_SNDBUFFORCE);

  sockaddr_ll address = {};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = index;
  if (bind(descriptor.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0)
    return -errno;
  result = std::move(descriptor);
  return 0;
}

int open_net_pair(Descriptor& one, Descriptor& other) {
  int ends[2];
  // Sequenced packets: they keep the frames' bounds and order, and tell of the peer's end, which
  // datagrams do not.
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) < 0)
    return -errno;
  one = Descriptor(ends[0]);
  other = Descriptor(ends[1]);
  for (int end : ends) enlarge(end, SO_SNDBUF, SO_SNDBUFFORCE);
  return 0;
}

}  // namespace bulkhead
