// The shapes of shared memory that two components agree on. docs/wire-format.md is the prose of
// this file; base/layout.ts is its TypeScript twin.
//
// Everything is little-endian 32-bit words. Words are grouped into cache lines by *writer*: a line
// that one side writes is only read by the other, so no line ever bounces between two writers, and
// one transfer carries every index that a batch changed. The only word with two writers is
// "asleep", which stands alone on its line.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bulkhead {

inline constexpr size_t cache_line = 64;
inline constexpr size_t header_bytes = 4096;

// Which end of a channel this process holds. The client is the end that asked for the session.
enum class Side : uint32_t { client = 0, server = 1 };

// A channel: one session's control memory.
namespace channel_layout {
inline constexpr uint32_t slot_bytes = 64;
inline constexpr uint32_t slot_count = 256;   // a direction; a power of two
inline constexpr uint32_t signal_count = 16;  // a direction

// Line 1 is written by the client, line 2 by the server. Within each:
inline constexpr size_t client_line = 1 * cache_line;
inline constexpr size_t server_line = 2 * cache_line;
inline constexpr size_t events_word =
    0;                                  // grows by one with everything that the peer should look at
inline constexpr size_t head_word = 1;  // slots this side has published in its outgoing ring
inline constexpr size_t tail_word = 2;  // slots this side has consumed from its incoming ring
inline constexpr size_t space_wanted_word =
    3;  // 1 while this side waits for room in its outgoing ring

// Written by the sleeper, taken back by whoever wakes it.
inline constexpr size_t client_asleep = 3 * cache_line;
inline constexpr size_t server_asleep = 4 * cache_line;

// signal_count counters each, written by the sender of the signal.
inline constexpr size_t server_signals = 5 * cache_line;
inline constexpr size_t client_signals = 6 * cache_line;

// client -> server, then server -> client.
inline constexpr size_t request_ring = header_bytes;
inline constexpr size_t reply_ring = request_ring + slot_bytes * slot_count;
inline constexpr size_t total_bytes = reply_ring + slot_bytes * slot_count;
}  // namespace channel_layout

// The first 16 bytes of a message; the payload follows and may run through several slots, wrapping
// at the ring's end.
struct MessageHeader {
  uint32_t id;           // chosen by the caller; the reply repeats it
  uint16_t code;         // operation of a call or oneway, error number of an error, 0 of a reply
  uint8_t kind;          // MessageKind
  uint8_t capabilities;  // how many; their descriptors were sent ahead on the socket
  uint16_t length;       // payload bytes, at most 1024
  uint16_t
      capability_kinds;  // 4 bits each, first in the lowest bits: 1 dataspace, 2 channel, 3 file
  uint32_t object;       // which object behind the session; 0 is the session itself
};
static_assert(sizeof(MessageHeader) == 16);

enum class MessageKind : uint8_t { call = 1, reply = 2, error = 3, oneway = 4, cancel = 5 };

inline constexpr uint32_t max_payload_bytes = 1024;

// A packet stream: [header][submit ring][acknowledge ring][padding to a page][bulk area] in one
// dataspace. A source never has more than `slot_count` packets under way, so neither ring can
// overflow and neither side ever waits for room: the source waits for acknowledgements, the sink
// for submissions, nobody for anything else.
namespace stream_layout {
inline constexpr size_t submit_head = 1 * cache_line;       // written by the source
inline constexpr size_t submit_tail = 2 * cache_line;       // written by the sink
inline constexpr size_t acknowledge_head = 3 * cache_line;  // written by the sink
inline constexpr size_t acknowledge_tail = 4 * cache_line;  // written by the source
inline constexpr size_t rings = header_bytes;

// The first two words of every descriptor; the interface defines the rest.
struct DescriptorHead {
  uint32_t offset;  // of the payload within the bulk area, in bytes
  uint32_t length;
};
}  // namespace stream_layout

// What travels on a channel's socket (SOCK_SEQPACKET): a doorbell is one zero byte; descriptors
// come in a message of their own, tagged with the ring position (in slots) of the message that
// names them.
struct DescriptorTag {
  uint8_t type;   // 1
  uint8_t count;  // descriptors attached
  uint16_t reserved;
  uint32_t position;
};
static_assert(sizeof(DescriptorTag) == 8);
inline constexpr uint8_t doorbell_byte = 0;
inline constexpr uint8_t descriptor_type = 1;
inline constexpr uint32_t max_descriptors = 8;

}  // namespace bulkhead
