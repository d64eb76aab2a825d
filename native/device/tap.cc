#include "tap.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "net-frame.h"

namespace bulkhead {

namespace {

// Linux 6.2; headers of Debian 12 lack them.
constexpr unsigned tun_uso4 = 0x20;
constexpr unsigned tun_uso6 = 0x40;
constexpr unsigned segmentation = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;

// The most that this kernel takes, from the richest set down to none.
uint32_t accept_offloads(int descriptor) {
  for (unsigned set :
       {segmentation | tun_uso4 | tun_uso6, segmentation, static_cast<unsigned>(TUN_F_CSUM)}) {
    if (ioctl(descriptor, TUNSETOFFLOAD, static_cast<unsigned long>(set)) == 0) return set;
  }
  return 0;
}

int configure(const ifreq& named, const TapOptions& options) {
  // Any socket of the namespace carries requests about its interfaces.
  Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return -errno;
  ifreq request = named;
  if (options.mtu != 0) {
    request.ifr_mtu = static_cast<int>(options.mtu);
    if (ioctl(socket.number(), SIOCSIFMTU, &request) < 0) return -errno;
  }
  if (options.up) {
    request = named;
    if (ioctl(socket.number(), SIOCGIFFLAGS, &request) < 0) return -errno;
    request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
    if (ioctl(socket.number(), SIOCSIFFLAGS, &request) < 0) return -errno;
  }
  return 0;
}

}  // namespace

int open_tap(const TapOptions& options, Descriptor& result, TapFacts& facts) {
  if (options.name.size() >= IFNAMSIZ) return -ENAMETOOLONG;
  Descriptor descriptor(open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!descriptor.valid()) return -errno;

  ifreq request = {};
  std::memcpy(request.ifr_name, options.name.data(), options.name.size());
  request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
  if (ioctl(descriptor.number(), TUNSETIFF, &request) < 0) return -errno;
  int header = net_header_bytes;
  if (ioctl(descriptor.number(), TUNSETVNETHDRSZ, &header) < 0) return -errno;
  facts.name = request.ifr_name;
  facts.offloads = options.offloads ? accept_offloads(descriptor.number()) : 0;

  ifreq named = {};
  std::memcpy(named.ifr_name, request.ifr_name, IFNAMSIZ);
  ifreq address = named;
  if (options.set_address) {
    address.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    std::memcpy(address.ifr_hwaddr.sa_data, options.address.data(), options.address.size());
    if (ioctl(descriptor.number(), SIOCSIFHWADDR, &address) < 0) return -errno;
  }
  if (ioctl(descriptor.number(), SIOCGIFHWADDR, &address) < 0) return -errno;
  std::memcpy(facts.address.data(), address.ifr_hwaddr.sa_data, facts.address.size());

  const int error = configure(named, options);
  if (error < 0) return error;
  result = std::move(descriptor);
  return 0;
}

uint32_t set_tap_offloads(int descriptor, bool wanted) {
  if (wanted) return accept_offloads(descriptor);
  // Where the kernel refuses even this, it had none to begin with.
  ioctl(descriptor, TUNSETOFFLOAD, 0ul);
  return 0;
}

int set_tap_carrier(int descriptor, bool carrier) {
  int value = carrier ? 1 : 0;
  return ioctl(descriptor, TUNSETCARRIER, &value) < 0 ? -errno : 0;
}

}  // namespace bulkhead
