// Real-time clocks: /dev/rtcN by a descriptor that was handed in. Times are whole seconds since
// 1970-01-01T00:00:00Z; the clock is taken to run in UTC. Functions return 0 or -errno; -ENODEV
// once the clock was taken away.
#pragma once

#include <cstdint>

namespace bulkhead {

// -EINVAL when the clock knows that its time is wrong, as after its battery was empty.
int read_rtc(int clock, int64_t& seconds);

// -EACCES without CAP_SYS_TIME in the first user namespace, -ERANGE for a time that the clock
// cannot show.
int set_rtc(int clock, int64_t seconds);

struct RtcAlarm {
  bool enabled = false;
  int64_t seconds = 0;  // only while enabled
};

int read_rtc_alarm(int clock, RtcAlarm& alarm);

// Makes the clock readable at this time, instead of the alarm before; a time in the past makes it
// so at once. -EINVAL, -ERANGE or -EDOM for one that is too far away for the clock: many compare no
// more than the time of day.
int arm_rtc(int clock, int64_t seconds);
int disarm_rtc(int clock);

// Whether the clock becomes readable at the beginning of each second.
int report_rtc_updates(int clock, bool on);

struct RtcEvents {
  uint32_t count = 0;  // since the last call
  bool alarm = false;
  bool update = false;
};

// What made the clock readable; none without waiting.
int drain_rtc(int clock, RtcEvents& events);

// RTC_VL_ bits of linux/rtc.h. -ENOTTY when the clock does not measure its battery.
int read_rtc_battery(int clock, uint32_t& bits);

// Bits with the numbers RTC_FEATURE_ of linux/rtc.h.
int read_rtc_features(int clock, uint32_t& bits);

}  // namespace bulkhead
