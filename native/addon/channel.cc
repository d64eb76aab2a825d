#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <deque>

#include "../core/channel-socket.h"
#include "error.h"
#include "faces.h"

namespace bulkhead {

namespace {

// A turn reads at most this many socket messages of one session, so that a flood delays nobody
// else.
constexpr int most_messages_per_turn = 32;
// Descriptor messages read ahead of the ring messages that claim them. More stay in the socket,
// where they count against their sender's descriptors and not against ours.
constexpr size_t most_held = 4;
// An honest peer rings once a sleep of ours, after an event. More bells than this beyond that
// number are a flood.
constexpr uint32_t spare_bells = 256;
constexpr uint32_t bells_between_looks = 128;

// One attached end of a channel. Owns the socket, not the memory.
struct ChannelSource : WakeSource {
  int socket = -1;
  const std::atomic<uint32_t>* peer_head = nullptr;
  std::deque<ReceivedDescriptors> held;
  uint32_t bells_left = spare_bells;
  uint32_t events_at_sleep = 0;
  uint32_t bells_read = 0;
  bool reading = true;

  ~ChannelSource() override {
    for (auto& batch : held) close_all(batch.descriptors);
    if (socket >= 0) close(socket);
  }

  void on_sleep() override {
    const uint32_t events = word->load(std::memory_order_relaxed);
    if (bells_left == spare_bells || events == events_at_sleep) return;
    ++bells_left;
    events_at_sleep = events;
  }

  // False when the session must end.
  bool read_once(SocketNews& news) {
    ReceivedDescriptors received;
    news = read_channel_socket(socket, received);
    if (news == SocketNews::descriptors) held.push_back(std::move(received));
    if (news == SocketNews::doorbell && bells_left-- == 0) return false;
    return news != SocketNews::closed && news != SocketNews::violation;
  }

  int32_t on_ready(int) override {
    const size_t held_before = held.size();
    for (int i = 0; i < most_messages_per_turn; ++i) {
      if (held.size() >= most_held) {
        // A sender publishes each message with descriptors before it sends those of the next, so
        // the first is due.
        const uint32_t ahead = held.front().position - peer_head->load(std::memory_order_acquire);
        if (ahead < channel_layout::slot_count) return end(slot_broken);
        listen(false);
        return slot_moved | slot_descriptors;
      }
      SocketNews news;
      if (!read_once(news)) return end(news == SocketNews::closed ? slot_closed : slot_broken);
      if (news == SocketNews::nothing) break;
      // An honest peer rings once a sleep, after its descriptors, so looking for more would be a
      // call for nothing. What follows all the same wakes us again; now and then we look, and find
      // a flood.
      if (news == SocketNews::doorbell && ++bells_read % bells_between_looks != 0) break;
    }
    return held.size() > held_before ? slot_moved | slot_descriptors : 0;
  }

  // What follows in the socket is read once the held descriptors are claimed. The peer's end is
  // seen all the same.
  void listen(bool on) {
    if (reading == on) return;
    reading = on;
    descriptor = on ? socket : -1;  // for a sleep inside the hook
    uv_events = on ? UV_READABLE | UV_DISCONNECT : UV_DISCONNECT;
    uv_poll_start(poll, uv_events, Waiter::on_poll);
  }

