// The fastest packet stream between two processes: descriptors of 16 bytes in two single-producer
// single-consumer rings, submit and acknowledge, in batches; payloads in a bulk area beside them.
// Both sides look, with sched_yield between looks that find nothing.
//
//   limit-packets [--mode MODE] [--bytes N] [--batch N] [--cpus A,B] [--milliseconds N] [--slots N]
//
// Mode none: descriptors only.
//
// Mode touch: one byte written and read (64 bytes unless --bytes).
//
// Mode copy: copied in from and out into private memory (1500 bytes unless --bytes).
//
// Mode whole: every word written by the source and read by the sink (65536 bytes unless --bytes).
#include "limit.h"

struct Descriptor {
  uint32_t offset, length, sequence, result;
};
struct Header {
  LINE atomic_uint submit_head;
  LINE atomic_uint acknowledge_head;
  LINE atomic_uint stop;
};
enum Mode { none_mode, touch_mode, copy_mode, whole_mode };

static struct Header* header;
static struct Descriptor *submits, *acknowledges;
static char* bulk;
static uint32_t slots, bytes, batch;
static enum Mode mode;
static volatile uint64_t keep;  // what was read must have been read

static void fill(char* payload, const char* from, uint32_t sequence) {
  switch (mode) {
    case none_mode:
      break;
    case touch_mode:
      *(volatile char*)payload = (char)sequence;
      break;
    case copy_mode:
      memcpy(payload, from, bytes);
      break;
    case whole_mode:
      for (uint32_t at = 0; at < bytes; at += 8) *(uint64_t*)(payload + at) = sequence + at;
  }
}

static void drain(const char* payload, char* to) {
  uint64_t sum = 0;
  switch (mode) {
    case none_mode:
      break;
    case touch_mode:
      sum = (uint64_t) * (const volatile char*)payload;
      break;
    case copy_mode:
      memcpy(to, payload, bytes);
      __asm__ volatile("" : : "r"(to) : "memory");
      break;
    case whole_mode:
      for (uint32_t at = 0; at < bytes; at += 8) sum += *(const uint64_t*)(payload + at);
  }
  keep = sum;
}

static void sink(void) {
  char* to = malloc(bytes);
  memset(to, 0, bytes);
  uint32_t tail = 0;
  for (;;) {
    const uint32_t head = atomic_load_explicit(&header->submit_head, memory_order_acquire);
    if (head == tail) {
      if (atomic_load_explicit(&header->stop, memory_order_relaxed)) _exit(0);
      sched_yield();
      continue;
    }
    uint32_t count = head - tail < batch ? head - tail : batch;
    for (; count > 0; --count, ++tail) {
      struct Descriptor packet = submits[tail & (slots - 1)];
      drain(bulk + packet.offset, to);
      packet.result = packet.sequence;
      acknowledges[tail & (slots - 1)] = packet;
    }
    atomic_store_explicit(&header->acknowledge_head, tail, memory_order_release);
  }
}

int main(int argc, char** argv) {
  const char* name = text_option(argc, argv, "--mode", "touch");
  const char* names[] = {"none", "touch", "copy", "whole"};
  const long sizes[] = {64, 64, 1500, 65536};
  int chosen = -1;
  for (int index = 0; index < 4; ++index) {
    if (!strcmp(name, names[index])) chosen = index;
  }
  int a = 0, b = 1;
  const char* cpus = text_option(argc, argv, "--cpus", "0,1");
  if (chosen < 0 || sscanf(cpus, "%d,%d", &a, &b) != 2) {
    fprintf(
        stderr,
        "usage: limit-packets [--mode none|touch|copy|whole] [--bytes N] [--batch N] [--cpus A,B] "
        "[--milliseconds N] [--slots N]\n");
    return 2;
  }
  mode = (enum Mode)chosen;
  bytes = (uint32_t)number_option(argc, argv, "--bytes", sizes[chosen]);
  batch = (uint32_t)number_option(argc, argv, "--batch", 8);
  slots = (uint32_t)number_option(argc, argv, "--slots", bytes > 16384 ? 32 : 1024);
  const long milliseconds = number_option(argc, argv, "--milliseconds", 1000);
  if (bytes == 0 || slots == 0 || (slots & (slots - 1)) != 0 || batch == 0 || batch > slots ||
      (mode == whole_mode && bytes % 8 != 0)) {
    fprintf(stderr,
            "Cannot run: slots must be a power of two, the batch at most as many, bytes a multiple "
            "of 8 for "
            "mode whole\n");
    return 2;
  }
  const uint32_t stride = (bytes + 63) / 64 * 64;
  header = shared(sizeof *header);
  submits = shared(sizeof *submits * slots);
  acknowledges = shared(sizeof *acknowledges * slots);
  bulk = shared((size_t)stride * slots);

  const pid_t child = fork_child();
  if (child == 0) {
    pin(b);
    sink();
  }
  pin(a);
  char* from = malloc(bytes);
  memset(from, 7, bytes);
  uint32_t head = 0, tail = 0;
  uint64_t acknowledged = 0, looks = 0;
  const uint64_t start = now_ns(), end = start + (uint64_t)milliseconds * 1000000u;
  uint64_t now = start;
  for (;;) {
    // Collect, then refill what came back, a batch at most.
    const uint32_t answered = atomic_load_explicit(&header->acknowledge_head, memory_order_acquire);
    for (; tail != answered; ++tail, ++acknowledged) {
      const struct Descriptor packet = acknowledges[tail & (slots - 1)];
      if (packet.result != tail) {
        fprintf(stderr, "Packet %u was answered as %u\n", tail, packet.result);
        kill(child, SIGKILL);
        return 1;
      }
    }
    if (slots - (head - tail) >= batch) {
      for (uint32_t count = batch; count > 0; --count, ++head) {
        const uint32_t slot = head & (slots - 1);
        fill(bulk + (size_t)slot * stride, from, head);
        submits[slot] = (struct Descriptor){slot * stride, bytes, head, 0};
      }
      atomic_store_explicit(&header->submit_head, head, memory_order_release);
    } else {
      sched_yield();
    }
    if ((++looks & 63) == 0 && (now = now_ns()) >= end) break;
  }
  while (atomic_load_explicit(&header->acknowledge_head, memory_order_acquire) != head)
    sched_yield();
  atomic_store(&header->stop, 1);
  wait_for(child);
  const double seconds = (double)(now - start) / 1e9;
  printf(
      "{\"program\": \"limit-packets\", \"mode\": \"%s\", \"bytes\": %u, \"batch\": %u, \"slots\": "
      "%u, \"cpus\": [%d, %d], "
      "\"packets\": %llu, \"packetsPerSecond\": %.0f, \"gigabytesPerSecond\": %.3f}\n",
      name, bytes, batch, slots, a, b, (unsigned long long)acknowledged,
      (double)acknowledged / seconds, (double)acknowledged * bytes / seconds / 1e9);
  return 0;
}
