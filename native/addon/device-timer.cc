#include "device-timer.h"

#include <algorithm>
#include <cstdint>

#include "../device/timer.h"
#include "argument.h"
#include "error.h"

namespace bulkhead {

namespace {

// timerCreate() -> descriptor
Napi::Value create(const Napi::CallbackInfo& info) {
  Descriptor timer;
  const int error = create_timer(timer);
  if (error < 0) {
    throw_system_error(info.Env(), error, "timerfd_create", "create a timer");
    return {};
  }
  return Napi::Number::New(info.Env(), timer.release());
}

// A number exceeds 2^53 ns once the machine has run for 104 days: what it then loses is 2 ns.
uint64_t nanoseconds(const Napi::Value& value) {
  constexpr double most = 9.2e18;
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : 0;
  return number >= 1 ? static_cast<uint64_t>(std::min(number, most)) : 0;
}

// timerArm(descriptor, nanoseconds of CLOCK_MONOTONIC; 0 disarms)
void arm(const Napi::CallbackInfo& info) {
  const int error = arm_timer(descriptor_number(info[0]), nanoseconds(info[1]));
  if (error < 0) throw_system_error(info.Env(), error, "timerfd_settime", "arm a timer");
}

}  // namespace

void init_timer(Napi::Env env, Napi::Object exports) {
  exports.Set("timerCreate", Napi::Function::New<create>(env, "timerCreate"));
  exports.Set("timerArm", Napi::Function::New<arm>(env, "timerArm"));
}

}  // namespace bulkhead
