// Link state of one interface, told by the kernel: a netlink socket that the host opens and a
// component reads.
#pragma once

#include <cstdint>
#include <string>

#include "descriptor.h"

namespace bulkhead {

enum class LinkState : uint32_t { unchanged = 0, down = 1, up = 2, gone = 3 };

// Opens the socket in the calling process's network namespace. A locked filter lets only messages
// about interface `name` through, and its present state is already on the way. -ENODEV for an
// unknown interface.
int open_link_monitor(const std::string& name, Descriptor& descriptor, uint32_t& interface_index);

// The newest state that was told since the last call: up means that the interface is up and has a
// carrier. Gone also when it moved to another namespace. 0 or -errno; never blocks.
int read_link_state(int descriptor, uint32_t interface_index, LinkState& state);

}  // namespace bulkhead
