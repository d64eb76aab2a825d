// Packet streams: bulk data in a dataspace, described by two rings.
//
// A source submits descriptors and collects acknowledgements; a sink takes descriptors and
// acknowledges each once, in any order. A source has at most slot_count packets under way, so
// neither ring overflows and nobody waits for room. Each end is used by one thread; nothing here
// makes a system call or allocates.
#pragma once

#include <algorithm>
#include <cerrno>
#include <concepts>
#include <span>
#include <type_traits>

#include "ring.h"

namespace bulkhead {

// What an interface puts into the rings: starts with offset and length, a multiple of 8 bytes.
template <typename Type>
concept PacketDescriptor = requires(Type descriptor) {
  requires std::is_trivially_copyable_v<Type> && std::is_standard_layout_v<Type>;
  requires sizeof(Type) % sizeof(uint64_t) == 0;
  { descriptor.offset } -> std::same_as<uint32_t&>;
  { descriptor.length } -> std::same_as<uint32_t&>;
  requires(offsetof(Type, offset) == 0 && offsetof(Type, length) == sizeof(uint32_t));
};

// Where the bulk area starts: after the header and both rings, on a page of 4096.
inline constexpr size_t stream_bulk_offset(uint32_t slot_count, size_t stride) {
  const size_t rings = size_t{2} * slot_count * stride;
  return (stream_layout::rings + rings + 4095) & ~size_t{4095};
}

// A mapped stream whose shape was checked.
struct StreamMemory {
  std::byte* base = nullptr;
  uint32_t slot_count = 0;
  std::byte* bulk = nullptr;
  uint32_t bulk_bytes = 0;

  // 0, or -EINVAL: slot_count is not a power of two, the stride not a multiple of 8, or the
  // dataspace, which may come from a stranger, does not hold rings of that shape. `base` outlives
  // the ends that use it.
  [[nodiscard]] static int open(std::byte* base, size_t bytes, uint32_t slot_count, size_t stride,
                                StreamMemory& stream) {
    if (slot_count == 0 || (slot_count & (slot_count - 1)) != 0 || slot_count > 1u << 20) {
      return -EINVAL;
    }
    if (stride < sizeof(stream_layout::DescriptorHead) || stride % sizeof(uint64_t) != 0 ||
        stride > header_bytes) {
      return -EINVAL;
    }
    const size_t bulk_offset = stream_bulk_offset(slot_count, stride);
    if (bytes < bulk_offset) return -EINVAL;
    // Descriptors count in 32 bits; what lies beyond is out of their reach.
    const size_t bulk_bytes = std::min<size_t>(bytes - bulk_offset, UINT32_MAX);
    stream = {base, slot_count, base + bulk_offset, static_cast<uint32_t>(bulk_bytes)};
    return 0;
  }

  // The payload that a private copy of a descriptor names, or null if it does not lie within the
  // bulk area.
  std::byte* payload(uint32_t offset, uint32_t length) const {
    if (offset > bulk_bytes || length > bulk_bytes - offset)
      return nullptr;  // no sum: it could wrap
    return bulk + offset;
  }

  Word word(size_t offset) const { return word_at(base, offset); }
  uint32_t load(size_t offset, std::memory_order order) const { return word(offset).load(order); }
  // Slots of descriptors of the kind that the stream was opened with.
  template <typename Descriptor>
  std::byte* submit_slot(uint32_t index) const {
    return base + stream_layout::rings + size_t{index & (slot_count - 1)} * sizeof(Descriptor);
  }
  template <typename Descriptor>
  std::byte* acknowledge_slot(uint32_t index) const {
    return submit_slot<Descriptor>(index) + size_t{slot_count} * sizeof(Descriptor);
  }
};

template <PacketDescriptor Descriptor>
class PacketSource {
 public:
  // `stream` was opened with sizeof(Descriptor). Goes on where the memory's indices stand.
  explicit PacketSource(const StreamMemory& stream)
      : stream_(stream),
        head_(stream_.load(stream_layout::submit_head, std::memory_order_relaxed)),
        published_(head_),
        tail_(stream_.load(stream_layout::acknowledge_tail, std::memory_order_relaxed)) {}

  // Packets that may be submitted now.
  uint32_t room() const {
    const uint32_t under_way = head_ - tail_;
    return under_way < stream_.slot_count ? stream_.slot_count - under_way : 0;
  }

  // Stages a descriptor; publish() makes it visible. False: slot_count packets are under way.
  [[nodiscard]] bool submit(const Descriptor& descriptor) {
    if (room() == 0) return false;
    std::memcpy(stream_.submit_slot<Descriptor>(head_), &descriptor, sizeof descriptor);
    ++head_;
    return true;
  }

