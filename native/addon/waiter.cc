#include "waiter.h"

#include <poll.h>
#include <sched.h>

#include <algorithm>

#include "../core/clock.h"

namespace bulkhead {

namespace {

constexpr uint64_t slow_yield_ns = 300'000;
constexpr uint64_t first_backoff_ns = 1'000'000;
constexpr uint64_t longest_backoff_ns = 200'000'000;
// A loop that is kept busy by some sessions still looks at those at rest this often, in their
// memory: one that keeps the loop busy must not delay the others, whose doorbells are not heard.
constexpr uint64_t glance_ns = 50'000;
// As many of them at a time; what is left comes next.
constexpr size_t most_glanced = 64;
// And so often it looks at descriptors, which takes a system call: if a device is behind one, and
// otherwise.
constexpr uint64_t busy_device_look_ns = 50'000;
constexpr uint64_t busy_look_ns = 1'000'000;
// And so often while it has nothing else to do than to wait.
constexpr uint64_t device_look_ns = 10'000;
// The loop counts in milliseconds; reading the clock for it more often would be a waste.
constexpr uint64_t loop_clock_ns = 1'000'000;
// Sessions that one sleep inside the hook watches itself. More than these, and the loop's own epoll
// does it.
constexpr size_t most_resting = 8;
// A source that moved within so many deliveries is likely to move again soon.
constexpr double recent_deliveries = 64;

}  // namespace

Waiter::Waiter(Napi::Env env, uv_loop_t* loop)
    : env_(env), loop_(loop), prepare_(new uv_prepare_t), awake_(new uv_idle_t) {
  uv_prepare_init(loop_, prepare_);
  uv_idle_init(loop_, awake_);
  uv_unref(reinterpret_cast<uv_handle_t*>(awake_));
  prepare_->data = this;
}

Waiter::~Waiter() {
  for (uint32_t slot = 0; slot < sources_.size(); ++slot) remove(slot);
  prepare_->data = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(prepare_),
           [](uv_handle_t* handle) { delete reinterpret_cast<uv_prepare_t*>(handle); });
  uv_close(reinterpret_cast<uv_handle_t*>(awake_),
           [](uv_handle_t* handle) { delete reinterpret_cast<uv_idle_t*>(handle); });
}

void Waiter::start(Napi::Int32Array ready, Napi::Function callback, uint32_t window_us) {
  ready_ = Napi::Persistent(ready);
  pairs_ = ready.Data();
  most_pairs_ = ready.ElementLength() / 2;
  callback_ = Napi::Persistent(callback);
  context_ = std::make_unique<Napi::AsyncContext>(env_, "bulkhead:session");
  window_ns_ = uint64_t{window_us} * 1000;
  uv_prepare_start(prepare_, on_prepare);
  uv_unref(reinterpret_cast<uv_handle_t*>(prepare_));
}

int Waiter::add(std::unique_ptr<WakeSource> source, int descriptor, int uv_events) {
  auto* poll = new uv_poll_t;
  const int result = uv_poll_init(loop_, poll, descriptor);
  if (result != 0) {
    delete poll;
    return result;
  }
  uint32_t slot;
  if (free_slots_.empty()) {
    slot = static_cast<uint32_t>(sources_.size());
    sources_.emplace_back();
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  source->waiter = this;
  source->slot = slot;
  source->descriptor = descriptor;
  source->poll = poll;
  source->uv_events = uv_events;
  poll->data = source.get();
  uv_poll_start(poll, uv_events, on_poll);
  if (source->word == nullptr) ++descriptors_;
  // A source with a word starts active: what happened before it was attached is found by the first
  // look.
  if (source->word != nullptr) activate(*source);
  sources_[slot] = std::move(source);
  return static_cast<int>(slot);
}

WakeSource* Waiter::at(uint32_t slot) const {
  return slot < sources_.size() ? sources_[slot].get() : nullptr;
}

void Waiter::remove(uint32_t slot) {
  WakeSource* source = at(slot);
  if (source == nullptr) return;
  if (source->word == nullptr) --descriptors_;
  std::erase(active_, source);
  std::erase(pending_, source);
  std::erase(resting_, source);
  std::erase(recent_, source);
  uv_poll_stop(source->poll);
  source->poll->data = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(source->poll),
           [](uv_handle_t* handle) { delete reinterpret_cast<uv_poll_t*>(handle); });
  sources_[slot].reset();
  // A delivery under way still names slots by number; reusing one now would hand old news to a new
  // session.
  (delivering_ ? retired_slots_ : free_slots_).push_back(slot);
}

void Waiter::reference(uint32_t slot, bool keeps_loop_alive) {
  WakeSource* source = at(slot);
  if (source == nullptr) return;
  auto* handle = reinterpret_cast<uv_handle_t*>(source->poll);
  if (keeps_loop_alive)
    uv_ref(handle);
  else
    uv_unref(handle);
}

void Waiter::again(uint32_t slot) {
  WakeSource* source = at(slot);
  if (source != nullptr) report(*source, slot_moved);
}

