#include "rtc.h"

#include <linux/rtc.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>

#include "control.h"

namespace bulkhead {

namespace {

// The day of the week is left out: it follows from the date, and clocks are often wrong about it.
int64_t seconds_of(const rtc_time& time) {
  tm calendar{};
  calendar.tm_year = time.tm_year;
  calendar.tm_mon = time.tm_mon;
  calendar.tm_mday = time.tm_mday;
  calendar.tm_hour = time.tm_hour;
  calendar.tm_min = time.tm_min;
  calendar.tm_sec = time.tm_sec;
  return timegm(&calendar);
}

int calendar_of(int64_t seconds, rtc_time& time) {
  tm calendar{};
  const time_t moment = seconds;
  if (gmtime_r(&moment, &calendar) == nullptr) return -ERANGE;
  time = {};
  time.tm_year = calendar.tm_year;
  time.tm_mon = calendar.tm_mon;
  time.tm_mday = calendar.tm_mday;
  time.tm_hour = calendar.tm_hour;
  time.tm_min = calendar.tm_min;
  time.tm_sec = calendar.tm_sec;
  time.tm_wday = calendar.tm_wday;
  return 0;
}

}  // namespace

int read_rtc(int clock, int64_t& seconds) {
  rtc_time time{};
  const int error = control(clock, RTC_RD_TIME, &time);
  if (error == 0) seconds = seconds_of(time);
  return error;
}

int set_rtc(int clock, int64_t seconds) {
  rtc_time time{};
  const int error = calendar_of(seconds, time);
  return error < 0 ? error : control(clock, RTC_SET_TIME, &time);
}

int read_rtc_alarm(int clock, RtcAlarm& alarm) {
  rtc_wkalrm setting{};
  const int error = control(clock, RTC_WKALM_RD, &setting);
  if (error < 0) return error;
  alarm.enabled = setting.enabled != 0;
  alarm.seconds = alarm.enabled ? seconds_of(setting.time) : 0;
  return 0;
}

int arm_rtc(int clock, int64_t seconds) {
  rtc_wkalrm setting{};
  setting.enabled = 1;
  const int error = calendar_of(seconds, setting.time);
  return error < 0 ? error : control(clock, RTC_WKALM_SET, &setting);
}

int disarm_rtc(int clock) { return control(clock, RTC_AIE_OFF, nullptr); }

int report_rtc_updates(int clock, bool on) {
  return control(clock, on ? RTC_UIE_ON : RTC_UIE_OFF, nullptr);
}

int drain_rtc(int clock, RtcEvents& events) {
  events = {};
  pollfd state{clock, POLLIN, 0};
  const int ready = poll(&state, 1, 0);
  if (ready < 0) return -errno;
  if ((state.revents & POLLIN) == 0) return 0;
  // The kinds of interrupt in the low byte, and how many there were above it.
  unsigned long word = 0;
  if (read(clock, &word, sizeof word) < 0) return -errno;
  events.count = static_cast<uint32_t>(word >> 8);
  events.alarm = (word & RTC_AF) != 0;
  events.update = (word & RTC_UF) != 0;
  return 0;
}

int read_rtc_battery(int clock, uint32_t& bits) { return control(clock, RTC_VL_READ, &bits); }

int read_rtc_features(int clock, uint32_t& bits) {
  rtc_param parameter{};
  parameter.param = RTC_PARAM_FEATURES;
  const int error = control(clock, RTC_PARAM_GET, &parameter);
  if (error == 0) bits = static_cast<uint32_t>(parameter.uvalue);
  return error;
}

}  // namespace bulkhead
