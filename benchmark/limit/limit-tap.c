// The fastest frames through a TAP device: one system call a frame in a plain loop.
//
//   limit-tap --direction write|read (--name TAP | --descriptor N) [--bytes N] [--milliseconds N]
// write: sends frames (64 bytes) into the kernel.  read: receives what the kernel sends, for that
// long; the sender is the caller's affair. A name is opened as an existing or new TAP device of the
// present network namespace and must be up; a descriptor must be an open TAP without packet
// information.
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "limit.h"

static int open_tap(const char* name) {
  const int tap = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
  if (tap < 0) fail("open /dev/net/tun");
  struct ifreq request;
  memset(&request, 0, sizeof request);
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
  if (ioctl(tap, TUNSETIFF, &request) != 0) fail("attach to the TAP device");
  return tap;
}

int main(int argc, char** argv) {
  const char* direction = text_option(argc, argv, "--direction", "write");
  const char* name = text_option(argc, argv, "--name", NULL);
  const int descriptor = (int)number_option(argc, argv, "--descriptor", -1);
  const long bytes = number_option(argc, argv, "--bytes", 64);
  const long milliseconds = number_option(argc, argv, "--milliseconds", 1000);
  const int writes = !strcmp(direction, "write");
  if ((!writes && strcmp(direction, "read") != 0) || (name == NULL) == (descriptor < 0) ||
      bytes < 14 || bytes > 65535) {
    fprintf(stderr,
            "usage: limit-tap --direction write|read (--name TAP | --descriptor N) [--bytes N] "
            "[--milliseconds N]\n");
    return 2;
  }
  const int tap = name != NULL ? open_tap(name) : descriptor;
  if (fcntl(tap, F_SETFL, fcntl(tap, F_GETFL) | O_NONBLOCK) != 0)
    fail("make the TAP descriptor non-blocking");

  // A broadcast of an experimental ethertype (IEEE 802 local): no protocol answers it.
  unsigned char frame[65536] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x88, 0xb5};
  uint64_t frames = 0, total = 0, waits = 0, turns = 0;
  const uint64_t start = now_ns(), end = start + (uint64_t)milliseconds * 1000000u;
  uint64_t now = start;
  while (now < end) {
    const ssize_t length =
        writes ? write(tap, frame, (size_t)bytes) : read(tap, frame, sizeof frame);
    if (length > 0) {
      ++frames;
      total += (uint64_t)length;
    } else if (length < 0 && errno == EAGAIN) {
      struct pollfd wait = {tap, writes ? POLLOUT : POLLIN, 0};
      poll(&wait, 1, (int)((end - now) / 1000000u) + 1);
      ++waits;
      now = now_ns();
    } else if (length < 0 && errno != EINTR) {
      fail(writes ? "write a frame (is the device up?)" : "read a frame (is the device up?)");
    }
    if ((++turns & 31) == 0) now = now_ns();
  }
  const double seconds = (double)(now - start) / 1e9;
  printf(
      "{\"program\": \"limit-tap\", \"direction\": \"%s\", \"frames\": %llu, \"bytes\": %llu, "
      "\"waits\": %llu, "
      "\"framesPerSecond\": %.0f, \"gigabitsPerSecond\": %.3f}\n",
      direction, (unsigned long long)frames, (unsigned long long)total, (unsigned long long)waits,
      (double)frames / seconds, (double)total * 8 / seconds / 1e9);
  return 0;
}
