// Lifelines between processes: the child holds one, the parent watches it.
#include "../../native/core/lifeline.h"

#include <linux/futex.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "../../native/core/dataspace.h"
#include "check.h"

using namespace bulkhead;

namespace {

constexpr int soon_ms = 5000;

bool readable(int descriptor, int timeout_ms) {
  pollfd waiting{descriptor, POLLIN, 0};
  return poll(&waiting, 1, timeout_ms) == 1;
}

// A child that holds a lifeline, says so, and then does what it is told. Its page stays open here.
struct Holder {
  template <typename Body>
  explicit Holder(Body body) : page(create_dataspace("lifeline", 1, true)) {
    int ends[2];
    if (pipe(ends) != 0) std::abort();
    process = fork();
    if (process == 0) {
      if (hold_lifeline(dup(page)) != 0) _exit(3);
      [[maybe_unused]] const ssize_t said = write(ends[1], "", 1);
      body();
      _exit(4);
    }
    char ready;
    if (read(ends[0], &ready, 1) != 1) std::abort();
    close(ends[0]);
    close(ends[1]);
    gone = static_cast<int>(syscall(SYS_pidfd_open, process, 0));
  }

  ~Holder() {
    kill(process, SIGKILL);
    waitpid(process, nullptr, 0);
    close(page);
    close(gone);
  }

  int page;
  pid_t process;
  int gone;
};

void wait_for_end() {
  for (;;) pause();
}

// Memory whose end takes the kernel much longer than telling of it.
void fill_memory_and_wait() {
  constexpr size_t bytes = size_t{512} << 20;
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  madvise(memory, bytes, MADV_NOHUGEPAGE);
  std::memset(memory, 1, bytes);
  wait_for_end();
}

void sudden_death_is_told_before_the_process_is_gone() {
  LifelineWatch watch;
  Holder holder(fill_memory_and_wait);
  const int told = watch.add(holder.page);
  EXPECT(told >= 0);
  // Half of it at least.
  char path[64];
  std::snprintf(path, sizeof path, "/proc/%d/statm", holder.process);
  for (long pages = 0; pages < (256 << 20) / 4096;) {
    usleep(1000);
    std::FILE* file = std::fopen(path, "r");
    if (file == nullptr || std::fscanf(file, "%*d %ld", &pages) != 1) std::abort();
    std::fclose(file);
  }
  EXPECT(!readable(told, 0));
  kill(holder.process, SIGKILL);
  EXPECT(readable(told, soon_ms));
  EXPECT(!readable(holder.gone, 0));
  EXPECT(readable(holder.gone, soon_ms));
  watch.remove(told);
}

void watching_may_begin_before_the_lifeline_is_held() {
  LifelineWatch watch;
  const int page = create_dataspace("lifeline", 1, true);
  const int told = watch.add(page);
  const pid_t process = fork();
  if (process == 0) {
    usleep(20'000);
    if (hold_lifeline(page) != 0) _exit(3);
    kill(getpid(), SIGKILL);
  }
  EXPECT(readable(told, soon_ms));
  int status = 0;
  waitpid(process, &status, 0);
  EXPECT(WIFSIGNALED(status));
  watch.remove(told);
  close(page);
}

void a_death_before_the_watch_is_told_too() {
  LifelineWatch watch;
  Holder holder(wait_for_end);
  kill(holder.process, SIGKILL);
  EXPECT(readable(holder.gone, soon_ms));
  const int told = watch.add(holder.page);
  EXPECT(readable(told, soon_ms));
  watch.remove(told);
}

void who_leaves_by_itself_has_not_died_suddenly() {
  LifelineWatch watch;
  Holder exits([] { std::exit(0); });
  Holder releases([] {
    release_lifeline();
    _exit(0);
  });
  for (const Holder* holder : {&exits, &releases}) {
    const int told = watch.add(holder->page);
    EXPECT(readable(holder->gone, soon_ms));
    // The watch has looked again by the time that it tells of another death.
    Holder other(wait_for_end);
    const int other_told = watch.add(other.page);
    kill(other.process, SIGKILL);
    EXPECT(readable(other_told, soon_ms));
    EXPECT(!readable(told, 0));
    watch.remove(other_told);
    watch.remove(told);
  }
}

void one_of_many_is_told_alone() {
  LifelineWatch watch;
  Holder first(wait_for_end);
  Holder second(wait_for_end);
  const int first_told = watch.add(first.page);
  const int second_told = watch.add(second.page);
  kill(second.process, SIGKILL);
  EXPECT(readable(second_told, soon_ms));
  EXPECT(!readable(first_told, 0));
  watch.remove(second_told);
  kill(first.process, SIGKILL);
  EXPECT(readable(first_told, soon_ms));
  watch.remove(first_told);
}

void who_plays_with_its_lifeline_keeps_no_watch_busy() {
  LifelineWatch watch;
  const int page = create_dataspace("lifeline", 1, true);
  Mapping mapping;
  EXPECT_EQUAL(map_dataspace(page, true, mapping), 0);
  auto* word = static_cast<std::atomic<uint32_t>*>(mapping.address);
  const int told = watch.add(page);
  const auto wake = [word] {
    return syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
  };
  // Given up after some: then nobody is there to wake.
  int unanswered = 0;
  for (uint32_t change = 1; change < 10'000 && unanswered < 50; ++change) {
    word->store(change);
    unanswered = wake() > 0 ? 0 : unanswered + 1;
    usleep(1000);
  }
  EXPECT_EQUAL(unanswered, 50);
  EXPECT(!readable(told, 0));
  // The others are told all the same.
  Holder honest(wait_for_end);
  const int honest_told = watch.add(honest.page);
  kill(honest.process, SIGKILL);
  EXPECT(readable(honest_told, soon_ms));
  watch.remove(honest_told);
  watch.remove(told);
  unmap_dataspace(mapping);
  close(page);
}

}  // namespace

int main() {
  void* list = nullptr;
  size_t bytes = 0;
  if (syscall(SYS_get_robust_list, 0, &list, &bytes) != 0) {
    std::printf("skipped: lifelines: the kernel, or what stands for it, keeps no robust locks\n");
    check::skipped += 6;
    return check::summary();
  }
  check::test("a sudden death is told before the process is gone",
              sudden_death_is_told_before_the_process_is_gone);
  check::test("watching may begin before the lifeline is held",
              watching_may_begin_before_the_lifeline_is_held);
  check::test("a death before the watch is told too", a_death_before_the_watch_is_told_too);
  check::test("who leaves by itself has not died suddenly",
              who_leaves_by_itself_has_not_died_suddenly);
  check::test("one of many is told alone", one_of_many_is_told_alone);
  check::test("who plays with its lifeline keeps no watch busy",
              who_plays_with_its_lifeline_keeps_no_watch_busy);
  return check::summary();
}
