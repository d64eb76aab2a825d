// Properties of packet streams within one process: random batches against a model, indices that
// wrap, sources, sinks and dataspaces that lie.
#include "../../native/core/packet-stream.h"

#include <algorithm>
#include <cerrno>
#include <deque>
#include <vector>

#include "check.h"
#include "ring-memory.h"

using namespace bulkhead;
using check::Random;

namespace {

struct Descriptor {
  uint32_t offset;
  uint32_t length;
  uint32_t sequence;
  uint32_t result;
};

struct Stream : Memory {
  static constexpr uint32_t slots = 16;
  static constexpr uint32_t bulk_bytes = 8192;
  StreamMemory shape;

  Stream() : Memory(stream_bulk_offset(slots, sizeof(Descriptor)) + bulk_bytes) {
    EXPECT_EQUAL(StreamMemory::open(base(), bytes(), slots, sizeof(Descriptor), shape), 0);
  }
  void start_indices_at(uint32_t value) const {
    for (const size_t word : {stream_layout::submit_head, stream_layout::submit_tail,
                              stream_layout::acknowledge_head, stream_layout::acknowledge_tail}) {
      store(word, value);
    }
  }
};

// The sink acknowledges in random order; the model counts what is where.
void packets_against_model(uint64_t seed, uint32_t first_index, int steps) {
  Random random(seed);
  Stream stream;
  stream.start_indices_at(first_index);
  PacketSource<Descriptor> source(stream.shape);
  PacketSink<Descriptor> sink(stream.shape);
  uint32_t submitted = 0, staged = 0, under_way = 0, pending = 0, taken = 0;
  std::vector<Descriptor> held;
  std::deque<uint32_t> answers, staged_answers;
  Descriptor batch[Stream::slots + 4];

  for (int step = 0; step < steps; ++step) {
    for (uint32_t count = random.below(7); count > 0; --count) {
      EXPECT_EQUAL(source.room(), Stream::slots - under_way);
      const bool accepted = source.submit({submitted % 64 * 16, 16, submitted, 0});
      EXPECT_EQUAL(accepted, under_way < Stream::slots);
      if (!accepted) break;
      ++submitted, ++staged, ++under_way;
    }
    if (random.one_in(2)) {
      EXPECT_EQUAL(source.publish(), staged > 0);
      pending += staged;
      staged = 0;
    }
    if (random.one_in(2)) {
      const uint32_t most = random.below(Stream::slots + 4);
      const int count = sink.take({batch, most});
      EXPECT_EQUAL(count, static_cast<int>(std::min(pending, most)));
      for (int index = 0; index < count; ++index) {
        EXPECT_EQUAL(batch[index].sequence, taken++);
        EXPECT(sink.payload(batch[index]) == stream.shape.bulk + batch[index].sequence % 64 * 16);
        held.push_back(batch[index]);
      }
      pending -= static_cast<uint32_t>(std::max(count, 0));
    }
    EXPECT_EQUAL(sink.held(), held.size());
    while (!held.empty() && !random.one_in(3)) {
      const uint32_t which = random.below(static_cast<uint32_t>(held.size()));
      Descriptor answer = held[which];
      held.erase(held.begin() + which);
      answer.result = ~answer.sequence;
      EXPECT(sink.acknowledge(answer));
      staged_answers.push_back(answer.sequence);
    }
    if (held.empty()) EXPECT(!sink.acknowledge({}));
    if (random.one_in(2)) {
      EXPECT_EQUAL(sink.publish(), !staged_answers.empty());
      answers.insert(answers.end(), staged_answers.begin(), staged_answers.end());
      staged_answers.clear();
    }
    if (random.one_in(2)) {
      const uint32_t most = random.below(Stream::slots + 4);
      const int count = source.acknowledged({batch, most});
      EXPECT_EQUAL(count, static_cast<int>(std::min<size_t>(answers.size(), most)));
      for (int index = 0; index < count; ++index) {
        EXPECT_EQUAL(batch[index].sequence, answers.front());
        EXPECT_EQUAL(batch[index].result, ~answers.front());
        answers.pop_front();
      }
      under_way -= static_cast<uint32_t>(std::max(count, 0));
    }
  }
  EXPECT(submitted > 100);
}

void hostile_stream_indices(uint64_t seed) {
  Random random(seed);
  Descriptor batch[Stream::slots];
  for (int round = 0; round < 2000; ++round) {
    const uint32_t start = random.next();
    Stream stream;
    stream.start_indices_at(start);
    PacketSource<Descriptor> source(stream.shape);
    PacketSink<Descriptor> sink(stream.shape);
    const uint32_t submitted = 1 + random.below(Stream::slots);
    for (uint32_t count = 0; count < submitted; ++count) EXPECT(source.submit({}));
    EXPECT(source.publish());
    // An acknowledgement of what was never submitted.
    stream.store(stream_layout::acknowledge_head,
                 start + submitted + 1 + random.below(UINT32_MAX - submitted));
    EXPECT_EQUAL(source.acknowledged(batch), -EPROTO);
    stream.store(stream_layout::acknowledge_head, start);
    EXPECT_EQUAL(source.acknowledged(batch), 0);

    // More under way than the ring has slots: at once, and after the sink took some and answered
    // none.
    stream.store(stream_layout::submit_head,
                 start + Stream::slots + 1 + random.below(UINT32_MAX - Stream::slots));
    EXPECT_EQUAL(sink.take(batch), -EPROTO);
    stream.store(stream_layout::submit_head, start + Stream::slots);
    const uint32_t some = 1 + random.below(Stream::slots);
    EXPECT_EQUAL(sink.take({batch, some}), static_cast<int>(some));
    stream.store(stream_layout::submit_head, start + Stream::slots + 1);
    EXPECT_EQUAL(sink.take(batch), -EPROTO);
    stream.store(stream_layout::submit_head, start + some - 1);  // backwards
    EXPECT_EQUAL(sink.take(batch), -EPROTO);
    // A staged answer does not help, because the source cannot know of it; a published one does.
    stream.store(stream_layout::submit_head, start + Stream::slots + 1);
    EXPECT(sink.acknowledge({}));
    EXPECT_EQUAL(sink.take(batch), -EPROTO);
    EXPECT(sink.publish());
    EXPECT_EQUAL(sink.take(batch), static_cast<int>(Stream::slots + 1 - some));
  }
}

void hostile_descriptors(uint64_t seed) {
  Random random(seed);
  Stream stream;
  const auto inside = [&](uint64_t offset, uint64_t length) {
    return offset + length <= stream.shape.bulk_bytes;  // in 64 bits, where it cannot wrap
  };
  const uint32_t edges[] = {0,          1,          8191,       8192,       8193,
                            0x7fffffff, 0x80000000, 0xffffffff, 0xffffe000, 0xffffe001};
  for (int round = 0; round < 100'000; ++round) {
    const auto pick = [&] {
      return random.one_in(2) ? edges[random.below(10)] : random.below(16384);
    };
    const uint32_t offset = pick(), length = pick();
    std::byte* payload = stream.shape.payload(offset, length);
    EXPECT(payload == (inside(offset, length) ? stream.shape.bulk + offset : nullptr));
  }
}

void stream_shapes() {
  std::byte* base = reinterpret_cast<std::byte*>(4096);  // never touched
  StreamMemory stream;
  const size_t least = stream_bulk_offset(16, 16);
  EXPECT_EQUAL(least, size_t{8192});
  EXPECT_EQUAL(stream_bulk_offset(128, 16), size_t{8192});
  EXPECT_EQUAL(stream_bulk_offset(256, 16), size_t{12288});
  EXPECT_EQUAL(StreamMemory::open(base, least, 16, 16, stream), 0);
  EXPECT_EQUAL(stream.bulk_bytes, 0u);
  EXPECT_EQUAL(StreamMemory::open(base, least - 1, 16, 16, stream), -EINVAL);
  EXPECT_EQUAL(StreamMemory::open(base, 0, 16, 16, stream), -EINVAL);
  EXPECT_EQUAL(StreamMemory::open(base, least, 15, 16, stream), -EINVAL);
  EXPECT_EQUAL(StreamMemory::open(base, least, 0, 16, stream), -EINVAL);
  EXPECT_EQUAL(StreamMemory::open(base, SIZE_MAX, 1u << 31, 16, stream), -EINVAL);
  EXPECT_EQUAL(StreamMemory::open(base, least, 16, 12, stream), -EINVAL);
  EXPECT_EQUAL(StreamMemory::open(base, least, 16, 0, stream), -EINVAL);
  EXPECT_EQUAL(StreamMemory::open(base, size_t{1} << 33, 16, 16, stream), 0);
  EXPECT_EQUAL(stream.bulk_bytes, UINT32_MAX);
}

}  // namespace

int main(int argc, char** argv) {
  const uint64_t seed = check::option(argc, argv, "--seed", 1);
  const uint32_t starts[] = {0, 0u - 40, 0u - 300, 0x7fffffc0u};
  check::test("packets against a model", [&] {
    for (const uint32_t start : starts) {
      for (uint64_t run = 0; run < 10; ++run) packets_against_model(seed + run, start, 2000);
    }
  });
  check::test("impossible stream indices are violations", [&] { hostile_stream_indices(seed); });
  check::test("descriptors out of range have no payload", [&] { hostile_descriptors(seed); });
  check::test("stream shapes", stream_shapes);
  return check::summary();
}
