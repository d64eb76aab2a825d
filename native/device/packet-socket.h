// A packet socket on an interface that exists: its frames, without taking it away from the host.
#pragma once

#include <cstdint>
#include <string>

#include "descriptor.h"
#include "tap.h"

namespace bulkhead {

struct PacketSocketFacts {
  MacAddress address = {};
  uint32_t mtu = 0;
};

// Binds to interface `name`. Frames that the host itself sends there are not seen again. Received
// frames carry the header of net-frame.h, merged segments stay whole; the kernel has taken one VLAN
// tag off, if there was one. -ENODEV for an unknown interface, -EPERM without CAP_NET_RAW,
// -EOPNOTSUPP when it is not Ethernet.
int open_packet_socket(const std::string& name, bool promiscuous, Descriptor& descriptor,
                       PacketSocketFacts& facts);

// Two connected ends that carry frames like a wire, without any privilege.
int open_net_pair(Descriptor& one, Descriptor& other);

}  // namespace bulkhead
