#include "gpio-line.h"

#include <fcntl.h>
#include <linux/gpio.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <cstring>

namespace bulkhead {

int request_output_line(int chip, uint32_t line, bool high, const char* consumer,
                        Descriptor& output) {
  gpio_v2_line_request request{};
  request.offsets[0] = line;
  request.num_lines = 1;
  strncpy(request.consumer, consumer, sizeof request.consumer - 1);
  request.config.flags = GPIO_V2_LINE_FLAG_OUTPUT;
  // With the first level in the request, the line never has another one.
  request.config.num_attrs = 1;
  request.config.attrs[0].mask = 1;
  request.config.attrs[0].attr.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES;
  request.config.attrs[0].attr.values = high ? 1 : 0;
  if (ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &request) < 0) return -errno;
  output = Descriptor(request.fd);
  return fcntl(request.fd, F_SETFD, FD_CLOEXEC) < 0 ? -errno : 0;
}

int set_output_line(int output, bool high) {
  gpio_v2_line_values values{};
  values.mask = 1;
  values.bits = high ? 1 : 0;
  return ioctl(output, GPIO_V2_LINE_SET_VALUES_IOCTL, &values) < 0 ? -errno : 0;
}

}  // namespace bulkhead
