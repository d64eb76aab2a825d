#include "device-uevent.h"

#include <cerrno>

#include "../device/uevent-socket.h"
#include "argument.h"
#include "error.h"

namespace bulkhead {

namespace {

// ueventOpen(after udevd's rules: boolean) -> descriptor
Napi::Value open(const Napi::CallbackInfo& info) {
  Descriptor descriptor;
  const int error =
      open_uevent_socket(flag(info[0]) ? UeventSource::udev : UeventSource::kernel, descriptor);
  if (error < 0) {
    throw_system_error(info.Env(), error, "socket", "follow the announcements of devices");
    return info.Env().Undefined();
  }
  return Napi::Number::New(info.Env(), descriptor.release());
}

// ueventRead(descriptor, bytes) -> bytes read; 0: none waits; -1: some were lost
Napi::Value read(const Napi::CallbackInfo& info) {
  const std::span<uint8_t> buffer = bytes(info[1]);
  const ssize_t count = read_uevent(descriptor_number(info[0]), buffer.data(), buffer.size());
  if (count < 0 && count != -EAGAIN && count != -ENOBUFS) {
    throw_system_error(info.Env(), static_cast<int>(count), "recvfrom",
                       "read an announcement of a device");
    return info.Env().Undefined();
  }
  return Napi::Number::New(info.Env(), count == -EAGAIN    ? 0
                                       : count == -ENOBUFS ? -1
                                                           : static_cast<double>(count));
}

}  // namespace

void init_uevent(Napi::Env env, Napi::Object exports) {
  exports.Set("ueventOpen", Napi::Function::New<open>(env, "ueventOpen"));
  exports.Set("ueventRead", Napi::Function::New<read>(env, "ueventRead"));
}

}  // namespace bulkhead