 private:
  int32_t end(int32_t how) {
    // Nothing more will come from this descriptor, and it stays readable: stop polling it.
    uv_poll_stop(poll);
    return slot_moved | how;
  }
};

// Built without run-time type information: a channel is the only source that publishes "asleep".
ChannelSource* as_channel(WakeSource* source) {
  return source != nullptr && source->asleep != nullptr ? static_cast<ChannelSource*>(source)
                                                        : nullptr;
}

ChannelSource* channel_at(const Napi::CallbackInfo& info) {
  return as_channel(addon(info.Env()).waiter->at(uint_argument(info, 0)));
}

std::vector<int> descriptor_list(const Napi::Value& value) {
  std::vector<int> result;
  const auto array = value.As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length(); ++i)
    result.push_back(array.Get(i).ToNumber().Int32Value());
  return result;
}

Napi::Array descriptor_array(Napi::Env env, const std::vector<int>& descriptors) {
  Napi::Array array = Napi::Array::New(env, descriptors.size());
  for (uint32_t i = 0; i < descriptors.size(); ++i)
    array.Set(i, Napi::Number::New(env, descriptors[i]));
  return array;
}

// socketPair() -> [client, server]
Napi::Value socket_pair(const Napi::CallbackInfo& info) {
  int ends[2];
  const int result = channel_socket_pair(ends);
  if (result < 0) {
    throw_system_error(info.Env(), result, "socketpair", "create a channel");
    return {};
  }
  return descriptor_array(info.Env(), {ends[0], ends[1]});
}

// attachChannel(socket, mapping id, side) -> slot. Owns the socket from now on.
Napi::Value attach(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Addon& state = addon(env);
  const int socket = int_argument(info, 0);
  const uint32_t id = uint_argument(info, 1);
  const uint32_t side = uint_argument(info, 2);
  if (id >= state.mappings.size() || state.mappings[id].address == nullptr ||
      state.mappings[id].bytes < channel_layout::total_bytes || side > 1) {
    throw_system_error(env, -EPROTO, "attachChannel", "attach a channel", {},
                       "its memory is too small");
    return {};
  }
  auto* base = static_cast<std::byte*>(state.mappings[id].address);
  const bool client = side == static_cast<uint32_t>(Side::client);
  auto source = std::make_unique<ChannelSource>();
  source->socket = socket;
  const size_t peer_line = client ? channel_layout::server_line : channel_layout::client_line;
  const size_t own_asleep = client ? channel_layout::client_asleep : channel_layout::server_asleep;
  source->word = reinterpret_cast<std::atomic<uint32_t>*>(base + peer_line);
  source->peer_head = source->word + channel_layout::head_word;
  source->asleep = reinterpret_cast<std::atomic<uint32_t>*>(base + own_asleep);
  const int slot = state.waiter->add(std::move(source), socket, UV_READABLE | UV_DISCONNECT);
  if (slot < 0) {
    throw_system_error(env, slot, "epoll_ctl", "attach a channel");
    return {};
  }
  return Napi::Number::New(env, slot);
}

Napi::Value detach(const Napi::CallbackInfo& info) {
  if (channel_at(info) != nullptr) addon(info.Env()).waiter->remove(uint_argument(info, 0));
  return {};
}

// ring(slot): the peer was asleep and we took that back.
Napi::Value ring(const Napi::CallbackInfo& info) {
  if (ChannelSource* source = channel_at(info)) send_doorbell(source->socket);
  return {};
}

// sendDescriptors(slot, position, descriptors) -> 0 or -errno
Napi::Value send(const Napi::CallbackInfo& info) {
  ChannelSource* source = channel_at(info);
  if (source == nullptr) return Napi::Number::New(info.Env(), -EBADF);
  const std::vector<int> descriptors = descriptor_list(info[2]);
  return Napi::Number::New(info.Env(), send_descriptors(source->socket, uint_argument(info, 1),
                                                        descriptors.data(), descriptors.size()));
}

// takeDescriptors(slot, position) -> descriptors, or undefined if they were not sent ahead as they
// must be.
Napi::Value take(const Napi::CallbackInfo& info) {
  ChannelSource* source = channel_at(info);
  if (source == nullptr) return info.Env().Undefined();
  // They were sent before the ring message was published, so reading until the socket is empty must
  // find them.
  while (source->held.empty()) {
    SocketNews news;
    if (!source->read_once(news) || news == SocketNews::nothing) return info.Env().Undefined();
  }
  ReceivedDescriptors batch = std::move(source->held.front());
  source->held.pop_front();
  source->listen(true);
  if (batch.position == uint_argument(info, 1))
    return descriptor_array(info.Env(), batch.descriptors);
  close_all(batch.descriptors);
  return info.Env().Undefined();  // out of order: somebody skipped a message
}

// heldDescriptors(slot, tail) -> how many descriptor messages wait to be claimed; -1 if the message
// of the first is behind `tail` already.
Napi::Value held(const Napi::CallbackInfo& info) {
  const ChannelSource* source = channel_at(info);
  if (source == nullptr || source->held.empty()) return Napi::Number::New(info.Env(), 0);
  const uint32_t ahead = source->held.front().position - uint_argument(info, 1);
  if (ahead >= channel_layout::slot_count) return Napi::Number::New(info.Env(), -1);
  return Napi::Number::New(info.Env(), static_cast<double>(source->held.size()));
}

// sendMessage(socket, bytes, descriptors) -> bytes sent or -errno
Napi::Value send_raw(const Napi::CallbackInfo& info) {
  const auto bytes = info[1].As<Napi::Uint8Array>();
  const std::vector<int> descriptors = descriptor_list(info[2]);
  return Napi::Number::New(info.Env(), static_cast<double>(send_message(
                                           int_argument(info, 0), bytes.Data(), bytes.ByteLength(),
                                           descriptors.data(), descriptors.size())));
}

// receiveMessage(socket, largest, wait) -> { length: bytes or -errno, bytes, descriptors }
Napi::Value receive_raw(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::vector<uint8_t> bytes(uint_argument(info, 1));
  std::vector<int> descriptors;
  const int64_t length = receive_message(int_argument(info, 0), bytes.data(), bytes.size(),
                                         descriptors, info[2].ToBoolean());
  Napi::Object object = Napi::Object::New(env);
  object.Set("length", Napi::Number::New(env, static_cast<double>(length)));
  Napi::Uint8Array copy = Napi::Uint8Array::New(env, length > 0 ? static_cast<size_t>(length) : 0);
  if (length > 0) std::copy_n(bytes.data(), length, copy.Data());
  object.Set("bytes", copy);
  object.Set("descriptors", descriptor_array(env, descriptors));
  return object;
}

// refuseMessages(socket): the other end's sends fail from now on.
Napi::Value refuse(const Napi::CallbackInfo& info) {
  if (shutdown(int_argument(info, 0), SHUT_RD) != 0)
    throw_system_error(info.Env(), -errno, "shutdown", "refuse the messages of a socket");
  return {};
}

}  // namespace

void init_channel(Napi::Env env, Napi::Object exports) {
  exports.Set("socketPair", Napi::Function::New(env, socket_pair));
  exports.Set("attachChannel", Napi::Function::New(env, attach));
  exports.Set("detachChannel", Napi::Function::New(env, detach));
  exports.Set("ring", Napi::Function::New(env, ring));
  exports.Set("sendDescriptors", Napi::Function::New(env, send));
  exports.Set("takeDescriptors", Napi::Function::New(env, take));
  exports.Set("heldDescriptors", Napi::Function::New(env, held));
  exports.Set("sendMessage", Napi::Function::New(env, send_raw));
  exports.Set("receiveMessage", Napi::Function::New(env, receive_raw));
  exports.Set("refuseMessages", Napi::Function::New(env, refuse));
}

}  // namespace bulkhead
