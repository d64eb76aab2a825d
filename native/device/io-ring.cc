#include "io-ring.h"

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>

namespace bulkhead {

namespace {

// The kernel's words are shared memory of its own making; this is how C++ speaks to them.
static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t) &&
              std::atomic<uint32_t>::is_always_lock_free);

std::atomic<uint32_t>* word(void* base, uint32_t offset) {
  return reinterpret_cast<std::atomic<uint32_t>*>(static_cast<std::byte*>(base) + offset);
}

int setup(uint32_t depth, io_uring_params& parameters) {
  const long ring = syscall(__NR_io_uring_setup, depth, &parameters);
  return ring < 0 ? -errno : static_cast<int>(ring);
}

int enlist(int ring, uint32_t operation, const void* argument, uint32_t count) {
  return syscall(__NR_io_uring_register, ring, operation, argument, count) < 0 ? -errno : 0;
}

}  // namespace

IoRing::~IoRing() {
  if (rings_ != nullptr) munmap(rings_, rings_length_);
  if (entries_ != nullptr) munmap(entries_, entries_length_);
}

int IoRing::create(uint32_t depth, uint32_t buffers) {
  io_uring_params parameters = {};
  // One thread submits and reaps, so the kernel needs no lock for the ring, and may keep completion
  // work until that thread asks for it, instead of interrupting whatever CPU the thread runs on.
  // TASKRUN_FLAG makes such waiting work visible in memory.
  parameters.flags = IORING_SETUP_R_DISABLED | IORING_SETUP_SINGLE_ISSUER |
                     IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG;
  const int ring = setup(depth, parameters);
  if (ring < 0) return ring;
  ring_ = Descriptor(ring);
  if ((parameters.features & IORING_FEAT_SINGLE_MMAP) == 0) return -EINVAL;

  event_ = Descriptor(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!event_.valid()) return -errno;
  const int error = map(parameters);
  return error < 0 ? error : restrict_and_enable(buffers);
}

int IoRing::bind(int file) {
  io_uring_files_update update = {};
  update.fds = reinterpret_cast<uint64_t>(&file);
  return enlist(ring_.number(), IORING_REGISTER_FILES_UPDATE, &update, 1);
}

int IoRing::map(const io_uring_params& parameters) {
  const io_sqring_offsets& submission = parameters.sq_off;
  const io_cqring_offsets& completion = parameters.cq_off;
  rings_length_ = std::max<size_t>(submission.array + parameters.sq_entries * sizeof(uint32_t),
                                   completion.cqes + parameters.cq_entries * sizeof(io_uring_cqe));
  void* rings = mmap(nullptr, rings_length_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
                     ring_.number(), IORING_OFF_SQ_RING);
  if (rings == MAP_FAILED) return -errno;
  rings_ = rings;

  entries_length_ = parameters.sq_entries * sizeof(io_uring_sqe);
  void* entries = mmap(nullptr, entries_length_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
                       ring_.number(), IORING_OFF_SQES);
  if (entries == MAP_FAILED) return -errno;
  entries_ = static_cast<io_uring_sqe*>(entries);

  submission_head_ = word(rings_, submission.head);
  submission_tail_ = word(rings_, submission.tail);
  submission_flags_ = word(rings_, submission.flags);
  submission_mask_ = parameters.sq_entries - 1;
  completion_head_ = word(rings_, completion.head);
  completion_tail_ = word(rings_, completion.tail);
  completion_flags_ = word(rings_, completion.flags);
  completion_mask_ = parameters.cq_entries - 1;
  completions_ = reinterpret_cast<io_uring_cqe*>(static_cast<std::byte*>(rings_) + completion.cqes);

  // The array between ring and entries could reorder them; here slot N always means entry N.
  auto* order = reinterpret_cast<uint32_t*>(static_cast<std::byte*>(rings_) + submission.array);
  for (uint32_t index = 0; index < parameters.sq_entries; ++index) order[index] = index;
  return 0;
}

int IoRing::restrict_and_enable(uint32_t buffers) {
  const int empty = -1;
  int error = enlist(ring_.number(), IORING_REGISTER_FILES, &empty, 1);
  if (error < 0) return error;

  // Empty places, filled as clients come.
  io_uring_rsrc_register places = {};
  places.nr = buffers;
  places.flags = IORING_RSRC_REGISTER_SPARSE;
  error = enlist(ring_.number(), IORING_REGISTER_BUFFERS2, &places, sizeof places);
  if (error < 0) return error;

  const int event = event_.number();
  error = enlist(ring_.number(), IORING_REGISTER_EVENTFD, &event, 1);
  if (error < 0) return error;

  io_uring_restriction allowed[10] = {};
  uint32_t count = 0;
  for (uint8_t operation : {IORING_REGISTER_BUFFERS_UPDATE, IORING_REGISTER_FILES_UPDATE}) {
    allowed[count].opcode = IORING_RESTRICTION_REGISTER_OP;
    allowed[count++].register_op = operation;
  }
  for (uint8_t operation : {IORING_OP_READ_FIXED, IORING_OP_WRITE_FIXED, IORING_OP_READ,
                            IORING_OP_WRITE, IORING_OP_FSYNC, IORING_OP_FALLOCATE}) {
    allowed[count].opcode = IORING_RESTRICTION_SQE_OP;
    allowed[count++].sqe_op = operation;
  }
  for (uint16_t kind :
       {IORING_RESTRICTION_SQE_FLAGS_ALLOWED, IORING_RESTRICTION_SQE_FLAGS_REQUIRED}) {
    allowed[count].opcode = kind;
    allowed[count++].sqe_flags = IOSQE_FIXED_FILE;
  }
  error = enlist(ring_.number(), IORING_REGISTER_RESTRICTIONS, allowed, count);
  if (error < 0) return error;

  // From here on the ring belongs to the calling thread.
  return enlist(ring_.number(), IORING_REGISTER_ENABLE_RINGS, nullptr, 0);
}

