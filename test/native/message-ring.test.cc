// Properties of the message rings and the bell within one process: random batches against a model,
// indices that wrap, peers that lie. What needs two processes is in stress.test.cc.
#include "../../native/core/message-ring.h"

#include <cerrno>
#include <deque>
#include <memory>
#include <vector>

#include "check.h"
#include "ring-memory.h"

using namespace bulkhead;
using check::Random;

namespace {

struct Channel : Memory {
  Channel() : Memory(channel_layout::total_bytes) {}
  void set(Side side, size_t index, uint32_t value) const {
    channel_word(base(), side, index).store(value);
  }
  // Both directions, as if `value` slots had passed already.
  void start_indices_at(uint32_t value) const {
    for (const Side side : {Side::client, Side::server}) {
      set(side, channel_layout::head_word, value);
      set(side, channel_layout::tail_word, value);
    }
  }
};

struct Letter {
  MessageHeader header;
  std::vector<std::byte> payload;
};

Letter random_letter(Random& random, uint32_t id) {
  Letter letter{};
  letter.header.id = id;
  letter.header.code = static_cast<uint16_t>(random.next());
  letter.header.kind = static_cast<uint8_t>(1 + random.below(5));
  letter.header.capabilities = static_cast<uint8_t>(random.below(max_capabilities + 1));
  uint32_t kinds = 0;
  for (uint32_t index = 0; index < letter.header.capabilities; ++index) {
    kinds |= (1 + random.below(3)) << (4 * index);
  }
  letter.header.capability_kinds = static_cast<uint16_t>(kinds);
  const uint32_t lengths[] = {0, 1, 47, 48, 49, 112, 113, 1023, 1024, random.below(1025)};
  letter.header.length = static_cast<uint16_t>(lengths[random.below(10)]);
  letter.header.object = random.next();
  letter.payload.resize(letter.header.length);
  for (std::byte& byte : letter.payload) byte = static_cast<std::byte>(random.next());
  return letter;
}

bool same(const Message& message, const Letter& letter) {
  const MessageHeader header = message.header();
  const auto payload = message.payload();
  return std::memcmp(&header, &letter.header, sizeof header) == 0 &&
         std::equal(payload.begin(), payload.end(), letter.payload.begin(), letter.payload.end());
}

// Random batches in one direction; the model is a queue of what was pushed and a sum of its slots.
void messages_against_model(uint64_t seed, uint32_t first_index, Side sender, int steps) {
  Random random(seed);
  Channel channel;
  channel.start_indices_at(first_index);
  MessageProducer producer(channel.base(), sender);
  MessageConsumer consumer(channel.base(), peer_of(sender));
  std::deque<Letter> staged;
  std::deque<Letter> published;
  uint32_t occupied = 0;  // slots from what the consumer released to what was staged
  uint32_t unreleased = 0;
  uint32_t position = first_index;
  uint32_t taken_position = first_index;
  uint32_t next_id = 0;
  bool wish = false;
  auto message = std::make_unique<Message>();

  for (int step = 0; step < steps; ++step) {
    for (uint32_t count = random.below(8); count > 0; --count) {
      const Letter letter = random_letter(random, next_id);
      const uint32_t slots = message_slots(letter.header.length);
      EXPECT_EQUAL(producer.position(), position);
      const int result = producer.push(letter.header, letter.payload.data());
      wish = occupied + slots > channel_layout::slot_count;
      EXPECT_EQUAL(result, wish ? -EAGAIN : 0);
      if (wish) break;
      staged.push_back(letter);
      occupied += slots;
      position += slots;
      ++next_id;
    }
    if (random.one_in(2)) {
      EXPECT_EQUAL(producer.publish(), !staged.empty());
      while (!staged.empty()) {
        published.push_back(std::move(staged.front()));
        staged.pop_front();
      }
    }
    for (uint32_t count = random.below(12); count > 0; --count) {
      const int result = consumer.take(*message);
      EXPECT_EQUAL(result, published.empty() ? 0 : 1);
      if (result != 1) break;
      EXPECT(same(*message, published.front()));
      EXPECT_EQUAL(message->position(), taken_position);
      const uint32_t slots = message_slots(published.front().header.length);
      unreleased += slots;
      taken_position += slots;
      published.pop_front();
    }
    if (random.one_in(2)) {
      EXPECT_EQUAL(consumer.release(), wish && unreleased > 0);
      occupied -= unreleased;
      unreleased = 0;
    }
  }
  EXPECT(next_id > 100);
}

MessageHeader call_of(uint16_t length) {
  MessageHeader header{};
  header.kind = static_cast<uint8_t>(MessageKind::call);
  header.length = length;
  return header;
}

void hostile_message_indices(uint64_t seed) {
  Random random(seed);
  const std::vector<std::byte> payload(max_payload_bytes);
  auto message = std::make_unique<Message>();
  for (int round = 0; round < 2000; ++round) {
    const uint32_t start = random.next();
    Channel channel;
    channel.start_indices_at(start);
    MessageConsumer consumer(channel.base(), Side::server);
    // Anything more than slot_count ahead, which includes everything behind.
    channel.set(Side::client, channel_layout::head_word,
                start + 257 + random.below(UINT32_MAX - 256));
    EXPECT_EQUAL(consumer.take(*message), -EPROTO);

    channel.start_indices_at(start);
    MessageProducer producer(channel.base(), Side::client);
    int sent = 0;
    while (producer.push(call_of(1024), payload.data()) == 0) ++sent;
    EXPECT_EQUAL(sent, 15);
    EXPECT(producer.publish());
    // It consumed more than was published, or went back behind what it had consumed already.
    channel.set(Side::server, channel_layout::tail_word,
                start + 15 * 17 + 1 + random.below(UINT32_MAX - 15 * 17));
    EXPECT_EQUAL(producer.push(call_of(1024), payload.data()), -EPROTO);
  }
}

void hostile_messages() {
  auto message = std::make_unique<Message>();
  const auto take = [&](const MessageHeader& header, uint32_t published) {
    Channel channel;
    MessageConsumer consumer(channel.base(), Side::server);
    std::memcpy(channel.base() + channel_layout::request_ring, &header, sizeof header);
    channel.set(Side::client, channel_layout::head_word, published);
    return consumer.take(*message);
  };
  EXPECT_EQUAL(take(call_of(48), 1), 1);
  EXPECT_EQUAL(take(call_of(49), 1), -EPROTO);  // longer than what was published
  EXPECT_EQUAL(take(call_of(49), 2), 1);
  EXPECT_EQUAL(take(call_of(1024), 16), -EPROTO);
  EXPECT_EQUAL(take(call_of(1024), 17), 1);
  EXPECT_EQUAL(take(call_of(1025), 256), -EPROTO);
  EXPECT_EQUAL(take(call_of(65535), 256), -EPROTO);
  MessageHeader header = call_of(0);
  header.kind = 0;
  EXPECT_EQUAL(take(header, 1), -EPROTO);
  header.kind = 6;
  EXPECT_EQUAL(take(header, 1), -EPROTO);
  header = call_of(0);
  header.capabilities = 5;
  header.capability_kinds = 0x1111;
  EXPECT_EQUAL(take(header, 1), -EPROTO);
  header.capabilities = 4;
  EXPECT_EQUAL(take(header, 1), 1);
  header.capability_kinds = 0x4111;
  EXPECT_EQUAL(take(header, 1), -EPROTO);
  header.capability_kinds = 0x0111;
  EXPECT_EQUAL(take(header, 1), -EPROTO);
  header.capabilities = 3;
  EXPECT_EQUAL(take(header, 1), 1);
  header.capabilities = 2;
  EXPECT_EQUAL(take(header, 1), -EPROTO);

  Channel channel;
  MessageProducer producer(channel.base(), Side::server);
  EXPECT_EQUAL(producer.push(call_of(1025), nullptr), -EINVAL);
  EXPECT(!producer.publish());
}

void bell_protocol(uint32_t first_events) {
  Channel channel;
  channel.set(Side::client, channel_layout::events_word, first_events);
  Bell client(channel.base(), Side::client);
  Bell server(channel.base(), Side::server);

  uint32_t seen = server.events();
  EXPECT(!client.ring());  // an awake peer costs nothing
  EXPECT(!server.fall_asleep(seen));
  EXPECT_EQUAL(channel.load(channel_layout::server_asleep), 0u);
  seen = server.events();
  EXPECT(!server.watch(seen).moved());
  EXPECT(server.fall_asleep(seen));
  EXPECT_EQUAL(channel.load(channel_layout::server_asleep), 1u);
  EXPECT(client.ring());   // one doorbell for a sleeper
  EXPECT(!client.ring());  // and no second one
  EXPECT(server.watch(seen).moved());
  EXPECT_EQUAL(server.events() - seen, 2u);

  seen = server.events();
  EXPECT(server.fall_asleep(seen));
  server.take_back();
  EXPECT(!client.ring());
  // The other direction is independent.
  const uint32_t client_seen = client.events();
  EXPECT(client.fall_asleep(client_seen));
  EXPECT(server.ring());
}

// An end that is made anew in the same process continues where the memory stands.
void ends_go_on() {
  Channel channel;
  auto message = std::make_unique<Message>();
  for (uint32_t round = 0; round < 600; ++round) {
    MessageProducer producer(channel.base(), Side::client);
    MessageConsumer consumer(channel.base(), Side::server);
    MessageHeader header = call_of(0);
    header.id = round;
    EXPECT_EQUAL(producer.push(header, nullptr), 0);
    EXPECT(producer.publish());
    EXPECT_EQUAL(consumer.take(*message), 1);
    EXPECT_EQUAL(message->header().id, round);
    EXPECT(!consumer.release());
  }
}

}  // namespace

int main(int argc, char** argv) {
  const uint64_t seed = check::option(argc, argv, "--seed", 1);
  const uint32_t starts[] = {0, 0u - 40, 0u - 300, 0x7fffffc0u};
  check::test("messages against a model", [&] {
    for (const uint32_t start : starts) {
      for (uint64_t run = 0; run < 10; ++run) {
        messages_against_model(seed + run, start, run % 2 ? Side::client : Side::server, 2000);
      }
    }
  });
  check::test("impossible message indices are violations", [&] { hostile_message_indices(seed); });
  check::test("ill-formed messages are violations", hostile_messages);
  check::test("bell", [&] {
    for (const uint32_t events : {0u, UINT32_MAX, UINT32_MAX - 1}) bell_protocol(events);
  });
  check::test("ends go on where the memory stands", ends_go_on);
  return check::summary();
}
