#include "device-evdev.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <span>

#include "../device/evdev.h"
#include "argument.h"
#include "error.h"

namespace bulkhead {

namespace {

const char* hint(int error) {
  switch (-error) {
    case ENOTTY:
      return "it is no input device";
    case ENODEV:
      return "it was taken away";
    case EBUSY:
      return "another program has it for itself";
    default:
      return "";
  }
}

// True when all is well; otherwise an exception is pending.
bool succeeded(const Napi::CallbackInfo& info, int64_t error, const char* call,
               const char* action) {
  if (error >= 0) return true;
  const int number = static_cast<int>(error);
  throw_system_error(info.Env(), number, call, action, {}, hint(number));
  return false;
}

// Events are three numbers each in JavaScript.
static_assert(sizeof(InputEvent) == 3 * sizeof(int32_t));

template <typename Event>
std::span<Event> events(std::span<int32_t> numbers) {
  return {reinterpret_cast<Event*>(numbers.data()), numbers.size() / 3};
}

// (device)
void prepare(const Napi::CallbackInfo& info) {
  succeeded(info, prepare_input(descriptor_number(info[0])), "ioctl", "prepare an input device");
}

// (device, out: Uint32Array of 4) -> [name, place, serial]
Napi::Value identity(const Napi::CallbackInfo& info) {
  InputIdentity found;
  if (!succeeded(info, read_input_identity(descriptor_number(info[0]), found), "ioctl",
                 "identify an input device"))
    return {};
  const uint32_t numbers[] = {found.bus, found.vendor, found.product, found.version};
  const std::span<uint32_t> out = words(info[1]);
  if (out.size() >= std::size(numbers))
    std::copy(std::begin(numbers), std::end(numbers), out.begin());
  Napi::Array texts = Napi::Array::New(info.Env(), 3);
  texts.Set(0u, found.name);
  texts.Set(1u, found.place);
  texts.Set(2u, found.serial);
  return texts;
}

// (device, what, out: Uint8Array)
void bits(const Napi::CallbackInfo& info) {
  const uint32_t what = std::min(unsigned_number(info[1]), static_cast<uint32_t>(InputBits::lit));
  succeeded(
      info,
      read_input_bits(descriptor_number(info[0]), static_cast<InputBits>(what), bytes(info[2])),
      "ioctl", "read what an input device has");
}

// (device, axis, out: Int32Array of 6)
void axis(const Napi::CallbackInfo& info) {
  InputAxis facts;
  if (!succeeded(info, read_input_axis(descriptor_number(info[0]), unsigned_number(info[1]), facts),
                 "ioctl", "read an axis of an input device"))
    return;
  const int32_t numbers[] = {facts.value, facts.minimum, facts.maximum,
                             facts.fuzz,  facts.flat,    facts.resolution};
  const std::span<int32_t> out = integers(info[2]);
  if (out.size() >= std::size(numbers))
    std::copy(std::begin(numbers), std::end(numbers), out.begin());
}

// (device, axis, out: Int32Array)
void slots(const Napi::CallbackInfo& info) {
  succeeded(
      info,
      read_input_slots(descriptor_number(info[0]), unsigned_number(info[1]), integers(info[2])),
      "ioctl", "read the touches of an input device");
}

// (device, grabbed)
void grab(const Napi::CallbackInfo& info) {
  succeeded(info, grab_input(descriptor_number(info[0]), flag(info[1])), "ioctl",
            "take an input device for oneself");
}

// (device, out: Int32Array) -> number of events
Napi::Value take(const Napi::CallbackInfo& info) {
  const int64_t count =
      take_input_events(descriptor_number(info[0]), events<InputEvent>(integers(info[1])));
  if (!succeeded(info, count, "read", "read an input device")) return {};
  return Napi::Number::New(info.Env(), static_cast<double>(count));
}

// (device, events: Int32Array)
void give(const Napi::CallbackInfo& info) {
  succeeded(
      info,
      give_input_events(descriptor_number(info[0]), events<const InputEvent>(integers(info[1]))),
      "write", "send events to an input device");
}

}  // namespace

void init_evdev(Napi::Env env, Napi::Object exports) {
  exports.Set("evdevPrepare", Napi::Function::New<prepare>(env, "evdevPrepare"));
  exports.Set("evdevIdentity", Napi::Function::New<identity>(env, "evdevIdentity"));
  exports.Set("evdevBits", Napi::Function::New<bits>(env, "evdevBits"));
  exports.Set("evdevAxis", Napi::Function::New<axis>(env, "evdevAxis"));
  exports.Set("evdevSlots", Napi::Function::New<slots>(env, "evdevSlots"));
  exports.Set("evdevGrab", Napi::Function::New<grab>(env, "evdevGrab"));
  exports.Set("evdevTake", Napi::Function::New<take>(env, "evdevTake"));
  exports.Set("evdevGive", Napi::Function::New<give>(env, "evdevGive"));
}

}  // namespace bulkhead