int IoRing::register_buffer(uint32_t index, std::byte* base, size_t length) {
  const iovec memory = {base, length};  // null and 0 empty the place
  io_uring_rsrc_update2 update = {};
  update.offset = index;
  update.data = reinterpret_cast<uint64_t>(&memory);
  update.nr = 1;
  return enlist(ring_.number(), IORING_REGISTER_BUFFERS_UPDATE, &update, sizeof update);
}

io_uring_sqe& IoRing::next_entry() {
  io_uring_sqe& entry = entries_[local_tail_++ & submission_mask_];
  std::memset(&entry, 0, sizeof entry);
  entry.fd = 0;  // the first registered file
  entry.flags = IOSQE_FIXED_FILE;
  return entry;
}

uint32_t IoRing::unsubmitted() const {
  // Acquire: the kernel is done with an entry before it moves the head past it.
  return local_tail_ - submission_head_->load(std::memory_order_acquire);
}

int IoRing::enter(uint32_t submit, uint32_t wait, uint32_t flags) {
  for (;;) {
    if (syscall(__NR_io_uring_enter, ring_.number(), submit, wait, flags, nullptr, 0) >= 0)
      return 0;
    if (errno != EINTR) return -errno;
    submit = unsubmitted();
  }
}

int IoRing::submit() {
  // Release: the entries are complete before the kernel may see that there are more.
  submission_tail_->store(local_tail_, std::memory_order_release);
  // One call both takes new entries and runs deferred completion work, when there is any.
  const uint32_t flags = submission_flags_->load(std::memory_order_relaxed);
  return enter(unsubmitted(), 0, (flags & IORING_SQ_TASKRUN) != 0 ? IORING_ENTER_GETEVENTS : 0);
}

uint32_t IoRing::copy_completions(io_uring_cqe* entries, uint32_t capacity) {
  const uint32_t head = completion_head_->load(std::memory_order_relaxed);
  // Acquire: pairs with the kernel's release, so that the entries below the tail are complete.
  const uint32_t tail = completion_tail_->load(std::memory_order_acquire);
  const uint32_t count = std::min(tail - head, capacity);
  for (uint32_t index = 0; index < count; ++index)
    entries[index] = completions_[(head + index) & completion_mask_];
  // Release: the copies are made before the kernel may write there again.
  completion_head_->store(head + count, std::memory_order_release);
  return count;
}

uint32_t IoRing::collect(io_uring_cqe* entries, uint32_t capacity) {
  if (armed_) drain_event();
  uint32_t count = copy_completions(entries, capacity);
  const uint32_t flags = submission_flags_->load(std::memory_order_acquire);
  const bool deferred = (flags & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0;
  if (count < capacity && (deferred || unsubmitted() > 0)) {
    // A failure leaves everything where it is; the next collect tries again.
    enter(unsubmitted(), 0, IORING_ENTER_GETEVENTS);
    count += copy_completions(entries + count, capacity - count);
  }
  return count;
}

int IoRing::wait() { return enter(unsubmitted(), 1, IORING_ENTER_GETEVENTS); }

bool IoRing::arm() {
  if (!armed_) {
    armed_ = true;
    completion_flags_->store(0, std::memory_order_relaxed);
  }
  // The kernel queues completion work with a full barrier and then looks whether the eventfd is
  // wanted. So: store, full barrier, look at the queue; and only the kernel itself can look there,
  // since the flag in shared memory is set after the queue, without a barrier that would hold on
  // every architecture. One call before each sleep.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  enter(unsubmitted(), 0, IORING_ENTER_GETEVENTS);
  return completion_head_->load(std::memory_order_relaxed) !=
         completion_tail_->load(std::memory_order_acquire);
}

void IoRing::disarm() {
  if (!armed_) return;
  armed_ = false;
  completion_flags_->store(IORING_CQ_EVENTFD_DISABLED, std::memory_order_relaxed);
  drain_event();
}

void IoRing::drain_event() {
  uint64_t count;
  // EAGAIN when nothing was signalled, which is as good.
  [[maybe_unused]] const ssize_t read_bytes = read(event_.number(), &count, sizeof count);
}

namespace {
// One thread of a component opens devices; others have rings of their own.
thread_local std::unique_ptr<IoRing> reserved;
}  // namespace

int reserve_io_ring(uint32_t depth, uint32_t buffers) {
  auto ring = std::make_unique<IoRing>();
  const int error = ring->create(depth, buffers);
  if (error < 0) return error;
  ring->reserve_ = true;
  reserved = std::move(ring);
  return 0;
}

std::unique_ptr<IoRing> take_io_ring(int file, uint32_t depth, uint32_t buffers, int& error) {
  std::unique_ptr<IoRing> ring;
  if (reserved != nullptr && reserved->depth() >= depth) {
    ring = std::move(reserved);
  } else {
    ring = std::make_unique<IoRing>();
    error = ring->create(depth, buffers);
    if (error < 0) return nullptr;
  }
  error = ring->bind(file);
  if (error < 0) return nullptr;
  return ring;
}

void return_io_ring(std::unique_ptr<IoRing> ring) {
  if (ring != nullptr && ring->reserve_ && ring->bind(-1) == 0) reserved = std::move(ring);
}

}  // namespace bulkhead
