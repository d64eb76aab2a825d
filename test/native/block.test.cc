// What only native code sees of the block engines: the word that tells an awake owner of
// completions, and what the kernel refuses to do for a ring that is restricted.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "../../native/device/block-device.h"
#include "../../native/device/io-ring.h"
#include "check.h"

using namespace bulkhead;

namespace {

constexpr size_t image_bytes = 1 << 20;
constexpr uint32_t rounds = 2000;

// A file without a name, full of data.
Descriptor make_image() {
  const char* directory = getenv("TMPDIR");
  Descriptor image(
      open(directory != nullptr ? directory : "/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  const std::string data(image_bytes, 'd');
  EXPECT_EQUAL(write(image.number(), data.data(), data.size()), static_cast<ssize_t>(image_bytes));
  return image;
}

Descriptor make_dataspace() {
  Descriptor memory(memfd_create("test", MFD_ALLOW_SEALING | MFD_CLOEXEC));
  EXPECT_EQUAL(ftruncate(memory.number(), 65536), 0);
  EXPECT_EQUAL(fcntl(memory.number(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), 0);
  return memory;
}

bool late(const timespec& begin) {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec - begin.tv_sec > 5;
}

// Looks at the word alone until it moves; false when a completion never showed there.
bool wait_for_word(const BlockDevice& device) {
  timespec begin;
  clock_gettime(CLOCK_MONOTONIC, &begin);
  while (device.completion_word()->load(std::memory_order_acquire) == device.completion_idle()) {
    if (late(begin)) return false;
    sched_yield();
  }
  return true;
}

bool sleep_on_descriptor(const BlockDevice& device) {
  pollfd event = {device.completion_descriptor(), POLLIN, 0};
  return poll(&event, 1, 5000) == 1;
}

std::unique_ptr<BlockDevice> open_device(const Descriptor& image, BlockEngineKind kind) {
  std::unique_ptr<BlockDevice> device;
  const int error = BlockDevice::open(image.number(), kind, 8, device);
  EXPECT_EQUAL(error, 0);
  return device;
}

// Every completion of an awake owner shows in the word, every one of a sleeping owner at the
// descriptor.
void completions_are_told(BlockEngineKind kind) {
  const Descriptor image = make_image();
  const std::unique_ptr<BlockDevice> device = open_device(image, kind);
  if (device == nullptr) return;
  const int buffer = device->add_buffer(make_dataspace().number(), 0, 0);
  EXPECT_EQUAL(buffer, 0);

  for (uint32_t round = 0; round < rounds; ++round) {
    const bool sleeps = round % 2 == 1;
    const BlockRequest request = {round, BlockOperation::read, 0, 0, 4096, 0, 0, 0};
    BlockCompletion completion = {};
    if (!sleeps) device->disarm();
    EXPECT_EQUAL(device->submit(&request, 1), 1u);
    uint32_t count = device->reap(&completion, 1);
    if (count == 0 && !sleeps) EXPECT(wait_for_word(*device));
    // A pool thread looks at "asleep" after it told of its result, so a signal may follow a reap.
    if (count == 0 && sleeps && !device->arm()) EXPECT(sleep_on_descriptor(*device));
    timespec begin;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    while (count == 0 && !late(begin)) count = device->reap(&completion, 1);
    EXPECT_EQUAL(count, 1u);
    EXPECT_EQUAL(completion.tag, round);
    EXPECT_EQUAL(completion.result, 4096);
    // As its contract says, the word is at its idle value only after a reap that found nothing.
    EXPECT_EQUAL(device->reap(&completion, 1), 0u);
    EXPECT_EQUAL(device->completion_word()->load(), device->completion_idle());
    if (check::current_failed) return;
  }
}

void restricted_ring_refuses() {
  const Descriptor image = make_image();
  IoRing ring;
  EXPECT_EQUAL(ring.create(8, 4), 0);
  EXPECT_EQUAL(ring.bind(image.number()), 0);

  const auto result = [&ring](auto describe) {
    describe(ring.next_entry());
    ring.submit();
    io_uring_cqe completion = {};
    while (ring.collect(&completion, 1) == 0) ring.wait();
    return completion.res;
  };
  static char place[512];
  EXPECT_EQUAL(result([](io_uring_sqe& entry) {
                 entry.opcode = IORING_OP_READ;
                 entry.addr = reinterpret_cast<uint64_t>(place);
                 entry.len = sizeof place;
               }),
               static_cast<int>(sizeof place));
  // Another operation, and the same operation on a descriptor that is not the registered one.
  EXPECT_EQUAL(result([](io_uring_sqe& entry) {
                 entry.opcode = IORING_OP_OPENAT;
                 entry.flags = 0;
                 entry.fd = AT_FDCWD;
                 entry.addr = reinterpret_cast<uint64_t>("/etc/passwd");
               }),
               -EACCES);
  EXPECT_EQUAL(result([&image](io_uring_sqe& entry) {
                 entry.opcode = IORING_OP_READ;
                 entry.flags = 0;
                 entry.fd = image.number();
                 entry.addr = reinterpret_cast<uint64_t>(place);
                 entry.len = sizeof place;
               }),
               -EACCES);
  EXPECT_EQUAL(result([](io_uring_sqe& entry) { entry.opcode = IORING_OP_SENDMSG; }), -EACCES);
}

bool ring_allowed() {
  IoRing ring;
  const int error = ring.create(8, 4);
  return error != -EPERM && error != -ENOSYS && error != -EINVAL;
}

}  // namespace

int main() {
  if (ring_allowed()) {
    check::test("io_uring: completions are told",
                [] { completions_are_told(BlockEngineKind::io_uring); });
    check::test("io_uring: a restricted ring refuses", restricted_ring_refuses);
  } else {
    std::printf("skipped: io_uring: forbidden here, or before Linux 6.1\n");
    check::skipped += 2;
  }
  check::test("threads: completions are told",
              [] { completions_are_told(BlockEngineKind::threads); });
  return check::summary();
}
