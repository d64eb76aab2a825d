// Both ends of the message rings on memory with arbitrary contents, which changes between steps.
//
// Input: for each step a byte of what to do, then 32-bit words to put somewhere; slots come from
// the input too.
#include "../../native/core/message-ring.h"

#include <cerrno>

#include "fuzz.h"

using namespace bulkhead;

namespace {

void scribble(std::byte* memory, Input& input) {
  // Half of it goes to the words that matter, near values that matter.
  const uint8_t where = input.value<uint8_t>();
  uint32_t value = input.value<uint32_t>();
  if (where < 64) {
    const Side side = where & 1 ? Side::client : Side::server;
    if (where & 32) value = static_cast<uint32_t>(static_cast<int32_t>(value << 16) >> 16);
    channel_word(memory, side, where >> 1 & 3).store(value);
    return;
  }
  const size_t at = size_t{input.value<uint16_t>()} % (channel_layout::total_bytes / 4) * 4;
  word_at(memory, at).store(value);
  if (where & 1) input.copy(memory + at, std::min<size_t>(16, channel_layout::total_bytes - at));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  HostileMemory memory(channel_layout::total_bytes);
  // Initial indices, then the first slots of both rings.
  for (const Side side : {Side::client, Side::server}) {
    channel_word(memory.base(), side, channel_layout::head_word).store(input.value<uint32_t>());
    channel_word(memory.base(), side, channel_layout::tail_word).store(input.value<uint32_t>());
  }
  const size_t half = input.left() / 2;
  input.copy(memory.base() + channel_layout::request_ring, std::min<size_t>(half, 2048));
  MessageConsumer consumer(memory.base(), Side::server);
  MessageProducer producer(memory.base(), Side::server);
  Bell bell(memory.base(), Side::server);
  auto message = std::make_unique<Message>();
  uint32_t previous = 0;
  bool taken = false;

  while (!input.empty()) {
    switch (input.value<uint8_t>() % 6) {
      case 0:
      case 1: {
        const int result = consumer.take(*message);
        hold(result == 0 || result == 1 || result == -EPROTO);
        if (result != 1) break;
        hold(well_formed(message->header()));
        hold(message->payload().size() <= max_payload_bytes);
        hold(!taken || message->position() - previous <= max_message_slots);
        previous = message->position();
        taken = true;
        break;
      }
      case 2:
        (void)consumer.release();
        break;
      case 3: {
        // An echo, as a server would.
        const MessageHeader header = message->header();
        const int result = producer.push(header, message->payload().data());
        hold(result == 0 || result == -EAGAIN || result == -EINVAL || result == -EPROTO);
        (void)producer.publish();
        break;
      }
      case 4: {
        const uint32_t seen = bell.events();
        (void)bell.ring();
        (void)bell.fall_asleep(seen);
        break;
      }
      default:
        scribble(memory.base(), input);
    }
  }
  return 0;
}
