// How transfers reach a block device. Three ways, one interface; block-probe.h chooses.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "block-facts.h"
#include "block-request.h"

namespace bulkhead {

// An engine belongs to the thread that made it. Sleeping works in three steps, as with every ring
// of the system: reap until nothing is left; `arm`, which publishes that the owner is about to
// sleep and looks once more; sleep on `completion_descriptor` unless `arm` found something. While
// disarmed, no completion costs a system call: the owner looks at `completion_word` instead.
class BlockEngine {
 public:
  virtual ~BlockEngine() = default;

  // Makes a buffer known under `index`; faster transfers for engines that register memory. 0, or
  // -errno of the registration (-ENOMEM: locked-memory limit), without which the engine transfers
  // too.
  virtual int add_buffer(uint32_t index, std::byte* base, size_t length) = 0;
  // Only while no job names the buffer.
  virtual void remove_buffer(uint32_t index) = 0;

  // Takes all jobs. The caller never has more under way than the depth that the engine was made
  // with.
  virtual void submit(const BlockJob* jobs, uint32_t count) = 0;
  // Copies out up to `capacity` results; never blocks.
  virtual uint32_t reap(BlockResult* results, uint32_t capacity) = 0;

  // True when results may be waiting, so that sleeping would be wrong.
  virtual bool arm() = 0;
  virtual void disarm() = 0;

  // Differs from `completion_idle` as soon as results came in after the last reap that returned 0.
  // Results of jobs that completed inside of `submit` do not show here: reap after every submit.
  virtual const std::atomic<uint32_t>* completion_word() const = 0;
  virtual uint32_t completion_idle() const = 0;
  // An eventfd that becomes readable while armed, or -1 when every job completes inside of
  // `submit`.
  virtual int completion_descriptor() const = 0;
};

// preadv and pwritev inside of submit.
std::unique_ptr<BlockEngine> make_inline_engine(int descriptor, const BlockFacts& facts,
                                                uint32_t depth);
// A ring restricted to the one file and to what a block device needs. `error` gets -errno when the
// kernel refuses: -EPERM or -ENOSYS where io_uring is forbidden, -EINVAL on kernels before 6.1.
std::unique_ptr<BlockEngine> make_uring_engine(int descriptor, const BlockFacts& facts,
                                               uint32_t depth, int& error);
// A pool of threads. `error` gets -errno when eventfd or thread creation fails.
std::unique_ptr<BlockEngine> make_thread_engine(int descriptor, const BlockFacts& facts,
                                                uint32_t depth, int& error);

}  // namespace bulkhead
