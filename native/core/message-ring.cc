#include "message-ring.h"

#include <cerrno>

namespace bulkhead {

using namespace channel_layout;

namespace {

static_assert((slot_count & (slot_count - 1)) == 0, "free-running indices need a power of two");
constexpr size_t ring_bytes = size_t{slot_count} * slot_bytes;

// The ring that `side` fills.
constexpr size_t ring_of(Side side) { return side == Side::client ? request_ring : reply_ring; }

constexpr size_t byte_of(uint32_t index) { return size_t{index % slot_count} * slot_bytes; }

// Copies into the ring from byte `at` on, continuing at its start where it ends.
void write_wrapping(std::byte* ring, size_t at, const void* from, size_t bytes) {
  const size_t before_end = bytes < ring_bytes - at ? bytes : ring_bytes - at;
  std::memcpy(ring + at, from, before_end);
  std::memcpy(ring, static_cast<const std::byte*>(from) + before_end, bytes - before_end);
}

}  // namespace

bool well_formed(const MessageHeader& header) {
  if (header.kind < static_cast<uint8_t>(MessageKind::call) ||
      header.kind > static_cast<uint8_t>(MessageKind::cancel)) {
    return false;
  }
  if (header.length > max_payload_bytes || header.capabilities > max_capabilities) return false;
  for (uint32_t index = 0; index < max_capabilities; ++index) {
    const uint32_t kind = header.capability_kinds >> (4 * index) & 0xf;
    const bool named = index < header.capabilities;
    if (named ? kind < 1 || kind > 3 : kind != 0) return false;
  }
  return true;
}

MessageProducer::MessageProducer(std::byte* memory, Side side)
    : memory_(memory),
      ring_(memory + ring_of(side)),
      side_(side),
      head_(channel_word(memory, side, head_word).load(std::memory_order_relaxed)),
      published_(head_),
      // Pairs with the store in release(): the consumer is done with the slots before it.
      tail_(channel_word(memory, peer_of(side), tail_word).load(std::memory_order_acquire)) {}

int MessageProducer::refresh_tail(std::memory_order order) {
  const uint32_t tail = channel_word(memory_, peer_of(side_), tail_word).load(order);
  // The peer can have consumed at most what is published, and never gives back less than before.
  if (tail - tail_ > published_ - tail_) return -EPROTO;
  tail_ = tail;
  return 0;
}

int MessageProducer::push(const MessageHeader& header, const void* payload) {
  if (!well_formed(header)) return -EINVAL;
  if (published_ - tail_ > slot_count) return -EPROTO;  // only from indices found at construction
  const uint32_t slots = message_slots(header.length);

  if (room() < slots) {
    // Acquire: pairs with the store in release(); the consumer's reads are over before we
    // overwrite.
    if (const int error = refresh_tail(std::memory_order_acquire)) return error;
  }
  if (room() < slots) {
    // Sequentially consistent pair: we store "space wanted" and then load the tail, the consumer
    // stores the tail and then loads "space wanted" (release()). Either we see its room, or it sees
    // our wish and rings.
    channel_word(memory_, side_, space_wanted_word).store(1, std::memory_order_seq_cst);
    space_wanted_ = true;
    if (const int error = refresh_tail(std::memory_order_seq_cst)) return error;
    if (room() < slots) return -EAGAIN;
  }
  if (space_wanted_) {
    // Relaxed: a consumer that still reads 1 rings once for nothing.
    channel_word(memory_, side_, space_wanted_word).store(0, std::memory_order_relaxed);
    space_wanted_ = false;
  }

  const size_t at = byte_of(head_);
  std::memcpy(ring_ + at, &header, sizeof header);
  if (header.length > 0) {
    write_wrapping(ring_, at + sizeof header, payload, header.length);
  }
  head_ += slots;
  return 0;
}

bool MessageProducer::publish() {
  if (head_ == published_) return false;
  published_ = head_;
  // Release: the slots before the head. Pairs with the acquire load in take().
  channel_word(memory_, side_, head_word).store(head_, std::memory_order_release);
  return true;
}

MessageConsumer::MessageConsumer(std::byte* memory, Side side)
    : memory_(memory),
      ring_(memory + ring_of(peer_of(side))),
      side_(side),
      tail_(channel_word(memory, side, tail_word).load(std::memory_order_relaxed)),
      released_(tail_) {}

int MessageConsumer::take(Message& message) {
  // Acquire: pairs with the release in publish(), which comes after the slots were written.
  const uint32_t head =
      channel_word(memory_, peer_of(side_), head_word).load(std::memory_order_acquire);
  // Measured from what was released, because the producer may fill no more than that.
  if (head - released_ > slot_count) return -EPROTO;
  const uint32_t available = head - tail_;
  if (available == 0) return 0;
  if (available > slot_count) return -EPROTO;  // the head went backwards, behind what we took

  // The first slot decides how many follow, and only its copy is asked.
  copy_from_shared(message.bytes_, ring_ + byte_of(tail_), slot_bytes);
  const MessageHeader header = message.header();
  if (!well_formed(header)) return -EPROTO;
  const uint32_t slots = message_slots(header.length);
  if (slots > available) return -EPROTO;
  for (uint32_t index = 1; index < slots; ++index) {
    copy_from_shared(message.bytes_ + size_t{index} * slot_bytes, ring_ + byte_of(tail_ + index),
                     slot_bytes);
  }
  message.position_ = tail_;
  tail_ += slots;
  return 1;
}

bool MessageConsumer::release() {
  if (tail_ == released_) return false;
  released_ = tail_;
  // Sequentially consistent, and so is the load after it: pairs with "space wanted" and the tail in
  // push(). As a release it also ends our reads of the slots before the producer may overwrite
  // them.
  channel_word(memory_, side_, tail_word).store(tail_, std::memory_order_seq_cst);
  return channel_word(memory_, peer_of(side_), space_wanted_word).load(std::memory_order_seq_cst) !=
         0;
}

}  // namespace bulkhead
