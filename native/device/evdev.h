// Input devices by the kernel's event interface: /dev/input/eventN. Numbers of types, keys and axes
// are those of linux/input-event-codes.h; sets of them are bits, the lowest of the first byte
// first.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace bulkhead {

struct InputIdentity {
  std::string name;
  // Where it is plugged in, as the kernel says; empty where it says nothing.
  std::string place;
  std::string serial;
  uint32_t bus = 0;
  uint32_t vendor = 0;
  uint32_t product = 0;
  uint32_t version = 0;
};

struct InputEvent {
  int32_t type;
  int32_t code;
  int32_t value;
};

struct InputAxis {
  int32_t value = 0;
  int32_t minimum = 0;
  int32_t maximum = 0;
  int32_t fuzz = 0;
  // What is as good as the middle, in both directions.
  int32_t flat = 0;
  // Steps a millimetre, or a radian of what turns; 0: unknown.
  int32_t resolution = 0;
};

// Which bits are asked for: what a device has, or what is so now.
enum class InputBits : uint32_t {
  properties,
  types,
  keys,
  relative,
  absolute,
  lights,
  pressed,
  lit
};

// All of these return 0 or -errno, unless they say otherwise; -ENODEV when the device is gone.

// Reading does not wait from here on, and events have the times of CLOCK_MONOTONIC.
int prepare_input(int device);
int read_input_identity(int device, InputIdentity& identity);
int read_input_bits(int device, InputBits what, std::span<uint8_t> bits);
int read_input_axis(int device, uint32_t axis, InputAxis& facts);
// The value of one ABS_MT_ axis in each slot, from the first on.
int read_input_slots(int device, uint32_t axis, std::span<int32_t> values);

// While it is grabbed nobody else gets its events. -EBUSY where somebody else has it so.
int grab_input(int device, bool grabbed);

// Takes events that wait, without waiting for one: how many, or -errno.
int64_t take_input_events(int device, std::span<InputEvent> events);
// Sends events to the device, such as lights to switch.
int give_input_events(int device, std::span<const InputEvent> events);

}  // namespace bulkhead
