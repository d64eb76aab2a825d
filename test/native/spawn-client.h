/** A root for tests: starts a real spawner, asks it for components and waits for what becomes of
 * them. */
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "../../native/core/spawn/protocol.h"

namespace bulkhead::test {

using namespace bulkhead::spawn;

struct BindText {
  std::string source;
  std::string target;
  uint32_t flags = 0;
};

struct Order {
  std::vector<std::string> arguments;
  std::vector<std::string> environment{};
  std::vector<BindText> binds{};
  /** {number in the component, our descriptor} */
  std::vector<std::pair<uint32_t, int>> descriptors{};
  uint32_t parent = 0;
  Level level = Level::full;
  uint32_t required = 0;
  uint32_t permissions = 0;
  uint32_t user_hint = 0;
  uint64_t memory = 0;
  uint32_t processes = 0;
  uint32_t open_files = 0;
  uint32_t cpu_percent = 0;
  int32_t nice = unchanged_nice;
  std::vector<uint32_t> cpus{};
};

/** Any message of the spawner; the fields that its type does not carry are empty. */
struct Answer {
  Message type{};
  uint32_t sequence = 0;
  uint32_t component = 0;
  int32_t number = 0;  // process, error or exit status
  uint32_t applied = 0;
  uint32_t flags = 0;
  uint64_t memory = 0;
  std::string stage;
  std::string detail;
  std::string missing;
};

class Bytes {
 public:
  template <typename Number>
  Bytes& number(Number value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  Bytes& u32(size_t value) { return number(static_cast<uint32_t>(value)); }
  Bytes& string(const std::string& text) {
    u32(text.size());
    bytes_ += text;
    bytes_ += '\0';
    return *this;
  }
  const std::string& text() const { return bytes_; }

 private:
  std::string bytes_;
};

class Client {
 public:
  explicit Client(const std::string& program) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
      throw std::runtime_error("Cannot make a socket pair");
    process_ = fork();
    if (process_ == 0) {
      dup2(ends[1], 100);
      dup2(100, 3);
      execl(program.c_str(), program.c_str(), nullptr);
      _exit(126);
    }
    close(ends[1]);
    socket_ = ends[0];
  }
  ~Client() { end(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  pid_t process() const { return process_; }

  /** Closes the socket; the spawner's exit status. */
  int end() {
    if (socket_ < 0) return -1;
    close(socket_);
    socket_ = -1;
    int status = 0;
    waitpid(process_, &status, 0);
    return status;
  }

  void send(Message type, uint32_t component, const Bytes& body = {},
            std::span<const int> descriptors = {}) {
    const std::string packet =
        Bytes().u32(static_cast<uint32_t>(type)).u32(++sequence_).u32(component).text() +
        body.text();
    send_raw(packet, descriptors);
  }

  void send_raw(const std::string& packet, std::span<const int> descriptors = {}) {
    iovec part{const_cast<char*>(packet.data()), packet.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    std::vector<char> control(CMSG_SPACE(descriptors.size_bytes()));
    if (!descriptors.empty()) {
      message.msg_control = control.data();
      message.msg_controllen = control.size();
      cmsghdr* header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(descriptors.size_bytes());
      memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size_bytes());
    }
    if (sendmsg(socket_, &message, MSG_NOSIGNAL) < 0)
      throw std::runtime_error(std::string("Cannot send to the spawner: ") + strerror(errno));
  }

  void order(uint32_t component, const Order& order) {
    Bytes body;
    body.u32(order.parent)
        .u32(static_cast<uint32_t>(order.level))
        .u32(order.required)
        .u32(order.permissions)
        .u32(order.user_hint);
    body.number(order.memory)
        .u32(order.processes)
        .u32(order.open_files)
        .u32(order.cpu_percent)
        .number(order.nice);
    body.u32(order.cpus.size());
    for (const uint32_t cpu : order.cpus) body.u32(cpu);
    for (const auto* list : {&order.arguments, &order.environment}) {
      body.u32(list->size());
      for (const std::string& text : *list) body.string(text);
    }
    body.u32(order.binds.size());
    for (const BindText& bind : order.binds)
      body.string(bind.source).string(bind.target).u32(bind.flags);
    body.u32(order.descriptors.size());
    std::vector<int> descriptors;
    for (const auto& [slot, descriptor] : order.descriptors) {
      body.u32(slot);
      descriptors.push_back(descriptor);
    }
    send(Message::create, component, body, descriptors);
  }

  /** The next message, or nothing after `milliseconds`. */
  std::optional<Answer> receive(int milliseconds = 10000) {
    pollfd waiting{socket_, POLLIN, 0};
    if (poll(&waiting, 1, milliseconds) != 1) return std::nullopt;
    std::vector<char> packet(maximum_message);
    const ssize_t length = recv(socket_, packet.data(), packet.size(), 0);
    if (length <= 0) throw std::runtime_error("Cannot hear from the spawner: it has ended");
    packet.resize(static_cast<size_t>(length));
    return decode(packet);
  }

 private:
  static Answer decode(const std::vector<char>& packet) {
    const char* at = packet.data();
    const auto take = [&at](auto& value) {
      memcpy(&value, at, sizeof value);
      at += sizeof value;
    };
    const auto text = [&at, &take] {
      uint32_t length = 0;
      take(length);
      std::string result(at, length);
      at += length + 1;
      return result;
    };
    Answer answer;
    take(answer.type);
    take(answer.sequence);
    take(answer.component);
    switch (answer.type) {
      case Message::created: {
        uint32_t level = 0;
        take(answer.number);
        take(level);
        take(answer.applied);
        answer.missing = text();
        break;
      }
      case Message::failed:
        take(answer.number);
        answer.stage = text();
        answer.detail = text();
        answer.missing = text();
        break;
      case Message::usage_report:
        take(answer.memory);
        break;
      case Message::exited:
        take(answer.flags);
        take(answer.number);
        break;
      default:
        break;
    }
    return answer;
  }

  int socket_ = -1;
  pid_t process_ = -1;
  uint32_t sequence_ = 0;
};

}  // namespace bulkhead::test
