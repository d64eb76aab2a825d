// Kernel TAP interfaces: made by the host, used by a component that holds only the descriptor.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "descriptor.h"

namespace bulkhead {

using MacAddress = std::array<uint8_t, 6>;

struct TapOptions {
  std::string name;  // empty or with "%d": the kernel chooses
  bool offloads = true;
  bool set_address = false;
  MacAddress address = {};
  uint32_t mtu = 0;  // 0 keeps the kernel's 1500
  bool up = true;
};

struct TapFacts {
  std::string name;
  MacAddress address = {};  // of the kernel's side of the wire
  uint32_t offloads = 0;    // TUN_F_ bits that the kernel took
};

// Makes the interface in the calling process's network namespace. It lives as long as the
// descriptor. -EBUSY when another process holds one of that name, -EPERM without CAP_NET_ADMIN,
// -ENODEV or -ENOENT without the tun driver.
int open_tap(const TapOptions& options, Descriptor& descriptor, TapFacts& facts);

// Whether the kernel's side hands over whole segments and open checksums: the TUN_F_ bits that it
// took. Works on a granted descriptor.
uint32_t set_tap_offloads(int descriptor, bool wanted);

// Whether what is plugged in at our end is seen as a carrier by the kernel's side. Works on a
// granted descriptor.
int set_tap_carrier(int descriptor, bool carrier);

}  // namespace bulkhead
