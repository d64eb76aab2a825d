#include "serial-line.h"

#include <linux/serial.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

#include "control.h"

namespace bulkhead {

namespace {

// A master whose terminal nobody has open reads EIO, and so does a terminal whose device was
// unplugged.
int line_error(int error) {
  if (error == EAGAIN || error == EINTR) return 0;
  return error == EIO || error == ENXIO || error == ENODEV ? -EPIPE : -error;
}

}  // namespace

int64_t read_line(int descriptor, void* bytes, size_t length) {
  if (length == 0) return 0;
  const ssize_t count = read(descriptor, bytes, length);
  if (count < 0) return line_error(errno);
  // The end of file of a terminal is a hang-up.
  return count > 0 ? count : -EPIPE;
}

int64_t write_line(int descriptor, const void* bytes, size_t length) {
  if (length == 0) return 0;
  const ssize_t count = write(descriptor, bytes, length);
  return count < 0 ? line_error(errno) : count;
}

int modem_lines(int descriptor, uint32_t& lines) {
  int bits = 0;
  const int error = control(descriptor, TIOCMGET, &bits);
  lines = static_cast<uint32_t>(bits);
  return error;
}

int change_modem_lines(int descriptor, uint32_t raise, uint32_t lower) {
  constexpr uint32_t settable = TIOCM_DTR | TIOCM_RTS;
  if (((raise | lower) & ~settable) != 0 || (raise & lower) != 0) return -EINVAL;
  // Two requests, since the one that sets all lines would also set those that somebody else changes
  // meanwhile.
  const int set = static_cast<int>(raise);
  const int clear = static_cast<int>(lower);
  const int error = set != 0 ? control(descriptor, TIOCMBIS, &set) : 0;
  if (error < 0) return error;
  return clear != 0 ? control(descriptor, TIOCMBIC, &clear) : 0;
}

int set_break(int descriptor, bool on) {
  return control(descriptor, on ? TIOCSBRK : TIOCCBRK, nullptr);
}

int line_counters(int descriptor, LineCounters& counters) {
  serial_icounter_struct values = {};
  const int error = control(descriptor, TIOCGICOUNT, &values);
  if (error < 0) return error;
  const auto count = [](int value) { return static_cast<uint32_t>(value); };
  counters = {count(values.cts),   count(values.dsr),        count(values.rng),
              count(values.dcd),   count(values.rx),         count(values.tx),
              count(values.frame), count(values.overrun),    count(values.parity),
              count(values.brk),   count(values.buf_overrun)};
  return 0;
}

int read_rs485(int descriptor, Rs485& settings) {
  serial_rs485 values = {};
  const int error = control(descriptor, TIOCGRS485, &values);
  if (error < 0) return error;
  settings.enabled = (values.flags & SER_RS485_ENABLED) != 0;
  settings.rts_on_send = (values.flags & SER_RS485_RTS_ON_SEND) != 0;
  settings.rts_after_send = (values.flags & SER_RS485_RTS_AFTER_SEND) != 0;
  settings.receive_while_sending = (values.flags & SER_RS485_RX_DURING_TX) != 0;
  settings.terminate_bus = (values.flags & SER_RS485_TERMINATE_BUS) != 0;
  settings.delay_before_send = values.delay_rts_before_send;
  settings.delay_after_send = values.delay_rts_after_send;
  return 0;
}

int apply_rs485(int descriptor, Rs485& settings) {
  serial_rs485 values = {};
  if (settings.enabled) values.flags |= SER_RS485_ENABLED;
  if (settings.rts_on_send) values.flags |= SER_RS485_RTS_ON_SEND;
  if (settings.rts_after_send) values.flags |= SER_RS485_RTS_AFTER_SEND;
  if (settings.receive_while_sending) values.flags |= SER_RS485_RX_DURING_TX;
  if (settings.terminate_bus) values.flags |= SER_RS485_TERMINATE_BUS;
  values.delay_rts_before_send = settings.delay_before_send;
  values.delay_rts_after_send = settings.delay_after_send;
  const int error = control(descriptor, TIOCSRS485, &values);
  return error < 0 ? error : read_rs485(descriptor, settings);
}

int set_exclusive(int descriptor, bool exclusive) {
  return control(descriptor, exclusive ? TIOCEXCL : TIOCNXCL, nullptr);
}

int flush_line(int descriptor, LineQueue queue) {
  static constexpr int selectors[] = {TCIFLUSH, TCOFLUSH, TCIOFLUSH};
  if (queue > LineQueue::both) return -EINVAL;
  return tcflush(descriptor, selectors[static_cast<uint32_t>(queue)]) < 0 ? -errno : 0;
}

int output_pending(int descriptor, uint32_t& bytes) {
  int count = 0;
  const int error = control(descriptor, TIOCOUTQ, &count);
  bytes = static_cast<uint32_t>(count);
  return error;
}

int read_window_size(int descriptor, uint32_t& columns, uint32_t& rows) {
  winsize size = {};
  const int error = control(descriptor, TIOCGWINSZ, &size);
  columns = size.ws_col;
  rows = size.ws_row;
  return error;
}

int set_window_size(int descriptor, uint32_t columns, uint32_t rows) {
  if (columns > USHRT_MAX || rows > USHRT_MAX) return -EINVAL;
  winsize size = {};
  size.ws_col = static_cast<unsigned short>(columns);
  size.ws_row = static_cast<unsigned short>(rows);
  return control(descriptor, TIOCSWINSZ, &size);
}

}  // namespace bulkhead
