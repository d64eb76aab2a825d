#include "pseudo-terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>

#include "line-settings.h"

namespace bulkhead {

namespace {
constexpr uint32_t initial_rate = 115200;
}

int open_pseudo_terminal(Descriptor& result, std::string& path) {
  Descriptor master(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (!master.valid()) return -errno;
  if (grantpt(master.number()) < 0 || unlockpt(master.number()) < 0) return -errno;
  char name[PATH_MAX];
  const int error = ptsname_r(master.number(), name, sizeof name);
  if (error != 0) return -error;

  Descriptor terminal;
  int status = open_terminal_end(master.number(), terminal);
  if (status < 0) return status;
  // A fresh terminal echoes, edits lines and swallows flow-control characters; a serial device does
  // none of it.
  LineSettings settings;
  settings.input_rate = settings.output_rate = initial_rate;
  status = apply_line_settings(terminal.number(), settings);
  if (status < 0) return status;
  result = std::move(master);
  path = name;
  return 0;
}

int open_terminal_end(int master, Descriptor& terminal) {
  const int number = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (number < 0) return -errno;
  terminal = Descriptor(number);
  return 0;
}

int terminal_connected(int master) {
  pollfd state = {master, 0, 0};
  if (poll(&state, 1, 0) < 0) return -errno;
  if ((state.revents & POLLNVAL) != 0) return -EBADF;
  return (state.revents & POLLHUP) == 0 ? 1 : 0;
}

int watch_presence(const std::string& path, Descriptor& result) {
  Descriptor watch(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!watch.valid()) return -errno;
  if (inotify_add_watch(watch.number(), path.c_str(), IN_OPEN | IN_CLOSE) < 0) return -errno;
  result = std::move(watch);
  return 0;
}

int drain_presence(int watch) {
  alignas(inotify_event) char events[4096];
  bool any = false;
  for (;;) {
    const ssize_t length = read(watch, events, sizeof events);
    if (length > 0) {
      any = true;
    } else if (length < 0 && errno == EINTR) {
      continue;
    } else if (length < 0 && errno != EAGAIN) {
      return -errno;
    } else {
      return any ? 1 : 0;
    }
  }
}

}  // namespace bulkhead