void Waiter::activate(WakeSource& source) {
  if (source.active) return;
  source.active = true;
  source.stay_awake();
  active_.push_back(&source);
}

void Waiter::remember(WakeSource& source) {
  if (source.last_moved == 0) recent_.push_back(&source);
  source.last_moved = counters_.deliveries + 1;
}

// Who is awake looks at all that moved lately, not only at what woke it: the answer to what it now
// sends on comes from a session that may be at rest, and a doorbell is not heard while the hook
// looks.
void Waiter::activate_recent() {
  std::erase_if(recent_, [this](WakeSource* source) {
    if (counters_.deliveries + 1 - source->last_moved <= recent_deliveries) {
      activate(*source);
      return false;
    }
    source->last_moved = 0;
    return true;
  });
}

void Waiter::report(WakeSource& source, int32_t bits) {
  if (source.reported == 0) pending_.push_back(&source);
  source.reported |= bits;
}

void Waiter::on_prepare(uv_prepare_t* handle) {
  auto* waiter = static_cast<Waiter*>(handle->data);
  if (waiter != nullptr) waiter->turn();
}

void Waiter::on_poll(uv_poll_t* handle, int status, int events) {
  auto* source = static_cast<WakeSource*>(handle->data);
  if (source == nullptr) return;
  Waiter& waiter = *source->waiter;
  // libuv reports a descriptor in error (EPOLLERR alone) as a negative status, and polls it no
  // more. The source finds out by reading, after which there may be more to come: an interface that
  // goes down, and then away, says so twice.
  if (status < 0) uv_poll_start(handle, source->uv_events, on_poll);
  waiter.ready(*source, status < 0 ? UV_READABLE | UV_DISCONNECT : events);
  waiter.look();
  waiter.deliver();
}

void Waiter::ready(WakeSource& source, int uv_events) {
  ++counters_.wakes;
  const int32_t bits = source.on_ready(uv_events);
  if (bits != 0) report(source, bits);
  if (source.word == nullptr || (bits & (slot_closed | slot_broken)) != 0) return;
  activate(source);
  remember(source);
  activate_recent();
}

// Reports every active source whose word moved. Never makes a system call.
bool Waiter::look() {
  ++counters_.looks;
  for (WakeSource* source : active_) {
    // Acquire: pairs with the peer's store of this word after it wrote what the word announces.
    const uint32_t value = source->word->load(std::memory_order_acquire);
    if (value == source->seen) continue;
    source->seen = value;
    remember(*source);
    report(*source, slot_moved);
  }
  return !pending_.empty();
}

bool Waiter::deliver() {
  if (pending_.empty() || delivering_) return false;
  delivering_ = true;
  {
    Napi::HandleScope scope(env_);
    const size_t count = std::min(most_pairs_, pending_.size());
    for (size_t i = 0; i < count; ++i) {
      pairs_[2 * i] = static_cast<int32_t>(pending_[i]->slot);
      pairs_[2 * i + 1] = pending_[i]->reported;
      pending_[i]->reported = 0;
    }
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(count));
    ++counters_.deliveries;
    // The callback scope runs promise jobs and nextTicks afterwards, so replies go out within this
    // turn.
    callback_.MakeCallback(env_.Global(), {Napi::Number::New(env_, static_cast<double>(count))},
                           *context_);
    if (env_.IsExceptionPending())
      napi_fatal_exception(env_, env_.GetAndClearPendingException().Value());
  }
  delivering_ = false;
  free_slots_.insert(free_slots_.end(), retired_slots_.begin(), retired_slots_.end());
  retired_slots_.clear();
  return true;
}

// Publishes "asleep" for every active source and looks once more. True if something moved
// meanwhile: then all that did are awake and reported; the others rest, watched by epoll.
bool Waiter::fall_asleep() {
  size_t kept = 0;
  resting_.clear();
  for (WakeSource* source : active_) {
    if (source->fall_asleep()) {
      source->active = false;
      resting_.push_back(source);
      continue;
    }
    report(*source, slot_moved);
    active_[kept++] = source;
  }
  active_.resize(kept);
  return !pending_.empty();
}

// Sleeps here rather than in the loop until a resting source or anything else of the loop is ready:
// one system call, where Node makes its loop poll twice. True if only resting sources are, which
// are then awake and reported; otherwise the loop must run.
bool Waiter::sleep() {
  const int timeout = uv_backend_timeout(loop_);
  if (timeout == 0 || resting_.empty() || resting_.size() > most_resting) return false;
  pollfd watched[1 + most_resting];
  size_t count = 0;
  for (const WakeSource* source : resting_) watched[count++] = {source->descriptor, POLLIN, 0};
  // The loop's epoll knows the same descriptors, so it is ready whenever they are; it counts if
  // they are not.
  watched[count++] = {uv_backend_fd(loop_), POLLIN, 0};
  if (poll(watched, count, timeout) <= 0) return false;
  bool any = false;
  const std::vector<WakeSource*> rested = std::move(resting_);
  resting_.clear();
  for (size_t i = 0; i < rested.size(); ++i) {
    // A peer that left is the loop's affair, as every end of a descriptor.
    if (watched[i].revents != POLLIN) continue;
    ready(*rested[i], UV_READABLE);
    any = true;
  }
  return any;
}

