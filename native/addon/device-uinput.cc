#include "device-uinput.h"

#include <cerrno>
#include <span>
#include <string>

#include "../device/uinput.h"
#include "argument.h"
#include "error.h"

namespace bulkhead {

namespace {

const char* hint(int error) {
  switch (-error) {
    case ENOTTY:
      return "it is not /dev/uinput";
    case EINVAL:
      return "the kernel knows no such key or axis, or the device was made already";
    default:
      return "";
  }
}

// True when all is well; otherwise an exception is pending.
bool succeeded(const Napi::CallbackInfo& info, int error, const char* action) {
  if (error >= 0) return true;
  throw_system_error(info.Env(), error, "ioctl", action, {}, hint(error));
  return false;
}

// (device, type, code)
void allow(const Napi::CallbackInfo& info) {
  succeeded(
      info,
      allow_uinput(descriptor_number(info[0]), unsigned_number(info[1]), unsigned_number(info[2])),
      "say what an input device will have");
}

// (device, code, [minimum, maximum, resolution]: Int32Array)
void allow_axis(const Napi::CallbackInfo& info) {
  const std::span<int32_t> numbers = integers(info[2]);
  InputAxis axis;
  if (numbers.size() >= 3) {
    axis.minimum = numbers[0];
    axis.maximum = numbers[1];
    axis.resolution = numbers[2];
  }
  succeeded(info, allow_uinput_axis(descriptor_number(info[0]), unsigned_number(info[1]), axis),
            "say which axis an input device will have");
}

// (device, name, [bus, vendor, product, version]: Uint32Array)
void create(const Napi::CallbackInfo& info) {
  InputIdentity identity;
  identity.name = info[1].ToString();
  const std::span<uint32_t> numbers = words(info[2]);
  if (numbers.size() >= 4) {
    identity.bus = numbers[0];
    identity.vendor = numbers[1];
    identity.product = numbers[2];
    identity.version = numbers[3];
  }
  succeeded(info, create_uinput(descriptor_number(info[0]), identity), "make an input device");
}

// (device)
void destroy(const Napi::CallbackInfo& info) {
  succeeded(info, destroy_uinput(descriptor_number(info[0])), "take an input device away");
}

// (device) -> name
Napi::Value name(const Napi::CallbackInfo& info) {
  std::string found;
  if (!succeeded(info, read_uinput_name(descriptor_number(info[0]), found),
                 "ask for the name of an input device"))
    return {};
  return Napi::String::New(info.Env(), found);
}

}  // namespace

void init_uinput(Napi::Env env, Napi::Object exports) {
  exports.Set("uinputAllow", Napi::Function::New<allow>(env, "uinputAllow"));
  exports.Set("uinputAllowAxis", Napi::Function::New<allow_axis>(env, "uinputAllowAxis"));
  exports.Set("uinputCreate", Napi::Function::New<create>(env, "uinputCreate"));
  exports.Set("uinputDestroy", Napi::Function::New<destroy>(env, "uinputDestroy"));
  exports.Set("uinputName", Napi::Function::New<name>(env, "uinputName"));
}

}  // namespace bulkhead
