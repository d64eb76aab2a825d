#include "evdev.h"

#include <fcntl.h>
#include <linux/input.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "control.h"

namespace bulkhead {

namespace {

constexpr size_t events_at_once = 64;
constexpr size_t most_slots = 64;

unsigned long request_for(InputBits what, size_t bytes) {
  switch (what) {
    case InputBits::properties:
      return EVIOCGPROP(bytes);
    case InputBits::types:
      return EVIOCGBIT(0, bytes);
    case InputBits::keys:
      return EVIOCGBIT(EV_KEY, bytes);
    case InputBits::relative:
      return EVIOCGBIT(EV_REL, bytes);
    case InputBits::absolute:
      return EVIOCGBIT(EV_ABS, bytes);
    case InputBits::lights:
      return EVIOCGBIT(EV_LED, bytes);
    case InputBits::pressed:
      return EVIOCGKEY(bytes);
    case InputBits::lit:
      return EVIOCGLED(bytes);
  }
  return 0;
}

// Not every device has a place or a serial number.
std::string text(int device, unsigned long request, std::span<char> buffer) {
  const int length = control(device, request, buffer.data());
  if (length <= 0) return {};
  const auto end = std::find(buffer.begin(), buffer.begin() + length, '\0');
  return {buffer.begin(), end};
}

}  // namespace

int prepare_input(int device) {
  const int flags = fcntl(device, F_GETFL);
  if (flags < 0 || fcntl(device, F_SETFL, flags | O_NONBLOCK) < 0) return -errno;
  const int clock = CLOCK_MONOTONIC;
  return std::min(control(device, EVIOCSCLOCKID, &clock), 0);
}

int read_input_identity(int device, InputIdentity& identity) {
  input_id id = {};
  const int error = control(device, EVIOCGID, &id);
  if (error < 0) return error;
  std::array<char, 256> buffer;
  identity = {text(device, EVIOCGNAME(buffer.size()), buffer),
              text(device, EVIOCGPHYS(buffer.size()), buffer),
              text(device, EVIOCGUNIQ(buffer.size()), buffer),
              id.bustype,
              id.vendor,
              id.product,
              id.version};
  return 0;
}

int read_input_bits(int device, InputBits what, std::span<uint8_t> bits) {
  std::fill(bits.begin(), bits.end(), uint8_t{0});
  const int status = control(device, request_for(what, bits.size()), bits.data());
  return std::min(status, 0);
}

int read_input_axis(int device, uint32_t axis, InputAxis& facts) {
  if (axis > ABS_MAX) return -EINVAL;
  input_absinfo info = {};
  const int error = control(device, EVIOCGABS(axis), &info);
  if (error < 0) return error;
  facts = {info.value, info.minimum, info.maximum, info.fuzz, info.flat, info.resolution};
  return 0;
}

int read_input_slots(int device, uint32_t axis, std::span<int32_t> values) {
  // The kernel's form of the request: the axis, and then as many values as there is room for.
  struct {
    uint32_t axis;
    std::array<int32_t, most_slots> values;
  } request = {axis, {}};
  const size_t count = std::min(values.size(), most_slots);
  const int error =
      control(device, EVIOCGMTSLOTS(sizeof request.axis + count * sizeof(int32_t)), &request);
  if (error < 0) return error;
  std::copy_n(request.values.begin(), count, values.begin());
  return 0;
}

int grab_input(int device, bool grabbed) {
  // The request's argument is the answer to "grab?" itself.
  const int error = control(device, EVIOCGRAB, reinterpret_cast<const void*>(grabbed ? 1L : 0L));
  return std::min(error, 0);
}

int64_t take_input_events(int device, std::span<InputEvent> events) {
  std::array<input_event, events_at_once> records;
  const size_t wanted = std::min(records.size(), events.size());
  ssize_t bytes;
  do bytes = read(device, records.data(), wanted * sizeof records[0]);
  while (bytes < 0 && errno == EINTR);
  if (bytes < 0) return errno == EAGAIN ? 0 : -errno;
  const size_t count = static_cast<size_t>(bytes) / sizeof records[0];
  for (size_t index = 0; index < count; ++index)
    events[index] = {records[index].type, records[index].code, records[index].value};
  return static_cast<int64_t>(count);
}

int give_input_events(int device, std::span<const InputEvent> events) {
  std::array<input_event, events_at_once> records;
  while (!events.empty()) {
    const size_t count = std::min(records.size(), events.size());
    for (size_t index = 0; index < count; ++index) {
      input_event record = {};
      record.type = static_cast<uint16_t>(events[index].type);
      record.code = static_cast<uint16_t>(events[index].code);
      record.value = events[index].value;
      records[index] = record;
    }
    ssize_t bytes;
    do bytes = write(device, records.data(), count * sizeof records[0]);
    while (bytes < 0 && errno == EINTR);
    if (bytes < 0) return -errno;
    events = events.subspan(count);
  }
  return 0;
}

}  // namespace bulkhead
