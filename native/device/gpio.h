// Lines of a GPIO chip, by the second version of the kernel's character-device interface. A chip is
// a descriptor of /dev/gpiochipN; a line is a descriptor that the chip gives out, which the kernel
// takes back when it is closed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "descriptor.h"

namespace bulkhead {

enum class GpioDirection : uint32_t { as_is, input, output };
enum class GpioBias : uint32_t { as_is, disabled, pull_up, pull_down };
enum class GpioDrive : uint32_t { push_pull, open_drain, open_source };
// Bits of the edges that are told, as the line's level is seen: active is high.
enum GpioEdges : uint32_t { gpio_rising = 1, gpio_falling = 2 };

struct GpioChip {
  std::string name;
  std::string label;
  uint32_t lines = 0;
};

struct GpioLine {
  std::string name;
  // Who holds the line; empty where nobody does, or the kernel knows no name.
  std::string consumer;
  // Held by somebody, or not for us.
  bool used = false;
  bool output = false;
  bool active_low = false;
  GpioBias bias = GpioBias::as_is;
  GpioDrive drive = GpioDrive::push_pull;
};

struct GpioSettings {
  GpioDirection direction = GpioDirection::as_is;
  // What an output shows from the first moment on.
  bool active = false;
  bool active_low = false;
  GpioBias bias = GpioBias::as_is;
  GpioDrive drive = GpioDrive::push_pull;
  uint32_t edges = 0;
  uint32_t debounce_us = 0;
};

struct GpioEdge {
  // CLOCK_MONOTONIC, as the kernel's interrupt handler read it.
  uint64_t time_ns;
  // Of the line, from 1 on; a number left out is an edge that was dropped before it was read.
  uint32_t number;
  bool rising;
};

// All of these return 0 or -errno, unless they say otherwise.

int read_gpio_chip(int chip, GpioChip& facts);
int read_gpio_line(int chip, uint32_t line, GpioLine& facts);

// Takes a line; `events` is how many edges wait in the kernel at most. -EBUSY where somebody else
// has it.
int request_gpio_line(int chip, uint32_t line, const std::string& consumer,
                      const GpioSettings& settings, uint32_t events, Descriptor& requested);
int configure_gpio_line(int line, const GpioSettings& settings);

// Whether the line is active: 0 or 1, or -errno.
int gpio_active(int line);
int set_gpio_active(int line, bool active);

// Takes edges that wait, without waiting for one: how many, or -errno.
int64_t take_gpio_edges(int line, std::span<GpioEdge> edges);

}  // namespace bulkhead
