// The program ring-peer, see ring-peer.cc, as a function, so that a test can be both ends.
#pragma once

#include <poll.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <deque>
#include <string>
#include <vector>

#include "../../native/core/channel-socket.h"
#include "../../native/core/clock.h"
#include "../../native/core/dataspace.h"
#include "../../native/core/message-ring.h"
#include "../../native/core/packet-stream.h"
#include "../../native/core/waiting.h"
#include "check.h"

namespace bulkhead::ring_peer {

constexpr int channel_socket = 3;
constexpr int channel_memory = 4;
constexpr int stream_memory = 5;
constexpr uint32_t failed_checksum = UINT32_MAX;

struct Descriptor {
  uint32_t offset, length, sequence, checksum;
};

struct Counts {
  uint64_t calls = 0, replies = 0, oneways = 0, packets = 0, failed_packets = 0, acknowledged = 0;
  uint64_t batches = 0, doorbells_sent = 0, doorbells_received = 0, sleeps = 0;
};

inline Counts counts;

[[noreturn]] inline void finish(int code, const char* why) {
  if (code != 0) std::fprintf(stderr, "ring-peer: %s\n", why);
  const auto print = [](const char* name, uint64_t value, const char* separator) {
    std::printf("\"%s\": %llu%s", name, static_cast<unsigned long long>(value), separator);
  };
  std::printf("{\"end\": \"%s\", ", why);
  print("calls", counts.calls, ", ");
  print("replies", counts.replies, ", ");
  print("oneways", counts.oneways, ", ");
  print("packets", counts.packets, ", ");
  print("failedPackets", counts.failed_packets, ", ");
  print("acknowledged", counts.acknowledged, ", ");
  print("batches", counts.batches, ", ");
  print("doorbellsSent", counts.doorbells_sent, ", ");
  print("doorbellsReceived", counts.doorbells_received, ", ");
  print("sleeps", counts.sleeps, "}\n");
  std::fflush(stdout);
  _exit(code);
}

inline uint32_t checksum_of(const std::byte* bytes, size_t length) {
  uint32_t sum = 2166136261u;
  for (size_t index = 0; index < length; ++index) {
    sum = (sum ^ static_cast<uint32_t>(bytes[index])) * 16777619u;
  }
  return sum;
}

// The socket's side of the session: doorbells, and descriptors that wait for the message that names
// them.
class Socket {
 public:
  // Reads all that is there.
  void read() {
    for (;;) {
      ReceivedDescriptors received;
      switch (read_channel_socket(channel_socket, received)) {
        case SocketNews::nothing:
          return;
        case SocketNews::doorbell:
          ++counts.doorbells_received;
          break;
        case SocketNews::descriptors:
          waiting_.push_back(std::move(received));
          break;
        case SocketNews::closed:
          closed_ = true;
          return;
        case SocketNews::violation:
          finish(3, "ill-formed socket message");
      }
    }
  }

  // The descriptors of a message; they were sent before it was published, so they are there.
  std::vector<int> claim(const Message& message) {
    const MessageHeader header = message.header();
    if (header.capabilities == 0) return {};
    size_t expected = 0;
    for (uint32_t index = 0; index < header.capabilities; ++index) {
      expected += (header.capability_kinds >> (4 * index) & 0xf) == 2 ? 2 : 1;
    }
    if (waiting_.empty()) read();
    if (waiting_.empty() || waiting_.front().position != message.position() ||
        waiting_.front().descriptors.size() != expected) {
      finish(3, "a message without its descriptors");
    }
    std::vector<int> descriptors = std::move(waiting_.front().descriptors);
    waiting_.pop_front();
    return descriptors;
  }

  bool closed() const { return closed_; }

 private:
  std::deque<ReceivedDescriptors> waiting_;
  bool closed_ = false;
};

struct Options {
  Side side = Side::server;
  uint32_t slots = 256;
  uint64_t count = 1000;
  uint32_t batch = 8;
  bool echo = false, caller = false, sink = false, source = false;
};

class Peer {
 public:
  Peer(const Options& options, std::byte* channel, const StreamMemory& stream)
      : options_(options),
        bell_(channel, options.side),
        outgoing_(channel, options.side),
        incoming_(channel, options.side),
        source_(stream),
        sink_(stream),
        batch_(std::max(options.slots, options.batch)) {
    if (!options.source) return;
    buffer_bytes_ = stream.bulk_bytes / stream.slot_count;
    longest_packet_ = std::min(buffer_bytes_, 1500u) + 1;
    for (uint32_t index = 0; index < stream.slot_count; ++index) free_.push_back(index);
  }

