// One open block device or image file: its facts, its engine, and the clients' buffers.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "block-engine.h"
#include "block-facts.h"
#include "block-probe.h"
#include "block-request.h"
#include "descriptor.h"
#include "device-buffers.h"

namespace bulkhead {

class BlockDevice {
 public:
  // Keeps a duplicate of `descriptor`. `depth` (1 to 4096, rounded up to a power of two) bounds the
  // requests under way. A kind other than automatic is taken, or its failure reported; automatic
  // falls back from io_uring to threads. Belongs to the calling thread. 0, or -errno of
  // learn_block_facts and of the engine.
  static int open(int descriptor, BlockEngineKind kind, uint32_t depth,
                  std::unique_ptr<BlockDevice>& device);

  // Waits for the requests under way: the memory that they move is the clients'.
  ~BlockDevice();

  const BlockFacts& facts() const { return facts_; }
  const BlockProbe& probe() const { return probe_; }
  BlockEngineKind engine_kind() const { return engine_kind_; }
  // Why automatic did not take io_uring: -errno, or 0.
  int uring_error() const { return uring_error_; }
  uint32_t depth() const { return depth_; }

  // As of DeviceBuffers.
  int add_buffer(int memfd, uint64_t offset, uint64_t length);
  // -ENOENT for an unknown index, -EBUSY while requests that name it are under way.
  int remove_buffer(uint32_t index);
  // Why the engine could not register the last buffer that it could not: -errno, or 0.
  int registration_error() const { return registration_error_; }

  // Takes requests in order and returns how many: fewer than `count` when `depth` are under way or
  // not yet reaped. A request that fails its checks is taken, and completes with -EINVAL (shape,
  // alignment, unknown buffer), -ERANGE (outside of the device), -EFAULT (outside of the buffer),
  // -EROFS or -EOPNOTSUPP. `requests` must be private memory: it is checked before it is used.
  uint32_t submit(const BlockRequest* requests, uint32_t count);
  // Copies out up to `capacity` completions, in any order. Never blocks.
  uint32_t reap(BlockCompletion* completions, uint32_t capacity);

  // The three steps of going to sleep: see BlockEngine.
  bool arm();
  void disarm() { engine_->disarm(); }
  const std::atomic<uint32_t>* completion_word() const { return engine_->completion_word(); }
  uint32_t completion_idle() const { return engine_->completion_idle(); }
  int completion_descriptor() const { return engine_->completion_descriptor(); }

 private:
  struct Slot {
    uint32_t tag;
    uint32_t buffer;  // no_buffer for sync and trim
  };
  static constexpr uint32_t no_buffer = UINT32_MAX;

  BlockDevice() = default;
  int choose_engine(BlockEngineKind kind);
  int check(const BlockRequest& request, BlockJob& job) const;

  Descriptor descriptor_;
  BlockFacts facts_;
  BlockProbe probe_;
  BlockEngineKind engine_kind_ = BlockEngineKind::automatic;
  int uring_error_ = 0;
  int registration_error_ = 0;
  uint32_t depth_ = 0;

  DeviceBuffers buffers_;
  uint32_t under_way_[device_buffer_limit] = {};  // requests by buffer
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_slots_;
  std::vector<BlockJob> jobs_;             // the batch being submitted
  std::vector<BlockCompletion> rejected_;  // requests that failed their checks, not yet reaped
  std::vector<BlockResult> results_;       // the batch being reaped
  // Destroyed first: it waits for what moves to and from the buffers.
  std::unique_ptr<BlockEngine> engine_;
};

}  // namespace bulkhead
