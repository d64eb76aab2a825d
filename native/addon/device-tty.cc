#include "device-tty.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <string>

#include "../device/line-settings.h"
#include "../device/mark-decoder.h"
#include "../device/pseudo-terminal.h"
#include "../device/serial-line.h"
#include "argument.h"
#include "error.h"

namespace bulkhead {

namespace {

const char* hint(int error) {
  switch (-error) {
    case ENOTTY:
      return "the terminal's driver does not have it";
    case EBADF:
      return "the descriptor is closed";
    default:
      return "";
  }
}

// True when all is well; otherwise an exception is pending.
bool succeeded(const Napi::CallbackInfo& info, int error, const char* syscall, const char* action,
               const char* advice = nullptr) {
  if (error >= 0) return true;
  throw_system_error(info.Env(), error, syscall, action, {},
                     advice != nullptr ? advice : hint(error));
  return false;
}

Napi::Value number(const Napi::CallbackInfo& info, double value) {
  return Napi::Number::New(info.Env(), value);
}

// () -> { descriptor, path }
Napi::Value open_pair(const Napi::CallbackInfo& info) {
  Descriptor master;
  std::string path;
  if (!succeeded(info, open_pseudo_terminal(master, path), "posix_openpt", "open a pseudo-terminal",
                 "is devpts mounted at /dev/pts?"))
    return {};
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("descriptor", master.release());
  result.Set("path", path);
  return result;
}

// (master) -> descriptor
Napi::Value open_end(const Napi::CallbackInfo& info) {
  Descriptor terminal;
  if (!succeeded(info, open_terminal_end(descriptor_number(info[0]), terminal), "ioctl",
                 "open the terminal end of a pseudo-terminal"))
    return {};
  return number(info, terminal.release());
}

// (master) -> somebody has the terminal open
Napi::Value connected(const Napi::CallbackInfo& info) {
  const int result = terminal_connected(descriptor_number(info[0]));
  if (!succeeded(info, result, "poll", "see whether a pseudo-terminal is connected")) return {};
  return Napi::Boolean::New(info.Env(), result != 0);
}

// (path) -> descriptor
Napi::Value presence_watch(const Napi::CallbackInfo& info) {
  const std::string path = info[0].ToString();
  Descriptor watch;
  const int error = watch_presence(path, watch);
  if (error < 0) {
    throw_system_error(info.Env(), error, "inotify_add_watch", "watch terminal", path);
    return {};
  }
  return number(info, watch.release());
}

// (watch) -> there was news
Napi::Value presence_drain(const Napi::CallbackInfo& info) {
  const int result = drain_presence(descriptor_number(info[0]));
  if (!succeeded(info, result, "read", "read from a presence watch")) return {};
  return Napi::Boolean::New(info.Env(), result != 0);
}

// The stretch that (descriptor, bytes, offset, length) names, cut to what the array holds.
std::span<uint8_t> stretch(const Napi::CallbackInfo& info) {
  const std::span<uint8_t> all = bytes(info[1]);
  const size_t offset = std::min<size_t>(unsigned_number(info[2]), all.size());
  return all.subspan(offset, std::min<size_t>(unsigned_number(info[3]), all.size() - offset));
}

// (descriptor, bytes, offset, length) -> bytes moved, or -1 after a hang-up
template <typename Move>
Napi::Value move(const Napi::CallbackInfo& info, Move transfer, const char* syscall,
                 const char* action) {
  const std::span<uint8_t> memory = stretch(info);
  const int64_t moved = transfer(descriptor_number(info[0]), memory.data(), memory.size());
  if (moved == -EPIPE) return number(info, -1);
  if (moved < 0 && !succeeded(info, static_cast<int>(moved), syscall, action)) return {};
  return number(info, static_cast<double>(moved));
}

Napi::Value read(const Napi::CallbackInfo& info) {
  return move(info, read_line, "read", "read from a terminal");
}
Napi::Value write(const Napi::CallbackInfo& info) {
  return move(info, write_line, "write", "write to a terminal");
}

// (descriptor, out: Uint32Array of 10)
void settings(const Napi::CallbackInfo& info) {
  LineSettings line;
  const std::span<uint32_t> out = words(info[1]);
  if (!succeeded(info, read_line_settings(descriptor_number(info[0]), line), "ioctl",
                 "read the settings of a serial line") ||
      out.size() < 10)
    return;
  const uint32_t values[] = {
      line.input_rate, line.output_rate,   line.data_bits,     static_cast<uint32_t>(line.parity),
      line.stop_bits,  line.hardware_flow, line.software_flow, line.local,
      line.hang_up,    line.marks};
  std::copy(std::begin(values), std::end(values), out.begin());
}

// (descriptor, in: Uint32Array of 10)
void apply(const Napi::CallbackInfo& info) {
  const std::span<uint32_t> in = words(info[1]);
  int error = -EINVAL;
  if (in.size() >= 10) {
    const LineSettings line = {in[0],      in[1],      in[2],      static_cast<Parity>(in[3]),
                               in[4],      in[5] != 0, in[6] != 0, in[7] != 0,
                               in[8] != 0, in[9] != 0};
    error = apply_line_settings(descriptor_number(info[0]), line);
  }
  succeeded(info, error, "ioctl", "change the settings of a serial line",
            error == -EINVAL ? "rates above 0, 5 to 8 data bits, 1 or 2 stop bits" : nullptr);
}

// (descriptor) -> TIOCM_ bits
Napi::Value lines(const Napi::CallbackInfo& info) {
  uint32_t bits = 0;
  if (!succeeded(info, modem_lines(descriptor_number(info[0]), bits), "ioctl",
                 "read the modem lines of a serial line"))
    return {};
  return number(info, bits);
}

// (descriptor, raise, lower)
void change_lines(const Napi::CallbackInfo& info) {
  const int error = change_modem_lines(descriptor_number(info[0]), unsigned_number(info[1]),
                                       unsigned_number(info[2]));
  succeeded(info, error, "ioctl", "change the modem lines of a serial line");
}

// (descriptor, on)
void hold_break(const Napi::CallbackInfo& info) {
  succeeded(info, set_break(descriptor_number(info[0]), flag(info[1])), "ioctl",
            "change the break state of a serial line");
}

// (descriptor, out: Uint32Array of 11)
void counters(const Napi::CallbackInfo& info) {
  LineCounters line;
  const std::span<uint32_t> out = words(info[1]);
  if (!succeeded(info, line_counters(descriptor_number(info[0]), line), "ioctl",
                 "read the counters of a serial line") ||
      out.size() < 11)
    return;
  const uint32_t values[] = {line.cts,           line.dsr,    line.ring,           line.carrier,
                             line.received,      line.sent,   line.framing_errors, line.overruns,
                             line.parity_errors, line.breaks, line.buffer_overruns};
  std::copy(std::begin(values), std::end(values), out.begin());
}

void report(const Rs485& bus, std::span<uint32_t> out) {
  const uint32_t values[] = {
      bus.enabled,       bus.rts_on_send,       bus.rts_after_send,  bus.receive_while_sending,
      bus.terminate_bus, bus.delay_before_send, bus.delay_after_send};
  std::copy(std::begin(values), std::end(values), out.begin());
}

// (descriptor, out: Uint32Array of 7)
void rs485(const Napi::CallbackInfo& info) {
  Rs485 bus;
  const std::span<uint32_t> out = words(info[1]);
  if (succeeded(info, read_rs485(descriptor_number(info[0]), bus), "ioctl",
                "read the RS-485 settings of a serial line") &&
      out.size() >= 7)
    report(bus, out);
}

// (descriptor, in and out: Uint32Array of 7)
void change_rs485(const Napi::CallbackInfo& info) {
  const std::span<uint32_t> values = words(info[1]);
  int error = -EINVAL;
  Rs485 bus;
  if (values.size() >= 7) {
    bus = {values[0] != 0, values[1] != 0, values[2] != 0, values[3] != 0,
           values[4] != 0, values[5],      values[6]};
    error = apply_rs485(descriptor_number(info[0]), bus);
  }
  if (succeeded(info, error, "ioctl", "change the RS-485 settings of a serial line"))
    report(bus, values);
}

// (descriptor, exclusive)
void exclusive(const Napi::CallbackInfo& info) {
  succeeded(info, set_exclusive(descriptor_number(info[0]), flag(info[1])), "ioctl",
            "change whether a terminal is exclusive");
}

// (descriptor, LineQueue)
void flush(const Napi::CallbackInfo& info) {
  succeeded(
      info,
      flush_line(descriptor_number(info[0]), static_cast<LineQueue>(unsigned_number(info[1]))),
      "ioctl", "flush a serial line");
}

// (descriptor) -> bytes
Napi::Value pending(const Napi::CallbackInfo& info) {
  uint32_t count = 0;
  if (!succeeded(info, output_pending(descriptor_number(info[0]), count), "ioctl",
                 "read the output queue of a serial line"))
    return {};
  return number(info, count);
}

// (descriptor) -> columns * 65536 + rows
Napi::Value window(const Napi::CallbackInfo& info) {
  uint32_t columns = 0;
  uint32_t rows = 0;
  if (!succeeded(info, read_window_size(descriptor_number(info[0]), columns, rows), "ioctl",
                 "read the window size of a terminal"))
    return {};
  return number(info, columns * 65536.0 + rows);
}

// (descriptor, columns, rows)
void change_window(const Napi::CallbackInfo& info) {
  const int error = set_window_size(descriptor_number(info[0]), unsigned_number(info[1]),
                                    unsigned_number(info[2]));
  succeeded(info, error, "ioctl", "change the window size of a terminal",
            error == -EINVAL ? "at most 65535 columns and rows" : nullptr);
}

// (state: Uint32Array of 3, input, inputLength, output, marks: Uint32Array): decodes, and writes
// the new state, the bytes of output and the number of marks into `state`. Nothing is decoded where
// there is no room.
void decode_marks(const Napi::CallbackInfo& info) {
  const std::span<uint32_t> state = words(info[0]);
  const std::span<uint8_t> input = bytes(info[1]);
  const std::span<uint8_t> output = bytes(info[3]);
  const std::span<uint32_t> marks = words(info[4]);
  const size_t length = unsigned_number(info[2]);
  if (state.size() < 3 || state[0] > 2 || length > input.size() ||
      output.size() < MarkDecoder::output_room(length) ||
      marks.size_bytes() < MarkDecoder::mark_room(length) * sizeof(Mark)) {
    Napi::RangeError::New(info.Env(), "Cannot decode marks: too little room")
        .ThrowAsJavaScriptException();
    return;
  }
  MarkDecoder decoder(static_cast<MarkDecoder::State>(state[0]));
  decoder.decode(input.data(), length, output.data(), reinterpret_cast<Mark*>(marks.data()));
  state[0] = static_cast<uint32_t>(decoder.state());
  state[1] = static_cast<uint32_t>(decoder.written());
  state[2] = static_cast<uint32_t>(decoder.marked());
}

// (state: Uint32Array of 3, output): the bytes of a mark that was never completed
void finish_marks(const Napi::CallbackInfo& info) {
  const std::span<uint32_t> state = words(info[0]);
  const std::span<uint8_t> output = bytes(info[1]);
  if (state.size() < 3 || state[0] > 2 || output.size() < 2) return;
  MarkDecoder decoder(static_cast<MarkDecoder::State>(state[0]));
  decoder.finish(output.data());
  state[0] = static_cast<uint32_t>(decoder.state());
  state[1] = static_cast<uint32_t>(decoder.written());
  state[2] = 0;
}

}  // namespace

void init_tty(Napi::Env env, Napi::Object exports) {
  exports.Set("ttyOpenPair", Napi::Function::New<open_pair>(env, "ttyOpenPair"));
  exports.Set("ttyOpenEnd", Napi::Function::New<open_end>(env, "ttyOpenEnd"));
  exports.Set("ttyConnected", Napi::Function::New<connected>(env, "ttyConnected"));
  exports.Set("ttyWatchPresence", Napi::Function::New<presence_watch>(env, "ttyWatchPresence"));
  exports.Set("ttyDrainPresence", Napi::Function::New<presence_drain>(env, "ttyDrainPresence"));
  exports.Set("ttyRead", Napi::Function::New<read>(env, "ttyRead"));
  exports.Set("ttyWrite", Napi::Function::New<write>(env, "ttyWrite"));
  exports.Set("ttySettings", Napi::Function::New<settings>(env, "ttySettings"));
  exports.Set("ttyApply", Napi::Function::New<apply>(env, "ttyApply"));
  exports.Set("ttyLines", Napi::Function::New<lines>(env, "ttyLines"));
  exports.Set("ttyChangeLines", Napi::Function::New<change_lines>(env, "ttyChangeLines"));
  exports.Set("ttyBreak", Napi::Function::New<hold_break>(env, "ttyBreak"));
  exports.Set("ttyCounters", Napi::Function::New<counters>(env, "ttyCounters"));
  exports.Set("ttyRs485", Napi::Function::New<rs485>(env, "ttyRs485"));
  exports.Set("ttyChangeRs485", Napi::Function::New<change_rs485>(env, "ttyChangeRs485"));
  exports.Set("ttyExclusive", Napi::Function::New<exclusive>(env, "ttyExclusive"));
  exports.Set("ttyFlush", Napi::Function::New<flush>(env, "ttyFlush"));
  exports.Set("ttyPending", Napi::Function::New<pending>(env, "ttyPending"));
  exports.Set("ttyWindow", Napi::Function::New<window>(env, "ttyWindow"));
  exports.Set("ttyChangeWindow", Napi::Function::New<change_window>(env, "ttyChangeWindow"));
  exports.Set("ttyDecodeMarks", Napi::Function::New<decode_marks>(env, "ttyDecodeMarks"));
  exports.Set("ttyFinishMarks", Napi::Function::New<finish_marks>(env, "ttyFinishMarks"));
}

}  // namespace bulkhead
