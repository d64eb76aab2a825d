// What a serial line has beside its bytes: modem lines, break, counters, RS-485, queues. Each works
// on a descriptor that somebody else opened, such as a serial-port library. All return -errno;
// -ENOTTY or -EINVAL where the driver of the terminal does not have the thing, as pseudo-terminals
// do not.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bulkhead {

// Bytes read (0 when none wait), or -errno. -EPIPE when the other end hung up or the device is
// gone.
int64_t read_line(int descriptor, void* bytes, size_t length);
// Bytes taken (0 when the queue is full), or -errno; -EPIPE as above.
int64_t write_line(int descriptor, const void* bytes, size_t length);

// TIOCM_ bits: 0x002 DTR, 0x004 RTS, 0x020 CTS, 0x040 carrier, 0x080 ring, 0x100 DSR.
int modem_lines(int descriptor, uint32_t& lines);
// Raises some of DTR and RTS, and lowers others. What is in neither set stays.
int change_modem_lines(int descriptor, uint32_t raise, uint32_t lower);

// Holds the line in the break state, or ends it.
int set_break(int descriptor, bool on);

struct LineCounters {
  uint32_t cts, dsr, ring, carrier;  // changes of the modem lines
  uint32_t received, sent;           // characters
  uint32_t framing_errors, overruns, parity_errors, breaks, buffer_overruns;
};
int line_counters(int descriptor, LineCounters& counters);

struct Rs485 {
  bool enabled = false;
  bool rts_on_send = false;
  bool rts_after_send = false;
  bool receive_while_sending = false;
  bool terminate_bus = false;
  uint32_t delay_before_send = 0;  // milliseconds
  uint32_t delay_after_send = 0;
};
int read_rs485(int descriptor, Rs485& settings);
// The driver takes what it can and writes back into `settings` what is in force.
int apply_rs485(int descriptor, Rs485& settings);

// While exclusive, opening the terminal again fails with EBUSY (except for root).
int set_exclusive(int descriptor, bool exclusive);

enum class LineQueue : uint32_t { input = 0, output = 1, both = 2 };
// Drops what was received and not read, or written and not sent.
int flush_line(int descriptor, LineQueue queue);
// Bytes written and not yet handed to the transmitter.
int output_pending(int descriptor, uint32_t& bytes);

int read_window_size(int descriptor, uint32_t& columns, uint32_t& rows);
// On a master this sends SIGWINCH to the terminal's foreground process group.
int set_window_size(int descriptor, uint32_t columns, uint32_t rows);

}  // namespace bulkhead
