#include "device-timer.h"

#include <algorithm>
#include <cstdint>

#include "../device/timer.h"
#include "argument.h"
#include "error.h"

namespace bulkhead {

namespace {

// timerCreate(on the date) -> descriptor
Napi::Value create(const Napi::CallbackInfo& info) {
  Descriptor timer;
  const int error = create_timer(flag(info[0]) ? TimerClock::date : TimerClock::monotonic, timer);
  if (error < 0) {
    throw_system_error(info.Env(), error, "timerfd_create", "create a timer");
    return {};
  }
  return Napi::Number::New(info.Env(), timer.release());
}

// A number exceeds 2^53 ns once the machine has run for 104 days: what it then loses is 2 ns, and
// 256 ns of the date.
uint64_t nanoseconds(const Napi::Value& value) {
  constexpr double most = 9.2e18;
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : 0;
  return number >= 1 ? static_cast<uint64_t>(std::min(number, most)) : 0;
}

// What was done, or an exception, and whether the timer's clock was set.
Napi::Value told(const Napi::CallbackInfo& info, int result, const char* syscall,
                 const char* action) {
  if (result < 0) {
    throw_system_error(info.Env(), result, syscall, action);
    return {};
  }
  return Napi::Boolean::New(info.Env(), result == 1);
}

// timerArm(descriptor, nanoseconds of its clock; 0 disarms) -> its clock was set
Napi::Value arm(const Napi::CallbackInfo& info) {
  return told(info, arm_timer(descriptor_number(info[0]), nanoseconds(info[1])), "timerfd_settime",
              "arm a timer");
}

// timerDrain(descriptor) -> its clock was set
Napi::Value drain(const Napi::CallbackInfo& info) {
  return told(info, drain_timer(descriptor_number(info[0])), "read", "read from a timer");
}

}  // namespace

void init_timer(Napi::Env env, Napi::Object exports) {
  exports.Set("timerCreate", Napi::Function::New<create>(env, "timerCreate"));
  exports.Set("timerArm", Napi::Function::New<arm>(env, "timerArm"));
  exports.Set("timerDrain", Napi::Function::New<drain>(env, "timerDrain"));
}

}  // namespace bulkhead
