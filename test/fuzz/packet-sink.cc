// A sink and a source on stream memory with arbitrary contents, while another thread changes it.
//
// Input: a byte that says whether the memory changes by itself, a slot count and a size, then
// contents and steps.
#include <atomic>
#include <cerrno>
#include <thread>
#include <vector>

#include "../../native/core/packet-stream.h"
#include "fuzz.h"

using namespace bulkhead;

namespace {

struct Descriptor {
  uint32_t offset, length, sequence, result;
};

// Rewrites the indices and descriptors for as long as it lives, so that a value that was read twice
// would differ.
class Mutator {
 public:
  explicit Mutator(std::byte* base, size_t bytes, uint32_t seed)
      : thread_([=, this] {
          uint32_t state = seed | 1;
          while (!stop_.load(std::memory_order_relaxed)) {
            state ^= state << 13, state ^= state >> 17, state ^= state << 5;
            // An index line, or a word of the rings.
            const size_t at = state & 1 ? (1 + (state >> 1) % 4) * cache_line
                                        : stream_layout::rings + (state >> 1) % 256 * 4;
            if (at + 4 > bytes) continue;
            word_at(base, at).store(state & 2 ? state >> 24 : state, std::memory_order_relaxed);
          }
        }) {}
  ~Mutator() {
    stop_.store(true, std::memory_order_relaxed);
    thread_.join();
  }

 private:
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

void check_payload(const StreamMemory& stream, const Descriptor& descriptor,
                   const std::byte* payload) {
  const uint64_t end = uint64_t{descriptor.offset} + descriptor.length;
  hold((payload != nullptr) == (end <= stream.bulk_bytes));
  if (payload == nullptr || descriptor.length == 0) return;
  // Both ends of it are within the allocation, or AddressSanitizer says otherwise.
  std::byte edge;
  std::memcpy(&edge, payload, 1);
  std::memcpy(&edge, payload + descriptor.length - 1, 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const uint8_t mode = input.value<uint8_t>();
  const uint32_t slots = 1u << (input.value<uint8_t>() % 8);
  const size_t bytes = 64 * (size_t{input.value<uint16_t>()} % 512);
  if (bytes < header_bytes) return 0;
  HostileMemory memory(bytes);
  StreamMemory stream;
  if (StreamMemory::open(memory.base(), bytes, slots, sizeof(Descriptor), stream) != 0) return 0;
  hold(stream.bulk + stream.bulk_bytes == memory.base() + bytes);

  for (const size_t line : {stream_layout::submit_head, stream_layout::submit_tail,
                            stream_layout::acknowledge_head, stream_layout::acknowledge_tail}) {
    word_at(memory.base(), line).store(input.value<uint32_t>());
  }
  input.copy(memory.base() + stream_layout::rings,
             std::min<size_t>(input.left() / 2, bytes - stream_layout::rings));
  PacketSink<Descriptor> sink(stream);
  PacketSource<Descriptor> source(stream);
  std::unique_ptr<Mutator> mutator;
  if (mode & 1) mutator = std::make_unique<Mutator>(memory.base(), bytes, mode);

  std::vector<Descriptor> batch(slots + 1);
  while (!input.empty()) {
    const uint8_t step = input.value<uint8_t>();
    const std::span<Descriptor> some(batch.data(), step / 8 % (slots + 1) + 1);
    switch (step % 8) {
      case 0:
      case 1: {
        const int count = sink.take(some);
        hold(count == -EPROTO || (count >= 0 && count <= static_cast<int>(some.size())));
        if (count >= 0) hold(sink.held() <= slots);
        for (int index = 0; index < count; ++index) {
          Descriptor& packet = batch[static_cast<size_t>(index)];
          check_payload(stream, packet, sink.payload(packet));
          if (step & 64) hold(sink.acknowledge(packet));
        }
        break;
      }
      case 2:
        (void)sink.acknowledge(batch[0]);
        break;
      case 3:
        (void)sink.publish();
        break;
      case 4: {
        const int count = source.acknowledged(some);
        hold(count == -EPROTO || (count >= 0 && count <= static_cast<int>(some.size())));
        for (int index = 0; index < count; ++index) {
          const Descriptor& packet = batch[static_cast<size_t>(index)];
          check_payload(stream, packet, source.payload(packet));
        }
        break;
      }
      case 5: {
        const uint32_t room = source.room();
        hold(room <= slots && source.submit(batch[0]) == (room > 0));
        break;
      }
      case 6:
        (void)source.publish();
        break;
      default: {
        const size_t line = 1 + step / 8 % 4;
        word_at(memory.base(), line * cache_line).store(input.value<uint32_t>());
      }
    }
  }
  return 0;
}
