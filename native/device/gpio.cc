#include "gpio.h"

#include <fcntl.h>
#include <linux/gpio.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "control.h"

namespace bulkhead {

namespace {

constexpr size_t events_at_once = 16;

template <size_t size>
std::string text(const char (&characters)[size]) {
  return {characters, static_cast<size_t>(std::find(characters, characters + size, '\0') -
                                          static_cast<const char*>(characters))};
}

uint64_t flags_of(const GpioSettings& settings) {
  uint64_t flags = 0;
  if (settings.active_low) flags |= GPIO_V2_LINE_FLAG_ACTIVE_LOW;
  if (settings.direction == GpioDirection::input) flags |= GPIO_V2_LINE_FLAG_INPUT;
  if (settings.direction == GpioDirection::output) {
    flags |= GPIO_V2_LINE_FLAG_OUTPUT;
    if (settings.drive == GpioDrive::open_drain) flags |= GPIO_V2_LINE_FLAG_OPEN_DRAIN;
    if (settings.drive == GpioDrive::open_source) flags |= GPIO_V2_LINE_FLAG_OPEN_SOURCE;
  }
  if (settings.bias == GpioBias::disabled) flags |= GPIO_V2_LINE_FLAG_BIAS_DISABLED;
  if (settings.bias == GpioBias::pull_up) flags |= GPIO_V2_LINE_FLAG_BIAS_PULL_UP;
  if (settings.bias == GpioBias::pull_down) flags |= GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN;
  if ((settings.edges & gpio_rising) != 0) flags |= GPIO_V2_LINE_FLAG_EDGE_RISING;
  if ((settings.edges & gpio_falling) != 0) flags |= GPIO_V2_LINE_FLAG_EDGE_FALLING;
  return flags;
}

gpio_v2_line_config config_of(const GpioSettings& settings) {
  gpio_v2_line_config config = {};
  config.flags = flags_of(settings);
  const auto add = [&config](gpio_v2_line_attribute attribute) {
    config.attrs[config.num_attrs].attr = attribute;
    config.attrs[config.num_attrs++].mask = 1;
  };
  if (settings.direction == GpioDirection::output) {
    gpio_v2_line_attribute attribute = {};
    attribute.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES;
    attribute.values = settings.active ? 1 : 0;
    add(attribute);
  }
  if (settings.direction == GpioDirection::input && settings.debounce_us != 0) {
    gpio_v2_line_attribute attribute = {};
    attribute.id = GPIO_V2_LINE_ATTR_ID_DEBOUNCE;
    attribute.debounce_period_us = settings.debounce_us;
    add(attribute);
  }
  return config;
}

}  // namespace

int read_gpio_chip(int chip, GpioChip& facts) {
  gpiochip_info info = {};
  const int error = control(chip, GPIO_GET_CHIPINFO_IOCTL, &info);
  if (error < 0) return error;
  facts = {text(info.name), text(info.label), info.lines};
  return 0;
}

int read_gpio_line(int chip, uint32_t line, GpioLine& facts) {
  gpio_v2_line_info info = {};
  info.offset = line;
  const int error = control(chip, GPIO_V2_GET_LINEINFO_IOCTL, &info);
  if (error < 0) return error;
  const auto has = [&info](uint64_t flag) { return (info.flags & flag) != 0; };
  facts = {text(info.name),
           text(info.consumer),
           has(GPIO_V2_LINE_FLAG_USED),
           has(GPIO_V2_LINE_FLAG_OUTPUT),
           has(GPIO_V2_LINE_FLAG_ACTIVE_LOW),
           has(GPIO_V2_LINE_FLAG_BIAS_PULL_UP)     ? GpioBias::pull_up
           : has(GPIO_V2_LINE_FLAG_BIAS_PULL_DOWN) ? GpioBias::pull_down
           : has(GPIO_V2_LINE_FLAG_BIAS_DISABLED)  ? GpioBias::disabled
                                                   : GpioBias::as_is,
           has(GPIO_V2_LINE_FLAG_OPEN_DRAIN)    ? GpioDrive::open_drain
           : has(GPIO_V2_LINE_FLAG_OPEN_SOURCE) ? GpioDrive::open_source
                                                : GpioDrive::push_pull};
  return 0;
}

int request_gpio_line(int chip, uint32_t line, const std::string& consumer,
                      const GpioSettings& settings, uint32_t events, Descriptor& requested) {
  gpio_v2_line_request request = {};
  request.offsets[0] = line;
  request.num_lines = 1;
  consumer.copy(request.consumer, sizeof request.consumer - 1);
  request.config = config_of(settings);
  request.event_buffer_size = events;
  const int error = control(chip, GPIO_V2_GET_LINE_IOCTL, &request);
  if (error < 0) return error;
  requested = Descriptor(request.fd);
  // Edges are read when the event loop says so, and never waited for.
  return fcntl(request.fd, F_SETFL, O_RDONLY | O_NONBLOCK) < 0 ? -errno : 0;
}

int configure_gpio_line(int line, const GpioSettings& settings) {
  gpio_v2_line_config config = config_of(settings);
  const int error = control(line, GPIO_V2_LINE_SET_CONFIG_IOCTL, &config);
  return error < 0 ? error : 0;
}

int gpio_active(int line) {
  gpio_v2_line_values values = {};
  values.mask = 1;
  const int error = control(line, GPIO_V2_LINE_GET_VALUES_IOCTL, &values);
  return error < 0 ? error : static_cast<int>(values.bits & 1);
}

int set_gpio_active(int line, bool active) {
  gpio_v2_line_values values = {};
  values.mask = 1;
  values.bits = active ? 1 : 0;
  const int error = control(line, GPIO_V2_LINE_SET_VALUES_IOCTL, &values);
  return error < 0 ? error : 0;
}

int64_t take_gpio_edges(int line, std::span<GpioEdge> edges) {
  std::array<gpio_v2_line_event, events_at_once> events;
  size_t taken = 0;
  while (taken < edges.size()) {
    const size_t wanted = std::min(events.size(), edges.size() - taken);
    const ssize_t bytes = read(line, events.data(), wanted * sizeof events[0]);
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0 && errno != EAGAIN && taken == 0) return -errno;
    if (bytes <= 0) break;
    const size_t count = static_cast<size_t>(bytes) / sizeof events[0];
    for (size_t index = 0; index < count; ++index) {
      const gpio_v2_line_event& event = events[index];
      edges[taken++] = {event.timestamp_ns, event.line_seqno,
                        event.id == GPIO_V2_LINE_EVENT_RISING_EDGE};
    }
    if (count < wanted) break;
  }
  return static_cast<int64_t>(taken);
}

}  // namespace bulkhead