  [[noreturn]] void run() {
    for (;;) {
      const uint32_t seen = bell_.events();
      bool more = receive();
      if (options_.sink) more |= take_packets();
      if (options_.source) more |= drive_source();
      if (options_.caller) more |= drive_caller();
      publish();
      bool something = published_;
      published_ = false;
      if (options_.sink && sink_.publish()) something = true;
      if (options_.source && source_.publish()) something = true;
      if (something) {
        ++counts.batches;
        if (bell_.ring()) {
          ++counts.doorbells_sent;
          send_doorbell(channel_socket);
        }
      }
      if (finished()) finish(0, "done");
      if (!more) sleep(seen);
    }
  }

 private:
  bool finished() const {
    if (!options_.caller && !options_.source) return false;
    return (!options_.caller || counts.replies == options_.count) &&
           (!options_.source || counts.acknowledged == options_.count);
  }

  void sleep(uint32_t seen) {
    const Watch watch = bell_.watch(seen);
    if (spin(window_, {&watch, 1}, now_ns, sched_yield)) return;
    if (!bell_.fall_asleep(seen)) return;
    // What came before the peer closed was processed: events did not move since.
    if (socket_.closed()) finish(0, "closed");
    ++counts.sleeps;
    pollfd wait{channel_socket, POLLIN, 0};
    while (poll(&wait, 1, -1) < 0 && errno == EINTR) continue;
    bell_.take_back();
    socket_.read();
  }

  bool receive() {
    for (uint32_t most = 64; most > 0; --most) {
      const int result = incoming_.take(message_);
      if (result < 0) finish(3, "impossible message");
      if (result == 0) return false;
      std::vector<int> descriptors = socket_.claim(message_);
      const MessageHeader header = message_.header();
      switch (static_cast<MessageKind>(header.kind)) {
        case MessageKind::call:
          ++counts.calls;
          if (options_.echo) answer(header, descriptors);
          break;
        case MessageKind::reply:
          check_reply(header);
          break;
        case MessageKind::oneway:
          ++counts.oneways;
          break;
        default:
          break;
      }
      close_all(descriptors);
    }
    return true;
  }

  void answer(MessageHeader header, const std::vector<int>& descriptors) {
    header.kind = static_cast<uint8_t>(MessageKind::reply);
    header.code = 0;
    if (!descriptors.empty() && send_descriptors(channel_socket, outgoing_.position(),
                                                 descriptors.data(), descriptors.size()) != 0) {
      finish(3, "the peer does not read its socket");
    }
    if (outgoing_.push(header, message_.payload().data()) != 0) {
      finish(3, "no room for a reply: the caller sent more than it reserved for");
    }
    if (!descriptors.empty()) publish();
  }

  // A message with descriptors is published before the descriptors of the next are sent. The bell
  // follows in run(). Slots of replies are given back first: the requests reserve them anew.
  void publish() {
    const bool wanted = incoming_.release();
    published_ = outgoing_.publish() || wanted || published_;
  }

  bool drive_caller() {
    bool progress = false;
    while (counts.calls < options_.count) {
      const uint32_t length = static_cast<uint32_t>(counts.calls * 37 % (max_payload_bytes + 1));
      const uint32_t reply_slots = std::max(4u, message_slots(length));
      if (reserved_ + reply_slots > channel_layout::slot_count) break;
      MessageHeader header{};
      header.id = static_cast<uint32_t>(counts.calls);
      header.code = 1;
      header.kind = static_cast<uint8_t>(MessageKind::call);
      header.length = static_cast<uint16_t>(length);
      std::vector<std::byte> payload(length);
      for (uint32_t index = 0; index < length; ++index) {
        payload[index] = static_cast<std::byte>(header.id + index);
      }
      if (carries_capabilities(header.id)) {
        header.capabilities = 2;
        header.capability_kinds = 0x31;  // a dataspace and a file
        const int descriptors[] = {channel_memory, channel_memory};
        // A message that found no room is tried again; its descriptors are on their way already.
        if (!descriptors_sent_ &&
            send_descriptors(channel_socket, outgoing_.position(), descriptors, 2) != 0) {
          finish(3, "the peer does not read its socket");
        }
        descriptors_sent_ = true;
      }
      // The server may answer before it gives the slots of the requests back.
      const int pushed = outgoing_.push(header, payload.data());
      if (pushed == -EAGAIN) break;
      if (pushed != 0) finish(3, "impossible index");
      descriptors_sent_ = false;
      if (header.capabilities > 0) publish();
      ++counts.calls;
      reserved_ += reply_slots;
      progress = true;
    }
    return progress;
  }

  static bool carries_capabilities(uint32_t id) { return id % 16 == 15; }

  void check_reply(const MessageHeader& header) {
    const auto payload = message_.payload();
    if (header.id >= counts.calls) finish(1, "a reply to no call");
    if (header.capabilities != (carries_capabilities(header.id) ? 2 : 0)) {
      finish(1, "a reply without its capabilities");
    }
    if (payload.size() != uint64_t{header.id} * 37 % (max_payload_bytes + 1)) {
      finish(1, "a reply of another length");
    }
    for (uint32_t index = 0; index < payload.size(); ++index) {
      if (payload[index] != static_cast<std::byte>(header.id + index)) finish(1, "a wrong reply");
    }
    reserved_ -= std::max(4u, message_slots(header.length));
    ++counts.replies;
  }