  // Publishes what was staged: one store a batch. True: something is new, ring the bell.
  [[nodiscard]] bool publish() {
    if (head_ == published_) return false;
    published_ = head_;
    // Release: payloads and descriptors before the head. Pairs with the acquire load in
    // PacketSink::take().
    stream_.word(stream_layout::submit_head).store(head_, std::memory_order_release);
    return true;
  }

  // Copies up to out.size() acknowledgements. Their count, or -EPROTO: the sink acknowledged what
  // was never submitted. The caller checks what they say: the descriptors are the sink's word.
  [[nodiscard]] int acknowledged(std::span<Descriptor> out) {
    // Acquire: pairs with the release in PacketSink::publish(); payloads that the sink filled are
    // visible.
    const uint32_t head = stream_.load(stream_layout::acknowledge_head, std::memory_order_acquire);
    const uint32_t available = head - tail_;
    if (available > published_ - tail_ || available > stream_.slot_count) return -EPROTO;
    const uint32_t count = std::min<uint32_t>(available, static_cast<uint32_t>(out.size()));
    if (count == 0) return 0;
    for (uint32_t index = 0; index < count; ++index) {
      copy_from_shared(&out[index], stream_.acknowledge_slot<Descriptor>(tail_ + index),
                       sizeof(Descriptor));
    }
    tail_ += count;
    // Nobody waits for this word: the bound on packets under way keeps the ring from overflowing.
    // It lets another end of this process go on from here, and an observer count. Release: our
    // reads of the slots are over.
    stream_.word(stream_layout::acknowledge_tail).store(tail_, std::memory_order_release);
    return static_cast<int>(count);
  }

  std::byte* payload(const Descriptor& descriptor) const {
    return stream_.payload(descriptor.offset, descriptor.length);
  }
  const StreamMemory& stream() const { return stream_; }

 private:
  StreamMemory stream_;
  uint32_t head_;       // staged
  uint32_t published_;  // as the sink sees it
  uint32_t tail_;       // acknowledgements collected
};

template <PacketDescriptor Descriptor>
class PacketSink {
 public:
  explicit PacketSink(const StreamMemory& stream)
      : stream_(stream),
        tail_(stream_.load(stream_layout::submit_tail, std::memory_order_relaxed)),
        head_(stream_.load(stream_layout::acknowledge_head, std::memory_order_relaxed)),
        published_(head_) {}

  // Packets taken and not yet acknowledged.
  uint32_t held() const { return tail_ - head_; }

  // Copies up to out.size() submissions. Their count, or -EPROTO: the source's index is impossible,
  // or it has more than slot_count packets under way, which would overflow what the sink keeps of
  // them.
  [[nodiscard]] int take(std::span<Descriptor> out) {
    // Acquire: pairs with the release in PacketSource::publish().
    const uint32_t head = stream_.load(stream_layout::submit_head, std::memory_order_acquire);
    // The source knows of the acknowledgements that are published, not of those that are staged.
    const uint32_t known_under_way = tail_ - published_;
    const uint32_t available = head - tail_;
    if (known_under_way > stream_.slot_count || available > stream_.slot_count - known_under_way) {
      return -EPROTO;
    }
    const uint32_t count = std::min<uint32_t>(available, static_cast<uint32_t>(out.size()));
    if (count == 0) return 0;
    for (uint32_t index = 0; index < count; ++index) {
      copy_from_shared(&out[index], stream_.submit_slot<Descriptor>(tail_ + index),
                       sizeof(Descriptor));
    }
    tail_ += count;
    // For an end that goes on from here, and observers; the source waits for acknowledgements
    // instead.
    stream_.word(stream_layout::submit_tail).store(tail_, std::memory_order_release);
    return static_cast<int>(count);
  }

  // The payload of a taken descriptor; null: out of range, acknowledge it as failed.
  std::byte* payload(const Descriptor& descriptor) const {
    return stream_.payload(descriptor.offset, descriptor.length);
  }

  // Stages the answer to a taken packet; publish() makes it visible. False: every taken packet is
  // acknowledged.
  [[nodiscard]] bool acknowledge(const Descriptor& descriptor) {
    if (held() == 0) return false;
    std::memcpy(stream_.acknowledge_slot<Descriptor>(head_), &descriptor, sizeof descriptor);
    ++head_;
    return true;
  }

  // Publishes what was staged: one store a batch. True: something is new, ring the bell.
  [[nodiscard]] bool publish() {
    if (head_ == published_) return false;
    published_ = head_;
    // Release: payloads and descriptors before the head. Pairs with PacketSource::acknowledged().
    stream_.word(stream_layout::acknowledge_head).store(head_, std::memory_order_release);
    return true;
  }

  const StreamMemory& stream() const { return stream_; }

 private:
  StreamMemory stream_;
  uint32_t tail_;       // submissions taken
  uint32_t head_;       // acknowledgements staged
  uint32_t published_;  // acknowledgements that the source can see
};

}  // namespace bulkhead
