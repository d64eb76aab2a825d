// The two rings of a channel that carry messages: requests from client to server, replies back.
//
// Each end is used by one thread. Nothing here makes a system call or allocates. Functions return 0
// or a count, or -errno; -EPROTO means that the peer broke the protocol and the session must end.
#pragma once

#include <span>

#include "bell.h"

namespace bulkhead {

// Slots that a message with `length` payload bytes occupies.
inline constexpr uint32_t message_slots(uint32_t length) {
  return (uint32_t{sizeof(MessageHeader)} + length + channel_layout::slot_bytes - 1) /
         channel_layout::slot_bytes;
}
inline constexpr uint32_t max_message_slots = message_slots(max_payload_bytes);
inline constexpr uint32_t max_capabilities = 4;

// Whether a header obeys docs/wire-format.md: kind, length, capability count and kinds.
bool well_formed(const MessageHeader& header);

// A private copy of a message.
class Message {
 public:
  MessageHeader header() const {
    MessageHeader header;
    std::memcpy(&header, bytes_, sizeof header);
    return header;
  }
  std::span<const std::byte> payload() const {
    return {bytes_ + sizeof(MessageHeader), header().length};
  }
  // Where it stood in its ring, in slots: descriptors on the socket carry the same number.
  uint32_t position() const { return position_; }

 private:
  friend class MessageConsumer;
  alignas(uint64_t) std::byte bytes_[max_message_slots * channel_layout::slot_bytes];
  uint32_t position_ = 0;
};

// The end that fills this side's outgoing ring: requests for a client, replies for a server.
class MessageProducer {
 public:
  // `memory` is channel_layout::total_bytes long and outlives the producer. Goes on where the
  // memory's indices stand.
  MessageProducer(std::byte* memory, Side side);

  // Stages one message; publish() makes it visible. 0, or
  // -EAGAIN: no room. "Space wanted" is set: publish what is staged, sleep by the bell, try again.
  // A server gets this for a reply only if the client sent more than it reserved for, and ends the
  // session.
  // -EINVAL: the header is not well-formed. -EPROTO: the peer's index is impossible.
  [[nodiscard]] int push(const MessageHeader& header, const void* payload);

  // Where the next message will stand; the tag of its descriptors, which are sent before publish().
  uint32_t position() const { return head_; }

  // Publishes what push() staged. True: something is new, ring the bell (once, after all rings
  // published).
  [[nodiscard]] bool publish();

 private:
  int refresh_tail(std::memory_order order);
  uint32_t room() const { return channel_layout::slot_count - (head_ - tail_); }

  std::byte* memory_;
  std::byte* ring_;
  Side side_;
  uint32_t head_;       // staged; memory has what is published
  uint32_t published_;  // head as the peer sees it
  uint32_t tail_;       // of the peer, as last loaded and checked
  bool space_wanted_ = false;
};

// The end that empties this side's incoming ring.
class MessageConsumer {
 public:
  MessageConsumer(std::byte* memory, Side side);

  // Copies the next message out. 1, 0 (none), or -EPROTO: impossible index, ill-formed header, or a
  // message that is longer than what was published.
  [[nodiscard]] int take(Message& message);

  // Gives the slots of all taken messages back; once a batch. True: the peer waits for room, ring
  // the bell.
  [[nodiscard]] bool release();

 private:
  std::byte* memory_;
  std::byte* ring_;
  Side side_;
  uint32_t tail_;  // taken; memory has what was released
  uint32_t released_;
};

}  // namespace bulkhead