  bool take_packets() {
    const int count = sink_.take(batch_);
    if (count < 0) finish(3, "impossible submit index");
    for (int index = 0; index < count; ++index) {
      Descriptor packet = batch_[static_cast<size_t>(index)];
      const std::byte* payload = sink_.payload(packet);
      ++counts.packets;
      if (payload == nullptr) ++counts.failed_packets;
      packet.checksum = payload ? checksum_of(payload, packet.length) : failed_checksum;
      if (!sink_.acknowledge(packet)) finish(3, "impossible acknowledge index");
    }
    return count == static_cast<int>(batch_.size());
  }

  bool drive_source() {
    const int count = source_.acknowledged(batch_);
    if (count < 0) finish(3, "impossible acknowledge index");
    for (int index = 0; index < count; ++index) {
      const Descriptor& packet = batch_[static_cast<size_t>(index)];
      const std::byte* payload = source_.payload(packet);
      if (payload == nullptr || packet.checksum != checksum_of(payload, packet.length)) {
        finish(1, "a wrong acknowledgement");
      }
      free_.push_back(packet.offset / buffer_bytes_);
      ++counts.acknowledged;
    }
    bool progress = count > 0;
    for (uint32_t batch = options_.batch;
         batch > 0 && counts.packets < options_.count && !free_.empty(); --batch) {
      const uint32_t sequence = static_cast<uint32_t>(counts.packets);
      Descriptor packet{free_.back() * buffer_bytes_, sequence % longest_packet_, sequence, 0};
      std::byte* payload = source_.payload(packet);
      for (uint32_t index = 0; index < packet.length; ++index) {
        payload[index] = static_cast<std::byte>(sequence + index * 7);
      }
      if (!source_.submit(packet)) break;
      free_.pop_back();
      ++counts.packets;
      progress = true;
    }
    return progress;
  }

  Options options_;
  Bell bell_;
  MessageProducer outgoing_;
  MessageConsumer incoming_;
  PacketSource<Descriptor> source_;
  PacketSink<Descriptor> sink_;
  Socket socket_;
  SpinWindow window_;
  Message message_;
  std::vector<Descriptor> batch_;
  std::vector<uint32_t> free_;
  uint32_t buffer_bytes_ = 1;
  uint32_t longest_packet_ = 1;
  uint32_t reserved_ = 0;
  bool published_ = false;
  bool descriptors_sent_ = false;
};

inline std::byte* map_or_finish(int descriptor, size_t least, size_t& bytes) {
  Mapping mapping;
  if (map_dataspace(descriptor, true, mapping) != 0 || mapping.bytes < least) {
    finish(2, "descriptor 4 or 5 is not a sealed dataspace of sufficient size");
  }
  bytes = mapping.bytes;
  return static_cast<std::byte*>(mapping.address);
}

// The program: ends the process.
[[noreturn]] inline void run(int argc, char** argv) {
  Options options;
  options.slots = static_cast<uint32_t>(check::option(argc, argv, "--slots", options.slots));
  options.count = check::option(argc, argv, "--count", options.count);
  options.batch = static_cast<uint32_t>(check::option(argc, argv, "--batch", options.batch));
  for (int index = 1; index < argc; ++index) {
    const std::string word = argv[index];
    if (word == "--client") {
      options.side = Side::client;
    } else if (word == "echo") {
      options.echo = true;
    } else if (word == "caller") {
      options.caller = true;
    } else if (word == "sink") {
      options.sink = true;
    } else if (word == "source") {
      options.source = true;
    } else if (word.starts_with("--")) {
      ++index;  // an option with a number, read above
    } else {
      finish(2, "usage: ring-peer [--client] [--slots N] [--count N] [--batch N] ROLE...");
    }
  }
  if (!(options.echo || options.caller || options.sink || options.source))
    finish(2, "no role given");
  if (options.sink && options.source) finish(2, "one stream has one role here: sink or source");

  size_t bytes = 0;
  std::byte* channel = map_or_finish(channel_memory, channel_layout::total_bytes, bytes);
  StreamMemory stream;
  if (options.sink || options.source) {
    std::byte* base = map_or_finish(stream_memory, 1, bytes);
    if (StreamMemory::open(base, bytes, options.slots, sizeof(Descriptor), stream) != 0 ||
        stream.bulk_bytes < options.slots) {
      finish(2, "the stream's dataspace does not hold that many slots");
    }
  } else {
    stream = {channel, 0, nullptr, 0};  // the ends exist but are never used
  }
  static Peer peer(options, channel, stream);
  peer.run();
}

}  // namespace bulkhead::ring_peer
