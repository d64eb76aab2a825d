#include "block-device.h"

#include <fcntl.h>

#include <algorithm>
#include <bit>
#include <cerrno>

namespace bulkhead {

namespace {
constexpr uint32_t largest_depth = 4096;
}

int BlockDevice::open(int descriptor, BlockEngineKind kind, uint32_t depth,
                      std::unique_ptr<BlockDevice>& result) {
  if (depth == 0 || depth > largest_depth) return -EINVAL;
  std::unique_ptr<BlockDevice> device(new BlockDevice);
  device->descriptor_ = Descriptor(fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
  if (!device->descriptor_.valid()) return -errno;
  int error = learn_block_facts(device->descriptor_.number(), device->facts_);
  if (error < 0) return error;

  device->depth_ = std::bit_ceil(depth);
  error = device->choose_engine(kind);
  if (error < 0) return error;

  device->slots_.resize(device->depth_);
  for (uint32_t slot = device->depth_; slot-- > 0;) device->free_slots_.push_back(slot);
  device->jobs_.reserve(device->depth_);
  device->rejected_.reserve(device->depth_);
  device->results_.resize(device->depth_);
  result = std::move(device);
  return 0;
}

BlockDevice::~BlockDevice() = default;

int BlockDevice::choose_engine(BlockEngineKind kind) {
  const int descriptor = descriptor_.number();
  const bool in_submit = completes_in_submit(descriptor, facts_, probe_);
  engine_kind_ = kind;
  if (kind == BlockEngineKind::automatic)
    engine_kind_ = in_submit ? BlockEngineKind::in_line : BlockEngineKind::io_uring;

  int error = 0;
  if (engine_kind_ == BlockEngineKind::in_line)
    engine_ = make_inline_engine(descriptor, facts_, depth_);
  if (engine_kind_ == BlockEngineKind::io_uring) {
    engine_ = make_uring_engine(descriptor, facts_, depth_, error);
    if (engine_ == nullptr && kind == BlockEngineKind::automatic) {
      uring_error_ = error;
      engine_kind_ = BlockEngineKind::threads;
    }
  }
  if (engine_kind_ == BlockEngineKind::threads)
    engine_ = make_thread_engine(descriptor, facts_, depth_, error);
  if (engine_ != nullptr) return 0;
  return error < 0 ? error : -EINVAL;
}

int BlockDevice::add_buffer(int memfd, uint64_t offset, uint64_t length) {
  const int index = buffers_.add(memfd, offset, length);
  if (index < 0) return index;
  const DataspaceWindow* window = buffers_.find(static_cast<uint32_t>(index));
  const int error =
      engine_->add_buffer(static_cast<uint32_t>(index), window->base(), window->length());
  if (error < 0) registration_error_ = error;
  return index;
}

int BlockDevice::remove_buffer(uint32_t index) {
  if (buffers_.find(index) == nullptr) return -ENOENT;
  if (under_way_[index] > 0) return -EBUSY;
  engine_->remove_buffer(index);
  return buffers_.remove(index);
}

int BlockDevice::check(const BlockRequest& request, BlockJob& job) const {
  job = {0, request.operation, request.position(), request.length(), nullptr, no_buffer};
  if (request.operation > BlockOperation::trim) return -EINVAL;
  if (request.operation == BlockOperation::sync) return 0;
  if (request.operation != BlockOperation::read && facts_.read_only) return -EROFS;
  if (request.operation == BlockOperation::trim && !facts_.trim) return -EOPNOTSUPP;

  const uint64_t alignment = facts_.block_size;
  if (job.length == 0 || job.position % alignment != 0 || job.length % alignment != 0)
    return -EINVAL;
  // By subtraction: a sum of two 64-bit values of the client could wrap around to a valid block.
  if (job.position > facts_.size || job.length > facts_.size - job.position) return -ERANGE;
  if (request.operation == BlockOperation::trim) return 0;

  if (job.length > block_transfer_limit) return -EINVAL;
  const DataspaceWindow* window = buffers_.find(request.buffer);
  if (window == nullptr) return -EINVAL;
  if (facts_.direct && request.address % facts_.memory_alignment != 0) return -EINVAL;
  job.buffer = request.buffer;
  job.address = window->range(request.address, job.length);
  return job.address != nullptr ? 0 : -EFAULT;
}

uint32_t BlockDevice::submit(const BlockRequest* requests, uint32_t count) {
  jobs_.clear();
  uint32_t taken = 0;
  // A rejected request holds a place until it is reaped, so that nothing here grows with the
  // client's mistakes.
  while (taken < count && free_slots_.size() > rejected_.size()) {
    const BlockRequest& request = requests[taken++];
    BlockJob job;
    const int error = check(request, job);
    if (error < 0) {
      rejected_.push_back({request.tag, error});
      continue;
    }
    job.slot = free_slots_.back();
    free_slots_.pop_back();
    slots_[job.slot] = {request.tag, job.buffer};
    if (job.buffer != no_buffer) ++under_way_[job.buffer];
    jobs_.push_back(job);
  }
  if (!jobs_.empty()) engine_->submit(jobs_.data(), static_cast<uint32_t>(jobs_.size()));
  return taken;
}

uint32_t BlockDevice::reap(BlockCompletion* completions, uint32_t capacity) {
  uint32_t count = std::min<uint32_t>(capacity, static_cast<uint32_t>(rejected_.size()));
  std::copy_n(rejected_.begin(), count, completions);
  rejected_.erase(rejected_.begin(), rejected_.begin() + count);

  const uint32_t finished = engine_->reap(results_.data(), std::min(capacity - count, depth_));
  for (uint32_t index = 0; index < finished; ++index) {
    const Slot& slot = slots_[results_[index].slot];
    if (slot.buffer != no_buffer) --under_way_[slot.buffer];
    completions[count++] = {slot.tag, results_[index].result};
    free_slots_.push_back(results_[index].slot);
  }
  return count;
}

bool BlockDevice::arm() {
  // Both, always: the engine's own step must not be skipped.
  const bool finished = engine_->arm();
  return finished || !rejected_.empty();
}

}  // namespace bulkhead
