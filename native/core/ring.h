// What every ring shares: words in memory that a peer may change at any time, and copies out of it.
//
// An index of the peer is loaded once, checked, then used; one's own index is a private copy,
// published by a store.
//
// What the peer wrote is copied to private memory once, by relaxed atomic loads, then checked, then
// used. Plain reads would let the compiler read twice. Slots are *written* by plain stores, so that
// ThreadSanitizer sees a missing release or acquire on an index as a race.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "layout.h"

namespace bulkhead {

using Word = std::atomic_ref<uint32_t>;
static_assert(Word::is_always_lock_free, "shared words must be atomic between processes");
static_assert(std::atomic_ref<uint64_t>::is_always_lock_free);

// The 32-bit word `offset` bytes into a mapping.
inline Word word_at(std::byte* memory, size_t offset) {
  return Word(*reinterpret_cast<uint32_t*>(memory + offset));
}

// Copies `bytes` (a multiple of 8, both sides aligned to 8) out of shared memory, each word read
// exactly once.
inline void copy_from_shared(void* to, std::byte* shared, size_t bytes) {
  auto* source = reinterpret_cast<uint64_t*>(shared);
  auto* target = static_cast<std::byte*>(to);
  for (size_t index = 0; index < bytes / sizeof(uint64_t); ++index) {
    const uint64_t value = std::atomic_ref<uint64_t>(source[index]).load(std::memory_order_relaxed);
    std::memcpy(target + index * sizeof value, &value, sizeof value);
  }
}

// The word `index` of the line that `side` writes in channel memory.
inline Word channel_word(std::byte* memory, Side side, size_t index) {
  const size_t line =
      side == Side::client ? channel_layout::client_line : channel_layout::server_line;
  return word_at(memory, line + index * sizeof(uint32_t));
}

inline constexpr Side peer_of(Side side) {
  return side == Side::client ? Side::server : Side::client;
}

}  // namespace bulkhead
