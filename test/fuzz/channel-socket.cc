// What a peer may put on a channel's socket: any bytes, with any number of descriptors.
//
// Input: messages of a length byte, a count of descriptors, and bytes.
#include "../../native/core/channel-socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vector>

#include "fuzz.h"

using namespace bulkhead;

namespace {

// Descriptor numbers are given lowest first, so a leak moves the next one.
int lowest_free() {
  const int descriptor = fcntl(0, F_DUPFD_CLOEXEC, 0);
  close(descriptor);
  return descriptor;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const int first_free = lowest_free();
  int ends[2];
  if (channel_socket_pair(ends) != 0) return 0;
  while (!input.empty()) {
    const size_t length = input.value<uint8_t>() % 12;
    const size_t count = input.value<uint8_t>() % 12;
    uint8_t bytes[12] = {};
    input.copy(bytes, length);
    const std::vector<int> descriptors(count, ends[0]);
    if (send_message(ends[0], bytes, length, descriptors.data(), count) < 0) break;

    ReceivedDescriptors received;
    const SocketNews news = read_channel_socket(ends[1], received);
    DescriptorTag tag;
    std::memcpy(&tag, bytes, sizeof tag);
    if (news == SocketNews::descriptors) {
      hold(length == sizeof tag && tag.type == descriptor_type && tag.count == count && count > 0 &&
           count <= max_descriptors && received.descriptors.size() == count &&
           received.position == tag.position);
      close_all(received.descriptors);
    } else {
      hold(received.descriptors.empty());
      const bool bell = length == 1 && bytes[0] == doorbell_byte && count == 0;
      hold((news == SocketNews::doorbell) == bell);
      hold((news == SocketNews::closed) == (length == 0));
    }
  }
  close(ends[0]);
  close(ends[1]);
  hold(lowest_free() == first_free);
  return 0;
}