// Wakes sources at rest whose word moved. Their doorbells are read once the loop polls.
void Waiter::glance_at_resting() {
  for (size_t count = std::min(sources_.size(), most_glanced); count > 0; --count) {
    if (++glanced_ >= sources_.size()) glanced_ = 0;
    WakeSource* source = sources_[glanced_].get();
    if (source == nullptr || source->word == nullptr || source->active) continue;
    if (source->word->load(std::memory_order_acquire) != source->seen) activate(*source);
  }
}

bool Waiter::other_events_wait() const {
  pollfd backend{uv_backend_fd(loop_), POLLIN, 0};
  return poll(&backend, 1, 0) > 0;
}

// True when a timer is due or JavaScript wants the loop's other phases.
bool Waiter::must_poll(uint64_t now) {
  if (now - loop_time_ns_ > loop_clock_ns) {
    uv_update_time(loop_);
    loop_time_ns_ = now;
  }
  return uv_backend_timeout(loop_) == 0;
}

// Lets the loop run its other phases while sources are awake. libuv must not block meanwhile:
// nobody would ring. (uv_backend_timeout() alone is no promise: it also says 0 when descriptors are
// about to be registered.)
void Waiter::return_awake() {
  uv_idle_start(awake_, [](uv_idle_t*) {});
}

void Waiter::back_off(uint64_t now) {
  // A yield this long means that others need the CPU; spinning on would hand away whole time
  // slices.
  backoff_ns_ = std::clamp(backoff_ns_ * 2, first_backoff_ns, longest_backoff_ns);
  may_spin_from_ns_ = now + backoff_ns_;
  ++counters_.backoffs;
}

void Waiter::turn() {
  if (delivering_) return;
  uv_idle_stop(awake_);
  deliver();
  if (active_.empty() && pending_.empty()) return;
  uint64_t now = now_ns();
  uint64_t last_glance = now;
  uint64_t last_poll = now;
  uint64_t last_work = now;
  bool yielded = false;
  // When the loop's next timer is due; JavaScript may set one with each delivery.
  uint64_t deadline = UINT64_MAX;
  const auto update_deadline = [&] {
    const int timeout = uv_backend_timeout(loop_);
    deadline =
        timeout < 0 ? UINT64_MAX : loop_time_ns_ + static_cast<uint64_t>(timeout) * 1'000'000;
  };
  loop_time_ns_ = 0;  // the loop kept its clock itself meanwhile
  if (must_poll(now)) {
    if (look()) deliver();
    return return_awake();
  }
  update_deadline();
  // What a busy hook owes to those that it does not watch. True if the loop must run for them.
  const auto look_around = [&](bool flooded) {
    if (flooded || now - last_glance > glance_ns) {
      glance_at_resting();
      last_glance = now;
    }
    if (!flooded && now - last_poll <= (descriptors_ > 0 ? busy_device_look_ns : busy_look_ns))
      return false;
    last_poll = now;
    return other_events_wait();
  };
  for (;;) {
    if (look()) {
      if (yielded)
        backoff_ns_ -= backoff_ns_ / 2;  // spinning paid off: forget slow yields gradually
      yielded = false;
      deliver();
      now = last_work = now_ns();
      if (must_poll(now)) return return_awake();
      update_deadline();
      // A drain that stopped at its bound left work behind: with that much of it, others may wait.
      if (look_around(!pending_.empty())) return return_awake();
      continue;
    }
    if (active_.empty()) return;
    if (now >= deadline) {
      loop_time_ns_ = 0;
      if (must_poll(now)) return return_awake();
      update_deadline();
    }
    if (now - last_work >= window_ns_ || now < may_spin_from_ns_) {
      ++counters_.sleeps;
      if (fall_asleep()) continue;
      loop_time_ns_ = 0;
      if (must_poll(now) || !sleep()) {
        uv_update_time(loop_);
        return;
      }
      last_work = now_ns();
      // What the loop watches, the sleep watched as well: the time slept does not count.
      last_poll += last_work - now;
      now = last_work;
      // A peer may ring again and again about nothing; the bells of others are not heard here.
      if (look_around(false)) return return_awake();
      continue;
    }
    if (descriptors_ > 0 && now - last_poll > device_look_ns) {
      if (other_events_wait()) return return_awake();
      last_poll = now;
    }
    sched_yield();
    ++counters_.yields;
    const uint64_t before = now;
    now = now_ns();
    // What a slow yield finds, sleeping would have found sooner: that is no reason to forget it.
    yielded = now - before <= slow_yield_ns;
    if (!yielded) back_off(now);
  }
}

}  // namespace bulkhead
