// How a component waits: it looks at shared words for a short while, yielding the CPU between
// looks, before it sleeps. A wake-up that crosses CPUs costs tens of microseconds, so the window is
// about one wake-up long: looking costs at most twice what the best choice would have. Yielding,
// not pausing, because with more awake processes than CPUs a spinner sits on the CPU that its peer
// needs. And when one yield gives a whole time slice away (a CPU hog runs beside us), looking is
// worse than sleeping: back off.
//
// Pure policy: the caller brings the clock and the yield. No allocation, no system call.
#pragma once

#include <cstdint>
#include <span>

#include "bell.h"

namespace bulkhead {

// Whether any of the watched sessions has something to do.
bool look(std::span<const Watch> watches);

// Phases 2 and 3 of the bell for all watched sessions. True: sleep. False: something moved while
// the flags were set; all are taken back, process again.
bool fall_asleep(std::span<const Watch> watches);

// After a sleep: nobody needs to ring for these sessions.
void take_back(std::span<const Watch> watches);

// Times in nanoseconds of a monotonic clock.
class SpinWindow {
 public:
  static constexpr uint64_t window_ns = 50'000;
  static constexpr uint64_t slow_yield_ns = 300'000;
  static constexpr uint64_t first_back_off_ns = 1'000'000;
  static constexpr uint64_t longest_back_off_ns = 200'000'000;
  // Windows that may pass without a hit before only every `sparse_interval`-th wait is spent
  // looking.
  static constexpr uint32_t patience = 64;
  static constexpr uint32_t sparse_interval = 8;

  enum class Result {
    again,       // look once more
    over,        // the window passed: sleep
    backed_off,  // a yield took too long: sleep, and do not look for a while
  };

  // Whether this wait may begin with looking. Opens the window if so; it closes at `limit_ns` at
  // the latest (the next timer), or after window_ns.
  bool open(uint64_t now_ns, uint64_t limit_ns = UINT64_MAX);

  // After each yield that was followed by a look without result. `now_ns` is read after the yield.
  Result step(uint64_t now_ns);

  // The look found something to do.
  void hit();

  uint64_t back_off_ns() const { return back_off_ns_; }

 private:
  void recover();

  uint64_t close_ns_ = 0;
  uint64_t previous_ns_ = 0;
  uint64_t resume_ns_ = 0;    // no looking before
  uint64_t back_off_ns_ = 0;  // of the last slow yield; 0 while all is well
  uint32_t misses_ = 0;       // windows without a hit, hits undo half
  uint32_t skipped_ = 0;
};

// The whole wait, for callers without an event loop of their own: true if something moved within
// the window. `clock()` returns nanoseconds, `yield()` gives the CPU away.
template <typename Clock, typename Yield>
bool spin(SpinWindow& window, std::span<const Watch> watches, Clock&& clock, Yield&& yield) {
  if (look(watches)) return true;
  if (!window.open(clock())) return false;
  do {
    yield();
    if (look(watches)) {
      window.hit();
      return true;
    }
  } while (window.step(clock()) == SpinWindow::Result::again);
  return false;
}

}  // namespace bulkhead
