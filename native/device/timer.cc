#include "timer.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>

namespace bulkhead {

namespace {
constexpr uint64_t nanoseconds_per_second = 1'000'000'000;
}

int create_timer(TimerClock clock, Descriptor& timer) {
  const int descriptor = timerfd_create(
      clock == TimerClock::date ? CLOCK_REALTIME : CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  if (descriptor < 0) return -errno;
  timer = Descriptor(descriptor);
  // Even disarmed, it tells of changes of the date from now on.
  return arm_timer(descriptor, 0);
}

int arm_timer(int timer, uint64_t deadline_ns) {
  itimerspec setting{};
  setting.it_value.tv_sec = static_cast<time_t>(deadline_ns / nanoseconds_per_second);
  setting.it_value.tv_nsec = static_cast<long>(deadline_ns % nanoseconds_per_second);
  // The second flag means nothing to a monotonic clock, which nobody sets.
  const int flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
  if (timerfd_settime(timer, flags, &setting, nullptr) == 0) return 0;
  // The deadline is in force all the same, and nothing else will tell of the clock.
  return errno == ECANCELED ? 1 : -errno;
}

int drain_timer(int timer) {
  uint64_t expirations = 0;
  if (read(timer, &expirations, sizeof expirations) >= 0 || errno == EAGAIN) return 0;
  return errno == ECANCELED ? 1 : -errno;
}

}  // namespace bulkhead
