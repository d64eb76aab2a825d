// How a serial line is set: rate, framing, flow control. Always raw: a driver moves bytes, it edits
// no text.
#pragma once

#include <cstdint>

namespace bulkhead {

enum class Parity : uint32_t { none = 0, even = 1, odd = 2, mark = 3, space = 4 };

struct LineSettings {
  uint32_t input_rate = 0;  // baud, any number; the device takes the nearest that it can
  uint32_t output_rate = 0;
  uint32_t data_bits = 8;  // 5 to 8
  Parity parity = Parity::none;
  uint32_t stop_bits = 1;      // 1 or 2 (with 5 data bits, 2 means one and a half)
  bool hardware_flow = false;  // RTS and CTS
  bool software_flow = false;  // XON and XOFF, both ways
  bool local = true;           // modem lines do not end the connection
  bool hang_up = true;         // DTR falls when the last holder closes
  bool marks = false;          // breaks and damaged characters arrive marked: see mark-decoder.h
};

// The settings in force, or -errno: -ENOTTY when `descriptor` is no terminal.
int read_line_settings(int descriptor, LineSettings& settings);

// Makes the line raw with these settings, once what was written before is sent. A terminal takes
// what it can and does not say what it did not: read the settings back. -EINVAL for values that no
// terminal has.
int apply_line_settings(int descriptor, const LineSettings& settings);

}  // namespace bulkhead
