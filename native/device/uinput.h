// Input devices that this process plays, by /dev/uinput: what it allows first, creates then, and
// whose events it writes as evdev.h does.
#pragma once

#include <cstdint>
#include <string>

#include "evdev.h"

namespace bulkhead {

// All of these return 0 or -errno.

// A type's code that the device will have, before it is created: a key, axis, light or property.
// Type 0 with a code is a property, as for evdev.
int allow_uinput(int device, uint32_t type, uint32_t code);
// An absolute axis: its bounds and resolution; what else `axis` says is not used but fuzz and flat.
int allow_uinput_axis(int device, uint32_t code, const InputAxis& axis);
int create_uinput(int device, const InputIdentity& identity);
int destroy_uinput(int device);
// What the kernel calls it below /sys/devices/virtual/input.
int read_uinput_name(int device, std::string& name);

}  // namespace bulkhead
