// The events and asleep words of a channel: who must be woken, and when it is safe to sleep.
//
// The bell itself makes no system call. ring() says whether a doorbell byte is due; the channel's
// socket sends it. docs/models/wakeup.pml is the proof of this file.
#pragma once

#include "ring.h"

namespace bulkhead {

// One session as a waiter sees it: there is something to do when *events differs from `seen`.
struct Watch {
  uint32_t* events;  // of the peer
  uint32_t* asleep;  // our own
  uint32_t seen;     // events when we last began to process

  // Acquire: everything that the peer published before it raised events is visible after a true
  // answer.
  bool moved() const { return Word(*events).load(std::memory_order_acquire) != seen; }
};

class Bell {
 public:
  // `memory` is channel_layout::total_bytes long and outlives the bell.
  Bell(std::byte* memory, Side side)
      : own_events_(word_pointer(memory, line_of(side))),
        peer_events_(word_pointer(memory, line_of(peer_of(side)))),
        own_asleep_(word_pointer(memory, asleep_of(side))),
        peer_asleep_(word_pointer(memory, asleep_of(peer_of(side)))) {}

  // Tells the peer that something was published (indices and counters first). True: send one
  // doorbell byte. Once a batch: an awake peer costs no system call, a sleeping one gets one
  // doorbell however often we ring.
  [[nodiscard]] bool ring() {
    Word events(*own_events_);
    // Only this side writes the word, so a plain increment is enough; what a peer scribbles there
    // harms itself only. Sequentially consistent: ordered before the load of asleep below, and
    // pairs with the load of events in fall_asleep(). Of the two sides, at least one sees the
    // other's store.
    events.store(events.load(std::memory_order_relaxed) + 1, std::memory_order_seq_cst);
    Word asleep(*peer_asleep_);
    if (asleep.load(std::memory_order_seq_cst) == 0) return false;
    // Several ends of this side, or the sleeper itself, may take the flag back: whoever gets the 1
    // sends the byte.
    return asleep.exchange(0, std::memory_order_seq_cst) == 1;
  }

  // Phase 1 begins: remember the result, then consume all there is. Acquire: pairs with the store
  // in ring(), so that what was published before that event is visible to the indices loaded after
  // this call.
  [[nodiscard]] uint32_t events() const {
    return Word(*peer_events_).load(std::memory_order_acquire);
  }

  // Phases 2 and 3. True: nothing came since `seen`; wait for the socket, the peer will ring.
  // False: go back to phase 1.
  [[nodiscard]] bool fall_asleep(uint32_t seen) {
    // Sequentially consistent pair, a store and then a load of the other side's word: see ring().
    Word(*own_asleep_).store(1, std::memory_order_seq_cst);
    if (Word(*peer_events_).load(std::memory_order_seq_cst) == seen) return true;
    take_back();
    return false;
  }

  // After a wait that something other than the doorbell ended: while awake, let the peer ring for
  // nothing. Relaxed is enough. A peer that still reads 1 sends a spurious doorbell; one that reads
  // 0 raised events before, and fall_asleep() compares events once more before the next sleep.
  void take_back() { Word(*own_asleep_).store(0, std::memory_order_relaxed); }

  Watch watch(uint32_t seen) const { return {peer_events_, own_asleep_, seen}; }

 private:
  static constexpr size_t line_of(Side side) {
    return side == Side::client ? channel_layout::client_line : channel_layout::server_line;
  }
  static constexpr size_t asleep_of(Side side) {
    return side == Side::client ? channel_layout::client_asleep : channel_layout::server_asleep;
  }
  static uint32_t* word_pointer(std::byte* memory, size_t offset) {
    return reinterpret_cast<uint32_t*>(memory + offset);
  }
  static_assert(channel_layout::events_word == 0, "the events word opens each side's line");

  uint32_t* own_events_;
  uint32_t* peer_events_;
  uint32_t* own_asleep_;
  uint32_t* peer_asleep_;
};

}  // namespace bulkhead
