// The fastest round trips between two processes: a 64-byte message there and back over shared
// memory.
//
//   limit-rpc --mode yield|spin|futex [--cpus A,B] [--milliseconds N]
//
// yield: both look, with sched_yield between looks. spin: both look without yielding, on two CPUs.
// futex: both sleep. The same CPU twice measures the switch; -1 leaves placement to the scheduler.
#include <linux/futex.h>
#include <sys/syscall.h>

#include "limit.h"

struct Mailbox {
  LINE atomic_uint turn;
  LINE char message[64];
};
struct Memory {
  struct Mailbox there, back;
  LINE atomic_uint stop;
};
enum Mode { yield_mode, spin_mode, futex_mode };

static void send_message(struct Mailbox* box, uint32_t turn, const char* message, enum Mode mode) {
  memcpy(box->message, message, sizeof box->message);
  atomic_store_explicit(&box->turn, turn, memory_order_release);
  if (mode == futex_mode) syscall(SYS_futex, &box->turn, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void receive_message(struct Mailbox* box, uint32_t turn, char* message, enum Mode mode) {
  uint32_t seen;
  while ((seen = atomic_load_explicit(&box->turn, memory_order_acquire)) != turn) {
    if (mode == futex_mode) syscall(SYS_futex, &box->turn, FUTEX_WAIT, seen, NULL, NULL, 0);
    if (mode == yield_mode) sched_yield();
  }
  memcpy(message, box->message, sizeof box->message);
}

static int ascending(const void* left, const void* right) {
  const uint32_t a = *(const uint32_t*)left, b = *(const uint32_t*)right;
  return (a > b) - (a < b);
}

int main(int argc, char** argv) {
  const char* name = text_option(argc, argv, "--mode", "yield");
  const enum Mode mode = !strcmp(name, "yield")  ? yield_mode
                         : !strcmp(name, "spin") ? spin_mode
                                                 : futex_mode;
  if (mode == futex_mode && strcmp(name, "futex") != 0) {
    fprintf(stderr, "usage: limit-rpc --mode yield|spin|futex [--cpus A,B] [--milliseconds N]\n");
    return 2;
  }
  int a = 0, b = mode == futex_mode ? 0 : 1;
  const char* cpus = text_option(argc, argv, "--cpus", NULL);
  if (cpus != NULL && sscanf(cpus, "%d,%d", &a, &b) != 2) {
    fprintf(stderr, "Cannot read --cpus \"%s\": two numbers are needed\n", cpus);
    return 2;
  }
  if (mode == spin_mode && a == b && a >= 0) {
    fprintf(stderr, "Cannot spin on one CPU: the spinner would keep its peer from it\n");
    return 2;
  }
  const long milliseconds = number_option(argc, argv, "--milliseconds", 1000);
  enum { most_samples = 1 << 22 };
  uint32_t* samples = malloc(sizeof(uint32_t) * most_samples);
  struct Memory* memory = shared(sizeof *memory);

  const pid_t child = fork_child();
  if (child == 0) {
    pin(b);
    char message[64];
    for (uint32_t turn = 1;; ++turn) {
      receive_message(&memory->there, turn, message, mode);
      if (atomic_load_explicit(&memory->stop, memory_order_relaxed)) _exit(0);
      ++message[0];
      send_message(&memory->back, turn, message, mode);
    }
  }
  pin(a);
  char message[64] = {0};
  uint32_t turn = 0;
  for (int warm = 0; warm < 1000; ++warm) {
    send_message(&memory->there, ++turn, message, mode);
    receive_message(&memory->back, turn, message, mode);
  }
  const uint64_t start = now_ns(), end = start + (uint64_t)milliseconds * 1000000u;
  uint64_t count = 0, previous = start;
  while (previous < end) {
    send_message(&memory->there, ++turn, message, mode);
    receive_message(&memory->back, turn, message, mode);
    const uint64_t now = now_ns();
    samples[count++ % most_samples] =
        now - previous > UINT32_MAX ? UINT32_MAX : (uint32_t)(now - previous);
    previous = now;
  }
  atomic_store(&memory->stop, 1);
  send_message(&memory->there, ++turn, message, mode);
  wait_for(child);
  const uint64_t kept = count < most_samples ? count : most_samples;
  qsort(samples, kept, sizeof *samples, ascending);
  printf(
      "{\"program\": \"limit-rpc\", \"mode\": \"%s\", \"cpus\": [%d, %d], \"count\": %llu, "
      "\"meanNanoseconds\": %.1f, "
      "\"median\": %u, \"p99\": %u, \"p999\": %u, \"worst\": %u}\n",
      name, a, b, (unsigned long long)count, (double)(previous - start) / (double)count,
      samples[kept / 2], samples[kept * 99 / 100], samples[kept * 999 / 1000], samples[kept - 1]);
  return 0;
}
