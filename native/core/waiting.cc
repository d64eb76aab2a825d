#include "waiting.h"

#include <algorithm>

namespace bulkhead {

bool look(std::span<const Watch> watches) {
  for (const Watch& watch : watches) {
    if (watch.moved()) return true;
  }
  return false;
}

bool fall_asleep(std::span<const Watch> watches) {
  // As Bell::fall_asleep(), which explains the order: every flag is stored before any events word
  // is loaded.
  for (const Watch& watch : watches) Word(*watch.asleep).store(1, std::memory_order_seq_cst);
  for (const Watch& watch : watches) {
    if (Word(*watch.events).load(std::memory_order_seq_cst) != watch.seen) {
      take_back(watches);
      return false;
    }
  }
  return true;
}

void take_back(std::span<const Watch> watches) {
  for (const Watch& watch : watches) Word(*watch.asleep).store(0, std::memory_order_relaxed);
}

bool SpinWindow::open(uint64_t now_ns, uint64_t limit_ns) {
  if (now_ns < resume_ns_ || limit_ns <= now_ns) return false;
  // A component that wakes often for other reasons, such as a periodic timer, finds nothing by
  // looking; this caps what it spends. It still looks now and then, so that it notices when a peer
  // becomes talkative.
  if (misses_ >= patience && ++skipped_ < sparse_interval) return false;
  skipped_ = 0;
  previous_ns_ = now_ns;
  close_ns_ = limit_ns - now_ns < window_ns ? limit_ns : now_ns + window_ns;
  return true;
}

SpinWindow::Result SpinWindow::step(uint64_t now_ns) {
  if (now_ns - previous_ns_ > slow_yield_ns) {
    back_off_ns_ =
        back_off_ns_ == 0 ? first_back_off_ns : std::min(back_off_ns_ * 2, longest_back_off_ns);
    resume_ns_ = now_ns + back_off_ns_;
    return Result::backed_off;
  }
  previous_ns_ = now_ns;
  if (now_ns < close_ns_) return Result::again;
  misses_ = std::min(misses_ + 1, patience);
  recover();
  return Result::over;
}

void SpinWindow::hit() {
  misses_ /= 2;
  recover();
}

// A window without a slow yield halves the next back-off, down to none.
void SpinWindow::recover() {
  back_off_ns_ = back_off_ns_ <= first_back_off_ns ? 0 : back_off_ns_ / 2;
}

}  // namespace bulkhead
