// ring-peer on both ends of a session, in two processes that share nothing but the wire format.
// Tests of other implementations put the program ring-peer on one end in the same way.
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <vector>

#include "../../native/core/channel-socket.h"
#include "../../native/core/dataspace.h"
#include "../../native/core/layout.h"
#include "check.h"
#include "ring-peer.h"

using namespace bulkhead;

namespace {

pid_t start(int socket, int memory, int stream, const std::vector<const char*>& arguments) {
  std::fflush(stdout);
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child != 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  // Out of the way first, then in place: a descriptor may already have one of the numbers.
  int moved[3] = {dup(socket), dup(memory), dup(stream)};
  for (int& descriptor : moved) descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 10);
  for (int index = 0; index < 3; ++index) dup2(moved[index], 3 + index);
  for (int descriptor = 6; descriptor < 10; ++descriptor) close(descriptor);
  std::vector<char*> words{const_cast<char*>("ring-peer")};
  for (const char* argument : arguments) words.push_back(const_cast<char*>(argument));
  ring_peer::run(static_cast<int>(words.size()), words.data());
}

int wait_for(pid_t child) {
  // A hung peer is ended by its own id after 30 s.
  for (int tenth = 0; tenth < 3000; ++tenth) {
    int status = 0;
    if (waitpid(child, &status, WNOHANG) == child) {
      return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
    poll(nullptr, 0, 10);
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  return -SIGALRM;
}

void session(const std::vector<const char*>& client, const std::vector<const char*>& server) {
  int ends[2];
  const int memory = create_dataspace("channel", channel_layout::total_bytes);
  const int stream = create_dataspace("stream", 1 << 20);
  EXPECT(memory >= 0 && stream >= 0 && channel_socket_pair(ends) == 0);
  const pid_t first = start(ends[0], memory, stream, client);
  const pid_t second = start(ends[1], memory, stream, server);
  for (const int descriptor : {ends[0], ends[1], memory, stream}) close(descriptor);
  EXPECT_EQUAL(wait_for(first), 0);
  EXPECT_EQUAL(wait_for(second), 0);
}

}  // namespace

int main() {
  check::test("calls", [] { session({"--client", "--count", "20000", "caller"}, {"echo"}); });
  check::test("packets from the client", [] {
    session({"--client", "--count", "50000", "source"}, {"sink"});
  });
  check::test("packets from the server", [] {
    session({"--client", "sink", "--slots", "16"},
            {"source", "--count", "50000", "--slots", "16", "--batch", "3"});
  });
  check::test("calls one way and packets the other on one bell", [] {
    session({"--client", "--count", "20000", "caller", "source", "--batch", "1"}, {"echo", "sink"});
  });
  return check::summary();
}
