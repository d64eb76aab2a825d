// Two ends of one session under random load: packets, calls with echoed replies, and a flood of
// oneways that fills the request ring. Every payload carries a checksum; nothing may be lost,
// reordered or torn, no side may sleep while there is work (a watchdog ends the test), and
// doorbells are only for sleepers.
//
//   stress.test [--packets N] [--seed S] [--threads]
//
// Two processes by default; two threads of one process that run the same code with --threads, and
// under ThreadSanitizer, which cannot see races between processes.
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <thread>

#include "../../native/core/dataspace.h"
#include "stress-ends.h"

// GCC says by a macro what clang says by a feature.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define THREAD_SANITIZER 1
#elif __has_feature(address_sanitizer)
#define ADDRESS_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define THREAD_SANITIZER 1
#elif defined(__SANITIZE_ADDRESS__)
#define ADDRESS_SANITIZER 1
#endif

using namespace bulkhead;
using namespace stress;

namespace {

#ifdef THREAD_SANITIZER
constexpr bool threads_by_default = true;
#else
constexpr bool threads_by_default = false;
#endif
#if defined(THREAD_SANITIZER) || defined(ADDRESS_SANITIZER)
constexpr uint64_t default_packets = 400'000;
#else
constexpr uint64_t default_packets = 2'000'000;
#endif

struct Accounts {
  Account client, server;
};

// Both sides' indices and events wrap early in the run.
void start_near_the_end(std::byte* channel, std::byte* stream) {
  for (const Side side : {Side::client, Side::server}) {
    channel_word(channel, side, channel_layout::events_word).store(0u - 1000);
    channel_word(channel, side, channel_layout::head_word).store(0u - 5000);
    channel_word(channel, side, channel_layout::tail_word).store(0u - 5000);
  }
  for (const size_t word : {stream_layout::submit_head, stream_layout::submit_tail,
                            stream_layout::acknowledge_head, stream_layout::acknowledge_tail}) {
    word_at(stream, word).store(0u - 10'000);
  }
}

std::byte* shared_memory(const char* name, size_t bytes) {
  const int descriptor = create_dataspace(name, bytes);
  Mapping mapping;
  if (descriptor < 0 || map_dataspace(descriptor, true, mapping) != 0) {
    std::fprintf(stderr, "Cannot make a dataspace of %zu bytes\n", bytes);
    std::exit(1);
  }
  close(descriptor);
  return static_cast<std::byte*>(mapping.address);
}

// Runs both ends to their end; true if both were content.
bool run_both(ClientEnd& client, ServerEnd& server, int client_socket, int server_socket,
              bool threads) {
  if (threads) {
    bool server_content = false;
    std::thread other([&] {
      server_content = server.run();
      if (!server_content) shutdown(server_socket, SHUT_RDWR);
    });
    const bool client_content = client.run();
    if (!client_content) shutdown(client_socket, SHUT_RDWR);
    other.join();
    return client_content && server_content;
  }
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) return false;
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    close(client_socket);
    _exit(server.run() ? 0 : 1);
  }
  close(server_socket);
  const bool client_content = client.run();
  if (!client_content) shutdown(client_socket, SHUT_RDWR);
  int status = 0;
  waitpid(child, &status, 0);
  return client_content && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  const uint64_t packets = check::option(argc, argv, "--packets", default_packets);
  const uint64_t seed = check::option(argc, argv, "--seed", 1);
  bool threads = threads_by_default;
  for (int index = 1; index < argc; ++index) threads |= std::strcmp(argv[index], "--threads") == 0;

  std::byte* channel = shared_memory("channel", channel_layout::total_bytes);
  const size_t stream_bytes = stream_bulk_offset(slots, sizeof(Descriptor)) + slots * buffer_bytes;
  std::byte* stream_base = shared_memory("stream", stream_bytes);
  auto* accounts = reinterpret_cast<Accounts*>(shared_memory("accounts", sizeof(Accounts)));
  start_near_the_end(channel, stream_base);
  StreamMemory stream;
  int ends[2];
  if (StreamMemory::open(stream_base, stream_bytes, slots, sizeof(Descriptor), stream) != 0 ||
      channel_socket_pair(ends) != 0) {
    return 1;
  }

  const uint64_t start = now_ns();
  check::test("every packet and message arrives, and no side sleeps on work", [&] {
    auto client =
        std::make_unique<ClientEnd>(channel, stream, ends[0], accounts->client, seed, packets);
    auto server = std::make_unique<ServerEnd>(channel, stream, ends[1], accounts->server, ~seed);
    EXPECT(run_both(*client, *server, ends[0], ends[1], threads));
  });
  const Account& client = accounts->client;
  const Account& server = accounts->server;
  check::test("both sides counted the same", [&] {
    EXPECT_EQUAL(client.packets, packets);
    EXPECT_EQUAL(server.packets, packets);
    EXPECT_EQUAL(server.calls, client.calls);
    EXPECT_EQUAL(server.oneways, client.oneways);
  });
  check::test("at most one doorbell a batch, and only for a sleeper", [&] {
    EXPECT(client.doorbells_sent <= client.batches);
    EXPECT(server.doorbells_sent <= server.batches);
    EXPECT(client.doorbells_sent <= server.sleeps_announced);
    EXPECT(server.doorbells_sent <= client.sleeps_announced);
    EXPECT(server.doorbells_received <= client.doorbells_sent);
    EXPECT(client.doorbells_received <= server.doorbells_sent);
  });
  check::test("the load reached the paths that it is for", [&] {
    if (packets < 100'000) return;
    EXPECT(client.full_rings > 0 && client.calls > 1000 && client.oneways > 1000);
    EXPECT(client.sleeps > 100 && server.sleeps > 100);
  });
  std::fprintf(stderr,
               "%.1f s; %llu calls, %llu oneways, %llu full rings; client %llu batches, %llu "
               "doorbells, %llu sleeps; server %llu batches, %llu doorbells, %llu sleeps\n",
               static_cast<double>(now_ns() - start) / 1e9,
               static_cast<unsigned long long>(client.calls),
               static_cast<unsigned long long>(client.oneways),
               static_cast<unsigned long long>(client.full_rings),
               static_cast<unsigned long long>(client.batches),
               static_cast<unsigned long long>(client.doorbells_sent),
               static_cast<unsigned long long>(client.sleeps),
               static_cast<unsigned long long>(server.batches),
               static_cast<unsigned long long>(server.doorbells_sent),
               static_cast<unsigned long long>(server.sleeps));
  return check::summary();
}
