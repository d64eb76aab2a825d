// The engine for devices that complete a transfer before the call returns: RAM, zram, files in
// memory. There a queue has nothing to overlap, and io_uring would hand each job to a worker
// thread.
#include <algorithm>
#include <vector>

#include "block-engine.h"
#include "block-transfer.h"

namespace bulkhead {

namespace {

class InlineEngine final : public BlockEngine {
 public:
  InlineEngine(int descriptor, const BlockFacts& facts, uint32_t depth)
      : descriptor_(descriptor), facts_(facts) {
    results_.reserve(depth);
  }

  int add_buffer(uint32_t, std::byte*, size_t) override { return 0; }
  void remove_buffer(uint32_t) override {}

  void submit(const BlockJob* jobs, uint32_t count) override {
    for (uint32_t index = 0; index < count; ++index) {
      results_.push_back({jobs[index].slot, transfer(descriptor_, facts_, jobs[index])});
    }
  }

  uint32_t reap(BlockResult* results, uint32_t capacity) override {
    const uint32_t count =
        std::min<uint32_t>(capacity, static_cast<uint32_t>(results_.size() - reaped_));
    std::copy_n(results_.begin() + reaped_, count, results);
    reaped_ += count;
    if (reaped_ == results_.size()) {
      results_.clear();
      reaped_ = 0;
    }
    return count;
  }

  bool arm() override { return !results_.empty(); }
  void disarm() override {}

  const std::atomic<uint32_t>* completion_word() const override { return &never_; }
  uint32_t completion_idle() const override { return 0; }
  int completion_descriptor() const override { return -1; }

 private:
  const int descriptor_;
  const BlockFacts facts_;
  std::vector<BlockResult> results_;
  uint32_t reaped_ = 0;
  const std::atomic<uint32_t> never_{0};
};

}  // namespace

std::unique_ptr<BlockEngine> make_inline_engine(int descriptor, const BlockFacts& facts,
                                                uint32_t depth) {
  return std::make_unique<InlineEngine>(descriptor, facts, depth);
}

}  // namespace bulkhead
