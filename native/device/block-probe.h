// Which engine suits a device: measured, once, when it is opened.
#pragma once

#include <cstdint>

#include "block-facts.h"

namespace bulkhead {

enum class BlockEngineKind : uint32_t { automatic = 0, in_line = 1, io_uring = 2, threads = 3 };

struct BlockProbe {
  uint32_t reads = 0;        // direct reads of one block each that were tried
  uint32_t sleeps = 0;       // in how many of them the thread had to sleep
  uint32_t nanoseconds = 0;  // median of one read
};

// Whether the device completes transfers inside of the submitting call, so that queueing them is
// pure cost.
//
// The rule: read single blocks directly, and count how often the kernel had to put this thread to
// sleep (its count of voluntary context switches). A device that completes in submit never sleeps,
// one that queues sleeps for each read; time plays no part, so neither a slow processor nor a fast
// disk can be mistaken for the other. Inline is chosen when at most a quarter of the reads slept.
// Two cases need no measurement: files in memory are inline; and transfers through a page cache
// queue, since what a read finds in the cache says nothing about the next one. Holes of a sparse
// file are not read, for the same reason; a file of holes alone queues.
bool completes_in_submit(int descriptor, const BlockFacts& facts, BlockProbe& probe);

}  // namespace bulkhead
