// The engine for devices that queue: transfers go straight between the device and the client's
// dataspace.
#include <fcntl.h>

#include <cerrno>
#include <memory>

#include "block-engine.h"
#include "block-transfer.h"
#include "device-buffers.h"
#include "io-ring.h"

namespace bulkhead {

namespace {

// The kernel registers at most 1 GiB in one piece.
constexpr size_t largest_registration = 1u << 30;

class UringEngine final : public BlockEngine {
 public:
  UringEngine(int descriptor, const BlockFacts& facts, uint32_t depth)
      : descriptor_(descriptor), facts_(facts), trims_(std::make_unique<Range[]>(depth)) {}

  int create(uint32_t depth) {
    int error = 0;
    ring_ = take_io_ring(descriptor_, depth, device_buffer_limit, error);
    return error;
  }

  ~UringEngine() override {
    // The kernel may still write into the clients' buffers, which their owner unmaps next.
    BlockResult dropped[16];
    while (under_way_ > 0) {
      if (reap(dropped, 16) == 0 && ring_->wait() < 0) break;
    }
    if (ring_ == nullptr) return;
    for (uint32_t index = 0; index < device_buffer_limit; ++index) remove_buffer(index);
    return_io_ring(std::move(ring_));
  }

  int add_buffer(uint32_t index, std::byte* base, size_t length) override {
    const int error =
        length <= largest_registration ? ring_->register_buffer(index, base, length) : -EFBIG;
    registered_[index] = error >= 0;
    return registered_[index] ? 0 : error;
  }

  void remove_buffer(uint32_t index) override {
    if (registered_[index]) ring_->register_buffer(index, nullptr, 0);
    registered_[index] = false;
  }

  void submit(const BlockJob* jobs, uint32_t count) override {
    for (uint32_t index = 0; index < count; ++index) describe(jobs[index], ring_->next_entry());
    under_way_ += count;
    // A kernel short of memory takes the entries later: every submit and reap offers them again.
    ring_->submit();
  }

  uint32_t reap(BlockResult* results, uint32_t capacity) override {
    uint32_t count = 0;
    while (count < capacity) {
      io_uring_cqe entries[32];
      const uint32_t room = capacity - count;
      const uint32_t copied = ring_->collect(entries, room < 32 ? room : 32);
      for (uint32_t index = 0; index < copied; ++index) results[count++] = result(entries[index]);
      if (copied < 32) break;
    }
    under_way_ -= count;
    return count;
  }

  bool arm() override { return ring_->arm(); }
  void disarm() override { ring_->disarm(); }
  const std::atomic<uint32_t>* completion_word() const override {
    return ring_->submission_flags();
  }
  uint32_t completion_idle() const override { return 0; }
  int completion_descriptor() const override { return ring_->event(); }

 private:
  struct Range {
    uint64_t position;
    uint64_t length;  // 0 when the slot's job is no trim
  };

  void describe(const BlockJob& job, io_uring_sqe& entry) {
    entry.user_data = job.slot;
    trims_[job.slot] = {};
    switch (job.operation) {
      case BlockOperation::read:
      case BlockOperation::write: {
        const bool read = job.operation == BlockOperation::read;
        const bool fixed = registered_[job.buffer];
        entry.opcode = fixed ? (read ? IORING_OP_READ_FIXED : IORING_OP_WRITE_FIXED)
                             : (read ? IORING_OP_READ : IORING_OP_WRITE);
        entry.buf_index = fixed ? static_cast<uint16_t>(job.buffer) : 0;
        entry.off = job.position;
        entry.addr = reinterpret_cast<uint64_t>(job.address);
        entry.len = static_cast<uint32_t>(job.length);
        break;
      }
      case BlockOperation::sync:
        entry.opcode = IORING_OP_FSYNC;
        entry.fsync_flags = IORING_FSYNC_DATASYNC;
        break;
      case BlockOperation::trim:
        entry.opcode = IORING_OP_FALLOCATE;
        entry.off = job.position;
        entry.addr = job.length;
        entry.len = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
        trims_[job.slot] = {job.position, job.length};
        break;
    }
  }

  BlockResult result(const io_uring_cqe& entry) {
    const uint32_t slot = static_cast<uint32_t>(entry.user_data);
    const Range& range = trims_[slot];
    if (range.length > 0 && entry.res == -EOPNOTSUPP) {
      // Punching a block device needs one that can write zeroes; one that can only discard takes it
      // synchronously.
      return {slot, discard(descriptor_, facts_, range.position, range.length)};
    }
    return {slot, entry.res};
  }

  const int descriptor_;
  const BlockFacts facts_;
  std::unique_ptr<IoRing> ring_;
  std::unique_ptr<Range[]> trims_;
  bool registered_[device_buffer_limit] = {};
  uint32_t under_way_ = 0;
};

}  // namespace

std::unique_ptr<BlockEngine> make_uring_engine(int descriptor, const BlockFacts& facts,
                                               uint32_t depth, int& error) {
  auto engine = std::make_unique<UringEngine>(descriptor, facts, depth);
  error = engine->create(depth);
  if (error < 0) return nullptr;
  return engine;
}

}  // namespace bulkhead
