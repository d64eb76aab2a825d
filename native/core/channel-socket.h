// The socket half of a channel: doorbells, descriptors, and the news of the peer's death.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "layout.h"

namespace bulkhead {

// Two connected ends, close-on-exec and non-blocking. Returns 0 or -errno.
int channel_socket_pair(int ends[2]);

// Rings the peer's doorbell. Never blocks and never raises SIGPIPE; a full buffer means that one is
// already there.
void send_doorbell(int socket);

// Sends descriptors ahead of the message at ring position `position`. The caller keeps its own
// copies. Returns 0 or -errno; -EAGAIN when the peer does not read.
int send_descriptors(int socket, uint32_t position, const int* descriptors, size_t count);

// What one read of the socket brought.
enum class SocketNews { nothing, doorbell, descriptors, closed, violation };

struct ReceivedDescriptors {
  uint32_t position = 0;
  std::vector<int> descriptors;  // owned by whoever takes them
};

// Reads at most one message without blocking. On `descriptors`, `received` holds them; on every
// other outcome all descriptors that came along have been closed.
SocketNews read_channel_socket(int socket, ReceivedDescriptors& received);

// Raw messages with descriptors, for the spawner's protocol and for handing a component its first
// message. Returns the number of bytes, or -errno.
int64_t send_message(int socket, const void* bytes, size_t length, const int* descriptors,
                     size_t count);
int64_t receive_message(int socket, void* bytes, size_t capacity, std::vector<int>& descriptors,
                        bool wait);

void close_all(std::vector<int>& descriptors);

}  // namespace bulkhead
