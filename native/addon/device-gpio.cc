#include "device-gpio.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <string>

#include "../device/gpio.h"
#include "argument.h"
#include "error.h"

namespace bulkhead {

namespace {

constexpr size_t settings_words = 7;
constexpr size_t edges_at_once = 64;

const char* hint(int error) {
  switch (-error) {
    case EBUSY:
      return "another program or a driver of the kernel has it";
    case ENOTTY:
      return "it is no GPIO chip, or the kernel is older than 5.10";
    case EOPNOTSUPP:
    case ENXIO:
    case EINVAL:
      return "the chip has no such line, or it cannot be set so";
    default:
      return "";
  }
}

// True when all is well; otherwise an exception is pending.
bool succeeded(const Napi::CallbackInfo& info, int64_t error, const char* syscall,
               const char* action) {
  if (error >= 0) return true;
  throw_system_error(info.Env(), static_cast<int>(error), syscall, action, {},
                     hint(static_cast<int>(error)));
  return false;
}

// Of a Uint32Array; what lacks words leaves everything as it is.
GpioSettings settings(const Napi::Value& value) {
  const std::span<uint32_t> in = words(value);
  if (in.size() < settings_words) return {};
  return {static_cast<GpioDirection>(in[0]), in[1] != 0, in[2] != 0, static_cast<GpioBias>(in[3]),
          static_cast<GpioDrive>(in[4]),     in[5],      in[6]};
}

// gpioChip(chip) -> { name, label, lines }
Napi::Value chip(const Napi::CallbackInfo& info) {
  GpioChip facts;
  if (!succeeded(info, read_gpio_chip(descriptor_number(info[0]), facts), "ioctl",
                 "read the facts of a GPIO chip"))
    return {};
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("name", facts.name);
  result.Set("label", facts.label);
  result.Set("lines", facts.lines);
  return result;
}

// gpioLine(chip, line, out: Uint32Array of 5) -> [name, consumer]
Napi::Value line(const Napi::CallbackInfo& info) {
  GpioLine facts;
  if (!succeeded(info, read_gpio_line(descriptor_number(info[0]), unsigned_number(info[1]), facts),
                 "ioctl", "read the facts of a GPIO line"))
    return {};
  const uint32_t values[] = {facts.used, facts.output, facts.active_low,
                             static_cast<uint32_t>(facts.bias), static_cast<uint32_t>(facts.drive)};
  const std::span<uint32_t> out = words(info[2]);
  if (out.size() >= std::size(values)) std::copy(std::begin(values), std::end(values), out.begin());
  Napi::Array names = Napi::Array::New(info.Env(), 2);
  names[0U] = Napi::String::New(info.Env(), facts.name);
  names[1U] = Napi::String::New(info.Env(), facts.consumer);
  return names;
}

// gpioRequest(chip, line, consumer, settings, events) -> descriptor
Napi::Value request(const Napi::CallbackInfo& info) {
  Descriptor requested;
  const int error =
      request_gpio_line(descriptor_number(info[0]), unsigned_number(info[1]), info[2].ToString(),
                        settings(info[3]), unsigned_number(info[4]), requested);
  if (!succeeded(info, error, "ioctl", "take a GPIO line")) return {};
  return Napi::Number::New(info.Env(), requested.release());
}

// gpioConfigure(line, settings)
void configure(const Napi::CallbackInfo& info) {
  succeeded(info, configure_gpio_line(descriptor_number(info[0]), settings(info[1])), "ioctl",
            "set a GPIO line");
}

// gpioActive(line) -> active
Napi::Value active(const Napi::CallbackInfo& info) {
  const int level = gpio_active(descriptor_number(info[0]));
  if (!succeeded(info, level, "ioctl", "read a GPIO line")) return {};
  return Napi::Boolean::New(info.Env(), level != 0);
}

// gpioSetActive(line, active)
void set_active(const Napi::CallbackInfo& info) {
  succeeded(info, set_gpio_active(descriptor_number(info[0]), flag(info[1])), "ioctl",
            "drive a GPIO line");
}

// gpioTakeEdges(line, times: BigUint64Array, facts: Uint32Array of two words an edge) -> count;
// the words are its number, and whether it rose.
Napi::Value take_edges(const Napi::CallbackInfo& info) {
  if (!info[1].IsTypedArray() ||
      info[1].As<Napi::TypedArray>().TypedArrayType() != napi_biguint64_array) {
    Napi::TypeError::New(info.Env(), "Cannot take edges: the times need a BigUint64Array")
        .ThrowAsJavaScriptException();
    return {};
  }
  auto times = info[1].As<Napi::BigUint64Array>();
  const std::span<uint32_t> facts = words(info[2]);
  std::array<GpioEdge, edges_at_once> edges;
  const size_t room = std::min({edges.size(), times.ElementLength(), facts.size() / 2});
  const int64_t count = take_gpio_edges(descriptor_number(info[0]), std::span(edges.data(), room));
  if (!succeeded(info, count, "read", "read the edges of a GPIO line")) return {};
  for (size_t index = 0; index < static_cast<size_t>(count); ++index) {
    times.Data()[index] = edges[index].time_ns;
    facts[2 * index] = edges[index].number;
    facts[2 * index + 1] = edges[index].rising ? 1 : 0;
  }
  return Napi::Number::New(info.Env(), static_cast<double>(count));
}

}  // namespace

void init_gpio(Napi::Env env, Napi::Object exports) {
  exports.Set("gpioChip", Napi::Function::New<chip>(env, "gpioChip"));
  exports.Set("gpioLine", Napi::Function::New<line>(env, "gpioLine"));
  exports.Set("gpioRequest", Napi::Function::New<request>(env, "gpioRequest"));
  exports.Set("gpioConfigure", Napi::Function::New<configure>(env, "gpioConfigure"));
  exports.Set("gpioActive", Napi::Function::New<active>(env, "gpioActive"));
  exports.Set("gpioSetActive", Napi::Function::New<set_active>(env, "gpioSetActive"));
  exports.Set("gpioTakeEdges", Napi::Function::New<take_edges>(env, "gpioTakeEdges"));
}

}  // namespace bulkhead
