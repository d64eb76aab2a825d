#include "lifeline.h"

#include <linux/futex.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstddef>
#include <cstdlib>

namespace bulkhead {

namespace {

// Changes of a lock after which its holder only keeps the thread busy.
constexpr unsigned most_changes = 16;

pthread_mutex_t* held = nullptr;

// The word of a robust lock which the kernel marks: part of the C library's binary interface.
std::atomic<uint32_t>& word_of(const Mapping& page) {
  return *reinterpret_cast<std::atomic<uint32_t>*>(static_cast<uint8_t*>(page.address) +
                                                   offsetof(pthread_mutex_t, __data.__lock));
}

futex_waitv waiter(const std::atomic<uint32_t>& word, uint32_t value, uint32_t flags) {
  return {value, reinterpret_cast<uintptr_t>(&word), FUTEX_32 | flags, 0};
}

}  // namespace

int hold_lifeline(int descriptor) {
  Mapping mapping;
  const int error = map_dataspace(descriptor, true, mapping);
  close(descriptor);
  if (error != 0) return error;
  auto* lock = static_cast<pthread_mutex_t*>(mapping.address);
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(lock, &attributes);
  pthread_mutexattr_destroy(&attributes);
  if (const int refused = pthread_mutex_lock(lock); refused != 0) return -refused;
  // The kernel wakes nobody for a lock for which, by its word, nobody waits.
  word_of(mapping).fetch_or(FUTEX_WAITERS);
  held = lock;
  std::atexit(release_lifeline);
  return 0;
}

void release_lifeline() {
  if (held == nullptr) return;
  pthread_mutex_unlock(held);
  held = nullptr;
}

LifelineWatch::~LifelineWatch() {
  while (!watched_.empty()) remove(watched_.back().told);
}

int LifelineWatch::add(int descriptor) {
  Mapping mapping;
  if (const int error = map_dataspace(descriptor, true, mapping); error != 0) return error;
  const int told = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (told < 0) {
    const int error = -errno;
    unmap_dataspace(mapping);
    return error;
  }
  const std::lock_guard guard(access_);
  watched_.push_back({mapping, told, 0, 0, false});
  if (running_) {
    wake();
    return told;
  }
  // Signals are for the threads of the host program.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  // Without the thread, deaths are told when the processes are gone.
  running_ = pthread_create(
                 &thread_, nullptr,
                 [](void* self) -> void* {
                   static_cast<LifelineWatch*>(self)->run();
                   return nullptr;
                 },
                 this) == 0;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return told;
}

void LifelineWatch::remove(int told) {
  bool last = false;
  {
    const std::lock_guard guard(access_);
    const auto found =
        std::ranges::find_if(watched_, [told](const Watched& each) { return each.told == told; });
    if (found == watched_.end()) return;
    unmap_dataspace(found->page);
    close(told);
    watched_.erase(found);
    last = watched_.empty() && running_;
    wake();
  }
  if (last) {
    pthread_join(thread_, nullptr);
    running_ = false;
  }
}

void LifelineWatch::wake() {
  changes_.fetch_add(1);
  syscall(SYS_futex, &changes_, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

void LifelineWatch::look(Watched& watched) {
  const uint32_t value = word_of(watched.page).load();
  if (value != watched.seen) ++watched.changes;
  watched.seen = value;
  const bool died = (value & FUTEX_OWNER_DIED) != 0;
  watched.over = died || watched.changes > most_changes;
  if (died) eventfd_write(watched.told, 1);
}

void LifelineWatch::run() {
  futex_waitv waiters[1 + most_watched];
  for (;;) {
    size_t count = 0;
    {
      const std::lock_guard guard(access_);
      if (watched_.empty()) return;
      waiters[count++] = waiter(changes_, changes_.load(), FUTEX_PRIVATE_FLAG);
      for (Watched& each : watched_) {
        if (each.over || count == 1 + most_watched) continue;
        look(each);
        if (!each.over) waiters[count++] = waiter(word_of(each.page), each.seen, 0);
      }
    }
    // Returns when one of them changes or is woken; what is unmapped meanwhile is a change of
    // `changes_` too.
    const long woken = syscall(SYS_futex_waitv, waiters, count, 0, nullptr, 0);
    if (woken <= 0) continue;
    const std::lock_guard guard(access_);
    for (Watched& each : watched_) {
      if (reinterpret_cast<uintptr_t>(&word_of(each.page)) == waiters[woken].uaddr) ++each.changes;
    }
  }
}

}  // namespace bulkhead
