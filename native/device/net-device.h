// A network device behind a granted descriptor, of whatever kind.
#pragma once

#include <cstdint>
#include <memory>

#include "descriptor.h"
#include "device-buffers.h"
#include "net-frame.h"

namespace bulkhead {

enum class NetKind : uint32_t { tap = 0, packet_socket = 1, pair = 2 };

struct NetCounters {
  uint64_t received = 0;
  uint64_t sent = 0;
  uint64_t receive_dropped = 0;  // frames larger than the room that was offered
  uint64_t send_dropped = 0;     // frames that the kernel refused: malformed, too large
};

class NetDevice {
 public:
  // Keeps a duplicate of `descriptor`, which is switched to non-blocking, and finds out what it is.
  // -EOPNOTSUPP when it is none of the kinds; -EINVAL for a TAP whose frames have no or another
  // header than net-frame.h.
  static int open(int descriptor, std::unique_ptr<NetDevice>& device);

  NetKind kind() const { return kind_; }
  int descriptor() const { return descriptor_.number(); }
  const NetCounters& counters() const { return counters_; }

  // As of DeviceBuffers.
  int add_buffer(int memfd, uint64_t offset, uint64_t length) {
    return buffers_.add(memfd, offset, length);
  }
  int remove_buffer(uint32_t index) { return buffers_.remove(index); }

  // False when it was removed. An interface goes down first, of which `receive` tells; if that was
  // heard before it went away, the kernel tells of nothing more.
  bool present() const;

  // Fills the frames' places with up to `count` frames that wait, and sets their lengths. Returns
  // how many. A frame that does not fit is dropped and counted; places may then change their order.
  // In a plain layout open checksums are filled in, and segments that are yet to be cut are
  // dropped. 0 when none waits. -EBADFD when the device is gone; -ENETDOWN when its interface went
  // down; -EINVAL, -EFAULT for a wrong buffer or place, in which case nothing was received.
  int receive(uint32_t buffer, NetFrame* frames, uint32_t count,
              NetLayout layout = NetLayout::device);

  // Hands up to `count` frames to the device. Returns how many were consumed: less when the
  // device's queue is full. A frame without headers, or that the kernel refuses as malformed or too
  // large, is consumed, counted as dropped, and its length set to 0. Errors as of `receive`; -EIO
  // when the TAP's interface is down.
  int send(uint32_t buffer, NetFrame* frames, uint32_t count, NetLayout layout = NetLayout::device);

 private:
  NetDevice() = default;
  int identify();
  int check(uint32_t buffer, const NetFrame* frames, uint32_t count, uint32_t least) const;
  int tap_receive(std::byte* base, NetFrame* frames, uint32_t count, NetLayout layout);
  int tap_send(std::byte* base, NetFrame* frames, uint32_t count, NetLayout layout);
  int socket_receive(std::byte* base, NetFrame* frames, uint32_t count, NetLayout layout);
  int socket_send(std::byte* base, NetFrame* frames, uint32_t count, NetLayout layout);
  int gone_or(int error) const;

  Descriptor descriptor_;
  NetKind kind_ = NetKind::tap;
  NetCounters counters_;
  DeviceBuffers buffers_;
};

}  // namespace bulkhead
