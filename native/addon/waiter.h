// Waiting: the one hook in the component's event loop that looks at all recently active sessions,
// and the descriptors that wake the loop when nothing moved. DESIGN: waiting is where speed is won.
#pragma once

#include <napi.h>
#include <uv.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace bulkhead {

// What JavaScript learns about a slot, as bits.
enum : int32_t {
  slot_moved = 1,
  slot_closed = 2,
  slot_readable = 4,
  slot_writable = 8,
  slot_descriptors = 16,
  slot_broken = 32
};

// Something that may wake the loop. A source with a `word` is looked at without system calls while
// it is active; while it is at rest its descriptor wakes epoll.
struct WakeSource {
  virtual ~WakeSource() = default;
  // The descriptor became ready. Returns slot bits to report, 0 for nothing.
  virtual int32_t on_ready(int uv_events) = 0;
  // From here on a change of `word` is seen without help.
  virtual void stay_awake() {
    if (asleep != nullptr) asleep->store(0, std::memory_order_seq_cst);
  }
  // Publishes that nobody looks at `word` any more, then looks once more. False: something moved
  // meanwhile; the source is awake again.
  virtual bool fall_asleep() {
    // Sequentially consistent, as is the load below: either the peer sees that we sleep, or we see
    // its event.
    on_sleep();
    if (asleep != nullptr) asleep->store(1, std::memory_order_seq_cst);
    const uint32_t value = word->load(std::memory_order_seq_cst);
    if (value == seen) return true;
    if (asleep != nullptr) asleep->store(0, std::memory_order_seq_cst);
    seen = value;
    return false;
  }
  // "Asleep" is being published: whoever sees it may wake us once.
  virtual void on_sleep() {}
  // The descriptor that wakes this source.
  int descriptor = -1;

  class Waiter* waiter = nullptr;
  uint32_t slot = 0;
  const std::atomic<uint32_t>* word = nullptr;  // written by the peer; a change means work
  std::atomic<uint32_t>* asleep = nullptr;      // published before sleeping; may be null
  uint32_t seen = 0;                            // value of *word that was last reported
  bool active = false;                          // in the set that the hook looks at
  double last_moved = 0;                        // count of deliveries when it last moved
  int32_t reported = 0;                         // bits waiting to be delivered
  uv_poll_t* poll = nullptr;
  int uv_events = 0;  // that are polled for
};

// Counters since start, for `bulkhead top` and the benchmarks.
struct WaiterCounters {
  double deliveries = 0, looks = 0, yields = 0, sleeps = 0, backoffs = 0, wakes = 0;
};

// One per environment. Not thread-safe: it lives on its loop's thread.
class Waiter {
 public:
  // `ready` is an Int32Array of pairs {slot, bits}; `callback(count)` is called with that many
  // pairs filled.
  Waiter(Napi::Env env, uv_loop_t* loop);
  ~Waiter();

  void start(Napi::Int32Array ready, Napi::Function callback, uint32_t window_us);
  // Takes ownership; polls `descriptor` for `uv_events`. Returns the slot, or -errno.
  int add(std::unique_ptr<WakeSource> source, int descriptor, int uv_events);
  WakeSource* at(uint32_t slot) const;
  // Stops polling and forgets the source. The descriptor itself stays the caller's.
  void remove(uint32_t slot);
  void reference(uint32_t slot, bool keeps_loop_alive);
  // The drain of this slot stopped before the end: report it again in the next turn.
  void again(uint32_t slot);
  void activate(WakeSource& source);
  void report(WakeSource& source, int32_t bits);
  const WaiterCounters& counters() const { return counters_; }

  static void on_poll(uv_poll_t* handle, int status, int events);

 private:
  static void on_prepare(uv_prepare_t* handle);
  void turn();
  bool look();
  bool deliver();
  bool fall_asleep();
  bool sleep();
  void ready(WakeSource& source, int uv_events);
  void remember(WakeSource& source);
  void activate_recent();
  void glance_at_resting();
  bool other_events_wait() const;
  bool must_poll(uint64_t now);
  void return_awake();
  void back_off(uint64_t now);

  Napi::Env env_;
  uv_loop_t* loop_;
  uv_prepare_t* prepare_;
  uv_idle_t*
      awake_;  // active while the hook returned with sources awake: libuv must not block then
  std::vector<std::unique_ptr<WakeSource>> sources_;
  std::vector<uint32_t> free_slots_;
  std::vector<uint32_t> retired_slots_;  // freed during a delivery; reused after it
  std::vector<WakeSource*> recent_;      // moved within the last deliveries, active or at rest
  std::vector<WakeSource*> active_;
  std::vector<WakeSource*> pending_;  // sources with reported bits
  std::vector<WakeSource*>
      resting_;  // fell asleep last: whoever they talk to will likely ring first
  Napi::Reference<Napi::Int32Array> ready_;
  int32_t* pairs_ = nullptr;  // of ready_, with room for so many
  size_t most_pairs_ = 0;
  Napi::FunctionReference callback_;
  std::unique_ptr<Napi::AsyncContext> context_;
  uint64_t window_ns_ = 50'000;
  uint64_t loop_time_ns_ = 0;  // when the loop's own clock was last brought up to date
  uint64_t may_spin_from_ns_ = 0;
  uint64_t backoff_ns_ = 0;
  uint32_t descriptors_ = 0;  // sources without a word: a driver's devices
  size_t glanced_ = 0;        // the slot at which a glance at those at rest stopped
  bool delivering_ = false;
  WaiterCounters counters_;
};

}  // namespace bulkhead
