// What a block device is asked to do, and what came of it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bulkhead {

enum class BlockOperation : uint32_t {
  read = 0,   // device -> buffer
  write = 1,  // buffer -> device
  sync = 2,   // everything acknowledged before it is on the medium; position and length are ignored
  trim = 3,   // the range's contents are no longer needed
};

// One request as JavaScript writes it: eight 32-bit words, 64-bit values as low and high half.
struct BlockRequest {
  uint32_t tag;  // chosen by the caller, repeated in the completion
  BlockOperation operation;
  uint32_t position_low;  // bytes from the start of the device
  uint32_t position_high;
  uint32_t length_low;  // bytes
  uint32_t length_high;
  uint32_t buffer;   // index that adding the buffer gave
  uint32_t address;  // bytes from the start of the buffer

  uint64_t position() const { return static_cast<uint64_t>(position_high) << 32 | position_low; }
  uint64_t length() const { return static_cast<uint64_t>(length_high) << 32 | length_low; }
};
static_assert(sizeof(BlockRequest) == 32);

// Two 32-bit words.
struct BlockCompletion {
  uint32_t tag;
  int32_t result;  // bytes moved by read and write, 0 after sync and trim, or -errno
};
static_assert(sizeof(BlockCompletion) == 8);

// The most that one read or write moves: what the kernel moves in one call, rounded down to 64 KiB.
inline constexpr uint64_t block_transfer_limit = 0x7fff0000;

// A request that was checked, with its addresses resolved.
struct BlockJob {
  uint32_t slot;  // of the device's table of requests under way
  BlockOperation operation;
  uint64_t position;
  uint64_t length;
  std::byte* address;  // read and write only
  uint32_t buffer;
};

struct BlockResult {
  uint32_t slot;
  int32_t result;
};

}  // namespace bulkhead
