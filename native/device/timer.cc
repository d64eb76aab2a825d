#include "timer.h"

#include <sys/timerfd.h>

#include <cerrno>

namespace bulkhead {

namespace {
constexpr uint64_t nanoseconds_per_second = 1'000'000'000;
}

int create_timer(Descriptor& timer) {
  const int descriptor = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  if (descriptor < 0) return -errno;
  timer = Descriptor(descriptor);
  return 0;
}

int arm_timer(int timer, uint64_t deadline_ns) {
  itimerspec setting{};
  setting.it_value.tv_sec = static_cast<time_t>(deadline_ns / nanoseconds_per_second);
  setting.it_value.tv_nsec = static_cast<long>(deadline_ns % nanoseconds_per_second);
  return timerfd_settime(timer, TFD_TIMER_ABSTIME, &setting, nullptr) == 0 ? 0 : -errno;
}

}  // namespace bulkhead
