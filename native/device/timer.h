// A timer as a descriptor: readable from its deadline on, with the resolution of the kernel's
// clock.
#pragma once

#include <cstdint>

#include "descriptor.h"

namespace bulkhead {

enum class TimerClock {
  monotonic,  // no change of the date moves it
  date,       // CLOCK_REALTIME: a timer becomes readable, too, when somebody sets that clock
};

// Disarmed. 0 or -errno.
int create_timer(TimerClock clock, Descriptor& timer);

// Makes the timer readable at `deadline_ns` of its clock, instead of what it waited for; a deadline
// in the past makes it readable at once. 0 disarms it. Either takes an earlier expiry back.
// 1 when its clock was set and nobody has been told, else 0, or -errno.
int arm_timer(int timer, uint64_t deadline_ns);

// Makes the timer unreadable until it next expires; the result as above.
int drain_timer(int timer);

}  // namespace bulkhead
