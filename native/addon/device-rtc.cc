#include "device-rtc.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <span>

#include "../device/rtc.h"
#include "argument.h"
#include "error.h"

namespace bulkhead {

namespace {

const char* hint(int error) {
  switch (-error) {
    case ENOTTY:
      return "it has no such thing, or is no real-time clock";
    case ENODEV:
      return "it was taken away";
    case EACCES:
      return "that needs CAP_SYS_TIME, which no sandbox has";
    case ERANGE:
    case EDOM:
      return "it cannot show that time";
    default:
      return "";
  }
}

// True when all is well; otherwise an exception is pending.
bool succeeded(const Napi::CallbackInfo& info, int error, const char* action,
               const char* advice = nullptr) {
  if (error >= 0) return true;
  throw_system_error(info.Env(), error, "ioctl", action, {},
                     advice != nullptr ? advice : hint(error));
  return false;
}

int64_t seconds(const Napi::Value& value) {
  return value.IsNumber() ? value.As<Napi::Number>().Int64Value() : 0;
}

Napi::Value number(const Napi::CallbackInfo& info, double value) {
  return Napi::Number::New(info.Env(), value);
}

// (clock) -> seconds
Napi::Value read(const Napi::CallbackInfo& info) {
  int64_t time = 0;
  const int error = read_rtc(descriptor_number(info[0]), time);
  if (!succeeded(info, error, "read a real-time clock",
                 error == -EINVAL ? "it lost its time: set it" : nullptr))
    return {};
  return number(info, static_cast<double>(time));
}

// (clock, seconds)
void set(const Napi::CallbackInfo& info) {
  succeeded(info, set_rtc(descriptor_number(info[0]), seconds(info[1])), "set a real-time clock");
}

// (clock) -> seconds, or undefined without an alarm
Napi::Value alarm(const Napi::CallbackInfo& info) {
  RtcAlarm setting;
  if (!succeeded(info, read_rtc_alarm(descriptor_number(info[0]), setting),
                 "read the alarm of a real-time clock") ||
      !setting.enabled)
    return info.Env().Undefined();
  return number(info, static_cast<double>(setting.seconds));
}

// (clock, seconds)
void arm(const Napi::CallbackInfo& info) {
  succeeded(info, arm_rtc(descriptor_number(info[0]), seconds(info[1])),
            "set the alarm of a real-time clock");
}

// (clock)
void disarm(const Napi::CallbackInfo& info) {
  succeeded(info, disarm_rtc(descriptor_number(info[0])), "end the alarm of a real-time clock");
}

// (clock, on)
void report_updates(const Napi::CallbackInfo& info) {
  succeeded(info, report_rtc_updates(descriptor_number(info[0]), flag(info[1])),
            "change the update interrupts of a real-time clock");
}

// (clock, out: Uint32Array of 3)
void drain(const Napi::CallbackInfo& info) {
  RtcEvents events;
  const std::span<uint32_t> out = words(info[1]);
  const int error = drain_rtc(descriptor_number(info[0]), events);
  if (error < 0)
    return throw_system_error(info.Env(), error, "read", "read the events of a real-time clock", {},
                              hint(error));
  const uint32_t values[] = {events.count, events.alarm, events.update};
  if (out.size() >= std::size(values)) std::copy(std::begin(values), std::end(values), out.begin());
}

// (clock) -> RTC_VL_ bits
Napi::Value battery(const Napi::CallbackInfo& info) {
  uint32_t bits = 0;
  if (!succeeded(info, read_rtc_battery(descriptor_number(info[0]), bits),
                 "read the battery of a real-time clock"))
    return {};
  return number(info, bits);
}

// (clock) -> bits with the numbers RTC_FEATURE_
Napi::Value features(const Napi::CallbackInfo& info) {
  uint32_t bits = 0;
  if (!succeeded(info, read_rtc_features(descriptor_number(info[0]), bits),
                 "read what a real-time clock can do"))
    return {};
  return number(info, bits);
}

}  // namespace

void init_rtc(Napi::Env env, Napi::Object exports) {
  exports.Set("rtcRead", Napi::Function::New<read>(env, "rtcRead"));
  exports.Set("rtcSet", Napi::Function::New<set>(env, "rtcSet"));
  exports.Set("rtcAlarm", Napi::Function::New<alarm>(env, "rtcAlarm"));
  exports.Set("rtcArm", Napi::Function::New<arm>(env, "rtcArm"));
  exports.Set("rtcDisarm", Napi::Function::New<disarm>(env, "rtcDisarm"));
  exports.Set("rtcReportUpdates", Napi::Function::New<report_updates>(env, "rtcReportUpdates"));
  exports.Set("rtcDrain", Napi::Function::New<drain>(env, "rtcDrain"));
  exports.Set("rtcBattery", Napi::Function::New<battery>(env, "rtcBattery"));
  exports.Set("rtcFeatures", Napi::Function::New<features>(env, "rtcFeatures"));
}

}  // namespace bulkhead
