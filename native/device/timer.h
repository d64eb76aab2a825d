// A timer as a descriptor: readable from its deadline on, with the resolution of the kernel's
// clock.
#pragma once

#include <cstdint>

#include "descriptor.h"

namespace bulkhead {

// On CLOCK_MONOTONIC: no change of the date moves it. 0 or -errno.
int create_timer(Descriptor& timer);

// Makes the timer readable at `deadline_ns` of CLOCK_MONOTONIC, instead of what it waited for; a
// deadline in the past makes it readable at once. 0 disarms it. Either takes an earlier expiry
// back. 0 or -errno.
int arm_timer(int timer, uint64_t deadline_ns);

}  // namespace bulkhead
