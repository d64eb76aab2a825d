/**
 * bulkhead-spawn: makes components, and is the only process of a system that has the rights to.
 * Started once by the root with a SOCK_SEQPACKET socket as descriptor 3; ends, with all it made,
 * when the other end of that socket is closed. The language is in protocol.h.
 */
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "spawner.h"

namespace bulkhead::spawn {

namespace {

constexpr int root_socket = 3;

/** Takes one packet; false when the root is gone. */
bool receive(Spawner& spawner) {
  static uint8_t packet[maximum_message];
  alignas(cmsghdr) char control[CMSG_SPACE(maximum_descriptors * sizeof(int))];
  iovec part{packet, sizeof packet};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t length = recvmsg(root_socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  if (length < 0) return errno == EAGAIN || errno == EINTR;
  Descriptor descriptors[maximum_descriptors];
  size_t count = 0;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const size_t numbers = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t index = 0; index < numbers && count < maximum_descriptors; index++) {
      int number;
      memcpy(&number, CMSG_DATA(header) + index * sizeof number, sizeof number);
      descriptors[count++].reset(number);
    }
  }
  if (length == 0) return false;
  // A cut packet is answered like any other of the wrong shape: decoding fails.
  spawner.handle({packet, static_cast<size_t>(length)}, {descriptors, count});
  return true;
}

/** Waits once and serves what is ready; false when it is time to end. */
bool serve(Spawner& spawner, int signals) {
  constexpr size_t fixed = 2;
  static pollfd waiting[fixed + 2 * 4096];
  static Component* owners[fixed + 2 * 4096];
  size_t count = fixed;
  waiting[0] = {root_socket, POLLIN, 0};
  waiting[1] = {signals, POLLIN, 0};
  for (Component* component = spawner.components(); component != nullptr;
       component = component->next) {
    if (component->ended || count + 2 > sizeof waiting / sizeof *waiting) continue;
    owners[count] = component;
    waiting[count++] = {component->pidfd.number(), POLLIN, 0};
    if (!component->outcome) continue;
    owners[count] = component;
    waiting[count++] = {component->outcome.number(), POLLIN, 0};
  }
  if (poll(waiting, count, -1) < 0) return errno == EINTR;
  for (size_t index = fixed; index < count; index++) {
    if (waiting[index].revents == 0) continue;
    Component& component = *owners[index];
    if (component.ended) continue;
    if (waiting[index].fd == component.pidfd.number())
      spawner.finish(component);
    else if (component.outcome)
      spawner.continue_start(component);
  }
  if (waiting[1].revents != 0) return false;
  const bool open = waiting[0].revents == 0 || receive(spawner);
  spawner.sweep();
  return open;
}

int run() {
  int type = 0;
  socklen_t size = sizeof type;
  if (getsockopt(root_socket, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_SEQPACKET) {
    fputs(
        "bulkhead-spawn: descriptor 3 is not a SOCK_SEQPACKET socket; this program is started by "
        "\"bulkhead up\"\n",
        stderr);
    return 2;
  }
  // Nothing that the root happened to leave open may travel into a component.
  close_range(root_socket + 1, ~0U, 0);
  close_range(root_socket, root_socket, CLOSE_RANGE_CLOEXEC);
  // Out of the terminal's group: Ctrl-C is for the root, which ends the system in order. Not out of
  // its session: an ordinary user's console shows its text again for processes of that alone.
  setpgid(0, 0);
  umask(0);
  // Three descriptors a component; the soft limit is often 1024.
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  signal(SIGPIPE, SIG_IGN);
  sigset_t handled;
  sigemptyset(&handled);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&handled, number);
  sigprocmask(SIG_BLOCK, &handled, nullptr);
  const int signals = signalfd(-1, &handled, SFD_CLOEXEC);
  if (signals < 0) return 1;
  // Not SIGKILL: the groups must be removed. And the socket may outlive the root in another
  // process.
  prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  static Spawner spawner(root_socket);
  spawner.open();
  while (serve(spawner, signals)) {
  }
  spawner.close();
  return 0;
}

}  // namespace

}  // namespace bulkhead::spawn

int main() { return bulkhead::spawn::run(); }
