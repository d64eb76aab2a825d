#include "block-probe.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "../core/clock.h"

namespace bulkhead {

namespace {

constexpr uint32_t read_count = 8;
constexpr uint32_t largest_block = 65536;

long thread_sleeps() {
  rusage usage;
  return getrusage(RUSAGE_THREAD, &usage) == 0 ? usage.ru_nvcsw : 0;
}

// The first block at or after `position` that holds data, or false when only holes follow.
bool find_data(int descriptor, const BlockFacts& facts, uint64_t& position) {
  if (facts.kind == BlockKind::device) return true;
  const off_t data = lseek(descriptor, static_cast<off_t>(position), SEEK_DATA);
  if (data < 0) return false;
  position = static_cast<uint64_t>(data) / facts.block_size * facts.block_size;
  return position <= facts.size - facts.block_size;
}

}  // namespace

bool completes_in_submit(int descriptor, const BlockFacts& facts, BlockProbe& probe) {
  if (!facts.direct || facts.block_size > largest_block) return facts.memory_backed;
  std::unique_ptr<void, decltype(&std::free)> memory(
      std::aligned_alloc(largest_block, largest_block), &std::free);
  if (memory == nullptr) return facts.memory_backed;
  std::memset(memory.get(), 0,
              largest_block);  // its pages exist before the reads, which must not fault

  const uint64_t blocks = facts.size / facts.block_size;
  uint64_t times[read_count];
  for (uint32_t index = 0; index < read_count; ++index) {
    uint64_t position = blocks / read_count * index * facts.block_size;
    if (!find_data(descriptor, facts, position)) break;
    const long sleeps_before = thread_sleeps();
    const uint64_t begin = now_ns();
    if (pread(descriptor, memory.get(), facts.block_size, static_cast<off_t>(position)) <= 0) break;
    times[probe.reads++] = now_ns() - begin;
    if (thread_sleeps() > sleeps_before) ++probe.sleeps;
  }
  if (probe.reads == 0) return facts.memory_backed;
  std::nth_element(times, times + probe.reads / 2, times + probe.reads);
  probe.nanoseconds = static_cast<uint32_t>(std::min<uint64_t>(times[probe.reads / 2], UINT32_MAX));
  return facts.memory_backed || probe.sleeps * 4 <= probe.reads;
}

}  // namespace bulkhead
