// The io_uring rings of one device: raw system calls, no library.
//
// The ring is created disabled, restricted, then enabled, so that a component that is taken over
// can do with it only what its device offers: reads, writes, fsync and fallocate on the one
// registered file, and registration of that file and of buffers. Creation needs io_uring_setup,
// io_uring_register, eventfd2 and mmap; afterwards only io_uring_enter and io_uring_register.
//
// A component may make no ring once its own code runs, so its loader sets one aside before the
// system-call filter is tightened; whoever opens a device takes that one, and gives it back.
#pragma once

#include <linux/io_uring.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "descriptor.h"

namespace bulkhead {

class IoRing {
 public:
  IoRing() = default;
  IoRing(const IoRing&) = delete;
  IoRing& operator=(const IoRing&) = delete;
  ~IoRing();

  // Makes a ring of `depth` entries (a power of two) with room for one registered file and
  // `buffers` registered buffers, restricted and enabled. It belongs to the calling thread. 0 or
  // -errno.
  int create(uint32_t depth, uint32_t buffers);
  // Makes `file` the registered file, in place of the one before; -1 takes it away. 0 or -errno.
  int bind(int file);
  uint32_t depth() const { return submission_mask_ + 1; }

  // The next free submission entry, zeroed and addressed to the registered file. The ring is never
  // full: its owner keeps at most `depth` entries under way.
  io_uring_sqe& next_entry();
  // Publishes the entries that next_entry gave, and has the kernel take them. 0 or -errno; what the
  // kernel did not take (it lacked memory) stays published, and the next submit or collect offers
  // it again.
  int submit();
  // Copies out completions, running what the kernel deferred to this call; never blocks.
  uint32_t collect(io_uring_cqe* entries, uint32_t capacity);
  // Blocks until at least one completion can be collected. 0 or -errno.
  int wait();

  int register_buffer(uint32_t index, std::byte* base, size_t length);

  // See BlockEngine.
  bool arm();
  void disarm();
  const std::atomic<uint32_t>* submission_flags() const { return submission_flags_; }
  int event() const { return event_.number(); }

 private:
  int map(const io_uring_params& parameters);
  int restrict_and_enable(uint32_t buffers);
  int enter(uint32_t submit, uint32_t wait, uint32_t flags);
  uint32_t unsubmitted() const;
  uint32_t copy_completions(io_uring_cqe* entries, uint32_t capacity);
  void drain_event();

  Descriptor ring_;
  Descriptor event_;
  void* rings_ = nullptr;
  size_t rings_length_ = 0;
  io_uring_sqe* entries_ = nullptr;
  size_t entries_length_ = 0;

  std::atomic<uint32_t>* submission_head_ = nullptr;   // written by the kernel
  std::atomic<uint32_t>* submission_tail_ = nullptr;   // written here
  std::atomic<uint32_t>* submission_flags_ = nullptr;  // written by the kernel
  std::atomic<uint32_t>* completion_head_ = nullptr;   // written here
  std::atomic<uint32_t>* completion_tail_ = nullptr;   // written by the kernel
  std::atomic<uint32_t>* completion_flags_ = nullptr;  // written here
  io_uring_cqe* completions_ = nullptr;
  uint32_t submission_mask_ = 0;
  uint32_t completion_mask_ = 0;
  uint32_t local_tail_ = 0;  // entries filled, of which the kernel learns in submit
  bool armed_ = true;
  bool reserve_ = false;  // set aside when its user is done, not closed

  friend int reserve_io_ring(uint32_t depth, uint32_t buffers);
  friend void return_io_ring(std::unique_ptr<IoRing> ring);
};

// Sets a ring aside for the next take_io_ring. 0 or -errno.
int reserve_io_ring(uint32_t depth, uint32_t buffers);
// The ring set aside, if it is deep enough, else a new one, bound to `file`; null with `error` set.
std::unique_ptr<IoRing> take_io_ring(int file, uint32_t depth, uint32_t buffers, int& error);
// Ends the use of a ring: the reserved one is set aside again, others are closed.
void return_io_ring(std::unique_ptr<IoRing> ring);

}  // namespace bulkhead
