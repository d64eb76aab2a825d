// Frames between a network device and a dataspace.
#pragma once

#include <cstdint>

namespace bulkhead {

// Every frame on every kind of device starts with this many bytes of virtio-net header (struct
// virtio_net_hdr: flags, gso_type, hdr_len, gso_size, csum_start, csum_offset; all zero for a plain
// frame), then the Ethernet header. It carries what offloading leaves undone: a checksum to fill
// in, a large segment to cut. Ten and not twelve bytes, because packet sockets before Linux 6.4
// know nothing else, because frames then pass from any kind of device to any other without a
// change, and because the IP header then starts at a multiple of four.
inline constexpr uint32_t net_header_bytes = 10;

// How frames lie in a buffer. Network sessions carry them plain, or with the header of twelve bytes
// that virtio 1 has; the device's ten then stand before two zeroes.
enum class NetLayout : uint32_t { device = 10, plain = 0, virtio = 12 };

// The largest frame with offloads: header, Ethernet with one VLAN tag, 64 KiB of IP. Without: per
// MTU.
inline constexpr uint32_t net_largest_frame = net_header_bytes + 18 + 65535;

// The most frames that one call moves.
inline constexpr uint32_t net_batch_limit = 64;

// One frame's place in a buffer, as JavaScript writes it: two words.
struct NetFrame {
  uint32_t address;  // bytes from the start of the buffer
  uint32_t length;   // bytes of the frame, header included; before receiving: room
};
static_assert(sizeof(NetFrame) == 8);

}  // namespace bulkhead
