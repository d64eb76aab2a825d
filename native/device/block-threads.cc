// The engine for devices that queue where io_uring is forbidden: a few threads, each in one
// blocking call.
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "block-engine.h"
#include "block-transfer.h"
#include "descriptor.h"

namespace bulkhead {

namespace {

// As deep as a cheap queue gets: more threads cost more in switches than their overlap brings.
constexpr size_t pool_size = 4;

class ThreadEngine final : public BlockEngine {
 public:
  ThreadEngine(int descriptor, const BlockFacts& facts) : descriptor_(descriptor), facts_(facts) {}

  // 0 or -errno. Threads must exist before the component's tight filter forbids new ones.
  int create() {
    event_ = Descriptor(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
    if (!event_.valid()) return -errno;
    for (size_t index = 0; index < pool_size; ++index) {
      pthread_t thread;
      const int error = pthread_create(
          &thread, nullptr,
          [](void* self) -> void* {
            static_cast<ThreadEngine*>(self)->work();
            return nullptr;
          },
          this);
      if (error != 0) return -error;
      threads_.push_back(thread);
    }
    return 0;
  }

  ~ThreadEngine() override {
    {
      const std::lock_guard lock(jobs_mutex_);
      stopping_ = true;
    }
    jobs_arrived_.notify_all();
    // Jobs under way write into the clients' buffers, so they are waited for; jobs not begun are
    // dropped.
    for (pthread_t thread : threads_) pthread_join(thread, nullptr);
  }

  int add_buffer(uint32_t, std::byte*, size_t) override { return 0; }
  void remove_buffer(uint32_t) override {}

  void submit(const BlockJob* jobs, uint32_t count) override {
    {
      const std::lock_guard lock(jobs_mutex_);
      jobs_.insert(jobs_.end(), jobs, jobs + count);
    }
    if (count == 1) {
      jobs_arrived_.notify_one();
    } else {
      jobs_arrived_.notify_all();
    }
  }

  uint32_t reap(BlockResult* results, uint32_t capacity) override {
    if (armed_.load(std::memory_order_relaxed)) drain_event();
    const std::lock_guard lock(results_mutex_);
    const uint32_t count = std::min<uint32_t>(capacity, static_cast<uint32_t>(results_.size()));
    std::copy_n(results_.begin(), count, results);
    results_.erase(results_.begin(), results_.begin() + count);
    // Counted only once they are all gone: a capacity too small leaves the word different from its
    // idle value.
    if (results_.empty()) reaped_ = completed_.load(std::memory_order_relaxed);
    return count;
  }

  bool arm() override {
    // Store "asleep", then look; a pool thread stores its result, then looks at "asleep".
    // Sequentially consistent all four, so that at least one side sees the other.
    armed_.store(true, std::memory_order_seq_cst);
    return completed_.load(std::memory_order_seq_cst) != reaped_;
  }

  void disarm() override {
    armed_.store(false, std::memory_order_relaxed);
    drain_event();
  }

  const std::atomic<uint32_t>* completion_word() const override { return &completed_; }
  uint32_t completion_idle() const override { return reaped_; }
  int completion_descriptor() const override { return event_.number(); }

 private:
  void work() {
    for (;;) {
      BlockJob job;
      {
        std::unique_lock lock(jobs_mutex_);
        jobs_arrived_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        if (stopping_) return;
        job = jobs_.front();
        jobs_.pop_front();
      }
      const BlockResult result = {job.slot, transfer(descriptor_, facts_, job)};
      {
        const std::lock_guard lock(results_mutex_);
        results_.push_back(result);
        completed_.fetch_add(1, std::memory_order_seq_cst);
      }
      if (armed_.load(std::memory_order_seq_cst)) {
        const uint64_t one = 1;
        // Cannot fill up: it would take 2^64 - 2 completions that nobody reaped.
        [[maybe_unused]] const ssize_t written = write(event_.number(), &one, sizeof one);
      }
    }
  }

  void drain_event() {
    uint64_t count;
    // EAGAIN when nothing was signalled, which is as good.
    [[maybe_unused]] const ssize_t read_bytes = read(event_.number(), &count, sizeof count);
  }

  const int descriptor_;
  const BlockFacts facts_;
  Descriptor event_;
  std::vector<pthread_t> threads_;

  std::mutex jobs_mutex_;
  std::condition_variable jobs_arrived_;
  std::deque<BlockJob> jobs_;
  bool stopping_ = false;

  std::mutex results_mutex_;
  std::deque<BlockResult> results_;
  std::atomic<uint32_t> completed_{0};
  uint32_t reaped_ = 0;  // of the owner alone
  std::atomic<bool> armed_{true};
};

}  // namespace

std::unique_ptr<BlockEngine> make_thread_engine(int descriptor, const BlockFacts& facts, uint32_t,
                                                int& error) {
  auto engine = std::make_unique<ThreadEngine>(descriptor, facts);
  error = engine->create();
  if (error < 0) return nullptr;
  return engine;
}

}  // namespace bulkhead
