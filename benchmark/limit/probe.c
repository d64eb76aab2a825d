// The cost of one cache line going to another CPU and back. Everything between CPUs scales with it,
// and on a virtual machine it moves with the host, so every benchmark prints it beside its figures.
//
//   probe [--cpus A,B] [--count N]
#include "limit.h"

struct Lines {
  LINE atomic_uint ping;
  LINE atomic_uint pong;
};

int main(int argc, char** argv) {
  int a = 0, b = 1;
  const char* cpus = text_option(argc, argv, "--cpus", "0,1");
  if (sscanf(cpus, "%d,%d", &a, &b) != 2 || a == b) {
    fprintf(stderr, "Cannot read --cpus \"%s\": two different CPUs are needed\n", cpus);
    return 2;
  }
  const uint32_t count = (uint32_t)number_option(argc, argv, "--count", 200000);
  struct Lines* lines = shared(sizeof *lines);
  const pid_t child = fork_child();
  if (child == 0) {
    pin(b);
    for (uint32_t turn = 1; turn <= count; ++turn) {
      while (atomic_load_explicit(&lines->ping, memory_order_acquire) != turn) continue;
      atomic_store_explicit(&lines->pong, turn, memory_order_release);
    }
    _exit(0);
  }
  pin(a);
  // The median of ten parts, because another process may take a CPU for a while.
  double parts[10];
  uint32_t turn = 0;
  for (int part = 0; part < 10; ++part) {
    const uint32_t first = turn,
                   last = part == 9 ? count : (uint32_t)((uint64_t)count * (part + 1) / 10);
    const uint64_t start = now_ns();
    while (turn < last) {
      atomic_store_explicit(&lines->ping, ++turn, memory_order_release);
      while (atomic_load_explicit(&lines->pong, memory_order_acquire) != turn) continue;
    }
    parts[part] = (double)(now_ns() - start) / (turn > first ? turn - first : 1);
  }
  wait_for(child);
  for (int i = 1; i < 10; ++i) {
    const double value = parts[i];
    int at = i;
    for (; at > 0 && parts[at - 1] > value; --at) parts[at] = parts[at - 1];
    parts[at] = value;
  }
  printf(
      "{\"program\": \"probe\", \"cpus\": [%d, %d], \"count\": %u, \"roundTripNanoseconds\": %.1f, "
      "\"best\": %.1f, "
      "\"worst\": %.1f}\n",
      a, b, count, (parts[4] + parts[5]) / 2, parts[0], parts[9]);
  return 0;
}
