#include "link-monitor.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstddef>
#include <iterator>

namespace bulkhead {

namespace {

struct LinkMessage {
  nlmsghdr header;
  ifinfomsg link;
};
static_assert(offsetof(LinkMessage, link.ifi_index) == 20);

int request_state(int descriptor, uint32_t interface_index) {
  LinkMessage request = {};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = RTM_GETLINK;
  request.header.nlmsg_flags = NLM_F_REQUEST;
  request.link.ifi_family = AF_UNSPEC;
  request.link.ifi_index = static_cast<int>(interface_index);
  return send(descriptor, &request, sizeof request, MSG_DONTWAIT) < 0 ? -errno : 0;
}

// Whoever holds the descriptor learns nothing of the namespace's other interfaces, and cannot
// change that.
int confine(int descriptor, uint32_t interface_index) {
  // Filters load words in network order, netlink writes them in the machine's.
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(LinkMessage, link.ifi_index)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(interface_index), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  const sock_fprog filter = {static_cast<unsigned short>(std::size(program)), program};
  const int locked = 1;
  if (setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) < 0)
    return -errno;
  return setsockopt(descriptor, SOL_SOCKET, SO_LOCK_FILTER, &locked, sizeof locked) < 0 ? -errno
                                                                                        : 0;
}

void judge(const LinkMessage& message, uint32_t interface_index, LinkState& state) {
  // Bridges tell of their ports with a family of their own; leaving a bridge is no end of the
  // interface.
  if (message.link.ifi_family != AF_UNSPEC ||
      message.link.ifi_index != static_cast<int>(interface_index))
    return;
  if (message.header.nlmsg_type == RTM_DELLINK) state = LinkState::gone;
  if (message.header.nlmsg_type != RTM_NEWLINK || state == LinkState::gone) return;
  const unsigned wanted = IFF_UP | IFF_RUNNING;
  state = (message.link.ifi_flags & wanted) == wanted ? LinkState::up : LinkState::down;
}

}  // namespace

int open_link_monitor(const std::string& name, Descriptor& result, uint32_t& interface_index) {
  interface_index = if_nametoindex(name.c_str());
  if (interface_index == 0) return -errno;
  Descriptor descriptor(socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!descriptor.valid()) return -errno;
  // Filtered before it joins the group, so that nothing else ever enters its queue.
  int error = confine(descriptor.number(), interface_index);
  if (error < 0) return error;
  sockaddr_nl address = {};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK;
  if (bind(descriptor.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0)
    return -errno;
  error = request_state(descriptor.number(), interface_index);
  if (error < 0) return error;
  result = std::move(descriptor);
  return 0;
}

int read_link_state(int descriptor, uint32_t interface_index, LinkState& state) {
  state = LinkState::unchanged;
  for (;;) {
    // Only the fixed part is of interest; the attributes behind it are cut off.
    LinkMessage message;
    const ssize_t length = recv(descriptor, &message, sizeof message, MSG_DONTWAIT);
    if (length == sizeof message) {
      judge(message, interface_index, state);
    } else if (length < 0 && errno == ENOBUFS) {
      // The queue overflowed and messages are lost: ask for the state itself.
      const int error = request_state(descriptor, interface_index);
      if (error < 0) return error;
    } else if (length < 0 && errno != EINTR) {
      return errno == EAGAIN ? 0 : -errno;
    }
  }
}

}  // namespace bulkhead
