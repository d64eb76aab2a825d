// The two ends of stress.test.cc: a client that submits packets and calls, a server that answers.
#pragma once

#include <poll.h>
#include <sched.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "../../native/core/channel-socket.h"
#include "../../native/core/clock.h"
#include "../../native/core/message-ring.h"
#include "../../native/core/packet-stream.h"
#include "../../native/core/waiting.h"
#include "check.h"

namespace stress {

using namespace bulkhead;
using check::Random;

inline constexpr uint32_t slots = 128;
inline constexpr uint32_t buffer_bytes = 256;
inline constexpr int watchdog_ms = 20'000;
inline constexpr uint16_t stop_code = 0xffff;

struct Descriptor {
  uint32_t offset;
  uint32_t length;
  uint32_t sequence;
  uint32_t checksum;  // of the payload; the acknowledgement carries its complement
};

inline uint32_t checksum_of(const std::byte* bytes, size_t length, uint32_t key) {
  uint32_t sum = 2166136261u ^ key;
  for (size_t index = 0; index < length; ++index) {
    sum = (sum ^ static_cast<uint32_t>(bytes[index])) * 16777619u;
  }
  return sum;
}

inline void fill(std::byte* bytes, size_t length, uint32_t key) {
  for (size_t index = 0; index < length; ++index) {
    bytes[index] = static_cast<std::byte>(key + index * 7);
  }
}

// What each side counted, in memory that both see.
struct Account {
  uint64_t packets, calls, oneways;
  uint64_t batches;  // times that something was announced
  uint64_t doorbells_sent, doorbells_received;
  uint64_t sleeps_announced;  // times that asleep was set
  uint64_t sleeps, full_rings;
};

#define REQUIRE(condition)                                                             \
  do {                                                                                 \
    if (!(condition)) {                                                                \
      std::fprintf(stderr, "%s:%d: %s side expected %s\n", __FILE__, __LINE__, name(), \
                   #condition);                                                        \
      return false;                                                                    \
    }                                                                                  \
  } while (0)

// What both sides do: announce, pause at random, sleep.
class End {
 public:
  End(std::byte* channel, Side side, int socket, Account& account, uint64_t seed)
      : account(account), random(seed), bell(channel, side), side_(side), socket_(socket) {}

  const char* name() const { return side_ == Side::client ? "client" : "server"; }

  void announce() {
    ++account.batches;
    if (!bell.ring()) return;
    ++account.doorbells_sent;
    send_doorbell(socket_);
  }

  // Makes every interleaving likely, not only those of two ends at full speed.
  void pause_sometimes() {
    const uint32_t what = random.below(256);
    if (what == 0) {
      const timespec time{0, 1 + static_cast<long>(random.below(100'000))};
      nanosleep(&time, nullptr);
    } else if (what < 4) {
      sched_yield();
    } else if (what < 32) {
      for (uint32_t count = random.below(2000); count > 0; --count) asm volatile("" ::: "memory");
    }
  }

  // Waits until the peer announces something after `seen`. False: the watchdog bit, or the peer is
  // gone.
  bool sleep(uint32_t seen) {
    const Watch watch = bell.watch(seen);
    if (random.one_in(4) && spin(window_, {&watch, 1}, now_ns, sched_yield)) return true;
    ++account.sleeps_announced;
    if (!bell.fall_asleep(seen)) return true;
    ++account.sleeps;
    pollfd wait{socket_, POLLIN, 0};
    int ready;
    do ready = poll(&wait, 1, watchdog_ms);
    while (ready < 0 && errno == EINTR);
    if (ready == 0) {
      std::fprintf(stderr, "The %s sleeps for %d s: %s\n", name(), watchdog_ms / 1000,
                   watch.moved() ? "a wake-up was lost" : "the peer does not progress");
      return false;
    }
    bell.take_back();
    for (;;) {
      switch (read_channel_socket(socket_, received_)) {
        case SocketNews::doorbell:
          ++account.doorbells_received;
          continue;
        case SocketNews::nothing:
          return true;
        default:
          std::fprintf(stderr, "The %s lost its peer\n", name());
          return false;
      }
    }
  }

  Account& account;
  Random random;
  Bell bell;

 private:
  Side side_;
  int socket_;
  SpinWindow window_;
  ReceivedDescriptors received_;
};

// Sink of the packets and server of the calls.
class ServerEnd : public End {
 public:
  ServerEnd(std::byte* channel, const StreamMemory& stream, int socket, Account& account,
            uint64_t seed)
      : End(channel, Side::server, socket, account, seed),
        requests_(channel, Side::server),
        replies_(channel, Side::server),
        sink_(stream) {}

  bool run() {
    while (!stopped_) {
      const uint32_t seen = bell.events();
      pause_sometimes();
      bool more = false;
      bool announce_this = false;
      if (!take_packets(more) || !take_messages(more)) return false;
      pause_sometimes();
      if (sink_.publish()) announce_this = true;
      if (replies_.publish()) announce_this = true;
      if (requests_.release()) announce_this = true;
      if (announce_this) announce();
      if (!more && !stopped_ && !sleep(seen)) return false;
    }
    return true;
  }

 private:
  bool take_packets(bool& more) {
    Descriptor batch[slots];
    const uint32_t most = 1 + random.below(slots);
    const int count = sink_.take({batch, most});
    REQUIRE(count >= 0);
    more |= count == static_cast<int>(most);
    for (int index = 0; index < count; ++index) {
      Descriptor& packet = batch[index];
      REQUIRE(packet.sequence == static_cast<uint32_t>(account.packets++));
      const std::byte* payload = sink_.payload(packet);
      REQUIRE(payload != nullptr);
      REQUIRE(checksum_of(payload, packet.length, packet.sequence) == packet.checksum);
      packet.checksum = ~packet.checksum;
    }
    // In any order.
    for (int left = count; left > 0; --left) {
      const uint32_t which = random.below(static_cast<uint32_t>(left));
      REQUIRE(sink_.acknowledge(batch[which]));
      batch[which] = batch[left - 1];
    }
    return true;
  }

  bool take_messages(bool& more) {
    for (uint32_t most = 1 + random.below(32); most > 0; --most) {
      const int result = requests_.take(message_);
      REQUIRE(result >= 0);
      if (result == 0) return true;
      MessageHeader header = message_.header();
      const auto payload = message_.payload();
      REQUIRE(header.object == checksum_of(payload.data(), payload.size(), header.id));
      if (header.kind == static_cast<uint8_t>(MessageKind::call)) {
        REQUIRE(header.id == static_cast<uint32_t>(account.calls++));
        header.kind = static_cast<uint8_t>(MessageKind::reply);
        // The caller reserved room: a reply never waits.
        REQUIRE(replies_.push(header, payload.data()) == 0);
      } else if (header.code == stop_code) {
        stopped_ = true;
      } else {
        REQUIRE(header.id == static_cast<uint32_t>(account.oneways++));
      }
    }
    more = true;
    return true;
  }

  MessageConsumer requests_;
  MessageProducer replies_;
  PacketSink<Descriptor> sink_;
  Message message_;
  bool stopped_ = false;
};

// Source of the packets and client of the calls.
class ClientEnd : public End {
 public:
  ClientEnd(std::byte* channel, const StreamMemory& stream, int socket, Account& account,
            uint64_t seed, uint64_t packets)
      : End(channel, Side::client, socket, account, seed),
        requests_(channel, Side::client),
        replies_(channel, Side::client),
        source_(stream),
        packets_(packets),
        sums_(slots) {
    for (uint32_t index = 0; index < slots; ++index) free_.push_back(index);
  }

  bool run() {
    for (;;) {
      const uint32_t seen = bell.events();
      pause_sometimes();
      bool progress = false;
      if (!take_replies(progress) || !take_acknowledgements(progress)) return false;
      if (episode_left_ == 0) begin_episode();
      if (!serial_ || idle()) {
        submit_packets(progress);
        if (!send_messages(progress)) return false;
      }
      if (account.packets == packets_ && idle()) {
        if (!send(MessageKind::oneway, stop_code, 0, 0, stopped_)) return false;
        progress |= stopped_;
      }
      pause_sometimes();
      bool announce_this = source_.publish();
      if (requests_.publish()) announce_this = true;
      if (replies_.release()) announce_this = true;
      if (announce_this) announce();
      if (stopped_) return true;
      if (!progress && !sleep(seen)) return false;
    }
  }

 private:
  // Nothing is under way.
  bool idle() const { return free_.size() == slots && reserved_ == 0; }

  // A stretch of one manner of load: from single packets that wait for their answer to full rings.
  void begin_episode() {
    const uint32_t batches[] = {1, 4, 16, 64, slots};
    most_ = batches[random.below(5)];
    serial_ = random.one_in(2);
    episode_left_ = 1 + random.below(2000);
  }

  void submit_packets(bool& progress) {
    uint32_t count = 1 + random.below(most_);
    while (count-- > 0 && account.packets < packets_ && !free_.empty()) {
      const uint32_t buffer = free_.back();
      Descriptor packet{buffer * buffer_bytes, random.below(random.one_in(8) ? 257 : 33),
                        static_cast<uint32_t>(account.packets), 0};
      std::byte* payload = source_.payload(packet);
      fill(payload, packet.length, packet.sequence);
      packet.checksum = checksum_of(payload, packet.length, packet.sequence);
      if (!source_.submit(packet)) return;
      free_.pop_back();
      sums_[buffer] = packet.checksum;
      ++account.packets;
      if (episode_left_ > 0) --episode_left_;
      progress = true;
    }
  }

  bool take_acknowledgements(bool& progress) {
    Descriptor batch[slots];
    const int count = source_.acknowledged({batch, 1 + random.below(slots)});
    REQUIRE(count >= 0);
    for (int index = 0; index < count; ++index) {
      const uint32_t buffer = batch[index].offset / buffer_bytes;
      REQUIRE(buffer < slots && batch[index].checksum == ~sums_[buffer]);
      sums_[buffer] = ~sums_[buffer];  // so that a second acknowledgement does not match
      free_.push_back(buffer);
      progress = true;
    }
    return true;
  }

  bool send_messages(bool& progress) {
    if (account.packets == packets_) return true;
    bool sent = true;
    if (random.one_in(8)) {
      const uint32_t length = random_length();
      const uint32_t reply_slots = std::max(4u, message_slots(length));
      if (reserved_ + reply_slots <= channel_layout::slot_count) {
        const uint32_t id = static_cast<uint32_t>(account.calls);
        if (!send(MessageKind::call, 1, id, length, sent)) return false;
        if (sent) {
          ++account.calls;
          reserved_ += reply_slots;
          progress = true;
        }
      }
    }
    if (random.one_in(64)) {
      for (uint32_t count = random.below(100); count > 0 && sent; --count) {
        const uint32_t id = static_cast<uint32_t>(account.oneways);
        if (!send(MessageKind::oneway, 2, id, random_length(), sent)) return false;
        if (sent) {
          ++account.oneways;
          progress = true;
        }
      }
    }
    // The server rings when it made room, so a full ring is no reason to stay awake.
    if (!sent) ++account.full_rings;
    return true;
  }

  uint32_t random_length() { return random.below(random.one_in(4) ? 1025 : 65); }

  bool send(MessageKind kind, uint16_t code, uint32_t id, uint32_t length, bool& sent) {
    MessageHeader header{};
    header.id = id;
    header.code = code;
    header.kind = static_cast<uint8_t>(kind);
    header.length = static_cast<uint16_t>(length);
    fill(payload_, length, id);
    header.object = checksum_of(payload_, length, id);
    const int result = requests_.push(header, payload_);
    REQUIRE(result == 0 || result == -EAGAIN);
    sent = result == 0;
    return true;
  }

  bool take_replies(bool& progress) {
    for (uint32_t most = 1 + random.below(32); most > 0; --most) {
      const int result = replies_.take(message_);
      REQUIRE(result >= 0);
      if (result == 0) return true;
      const MessageHeader header = message_.header();
      const auto payload = message_.payload();
      REQUIRE(header.kind == static_cast<uint8_t>(MessageKind::reply));
      REQUIRE(header.id == replies_seen_++);
      REQUIRE(header.object == checksum_of(payload.data(), payload.size(), header.id));
      reserved_ -= std::max(4u, message_slots(header.length));
      progress = true;
    }
    return true;
  }

  MessageProducer requests_;
  MessageConsumer replies_;
  PacketSource<Descriptor> source_;
  const uint64_t packets_;
  Message message_;
  std::byte payload_[max_payload_bytes];
  std::vector<uint32_t> free_;
  std::vector<uint32_t> sums_;
  uint32_t reserved_ = 0;
  uint32_t replies_seen_ = 0;
  uint32_t episode_left_ = 0;
  uint32_t most_ = 1;
  bool serial_ = false;
  bool stopped_ = false;
};

#undef REQUIRE

}  // namespace stress
