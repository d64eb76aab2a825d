// What the functions of every device with buffers do alike.
#pragma once

#include <napi.h>

#include <cerrno>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "argument.h"
#include "error.h"
#include "handle-table.h"

namespace bulkhead {

inline const char* device_buffer_hint(int error) {
  switch (-error) {
    case EPERM:
      return "the dataspace must be a memfd that is sealed against shrinking, and writable";
    case EINVAL:
      return "the range must lie inside of the dataspace and start at a page";
    case ENOSPC:
      return "the device knows 64 buffers already";
    case EBUSY:
      return "requests that name it are under way";
    case ENOENT:
      return "no such buffer";
    default:
      return "";
  }
}

// The devices that one JavaScript thread opened. Its functions take the device's handle first.
template <typename Device>
class DeviceTable {
 public:
  // `kind` is what the device is called in messages.
  explicit DeviceTable(const char* kind) : kind_(kind) {}

  uint32_t add(std::unique_ptr<Device> device) { return devices_.add(std::move(device)); }
  void remove(uint32_t handle) { devices_.remove(handle); }

  // The device, or null with a pending exception.
  Device* find(const Napi::CallbackInfo& info) const {
    Device* device = devices_.find(unsigned_number(info[0]));
    if (device == nullptr)
      Napi::Error::New(info.Env(), std::string("Cannot use the ") + kind_ + ": it is closed")
          .ThrowAsJavaScriptException();
    return device;
  }

  // (handle, memfd, offset, length) -> index
  Napi::Value add_buffer(const Napi::CallbackInfo& info) const {
    Napi::Env env = info.Env();
    Device* device = find(info);
    if (device == nullptr) return env.Undefined();
    const int index =
        device->add_buffer(descriptor_number(info[1]), byte_count(info[2]), byte_count(info[3]));
    if (index >= 0) return Napi::Number::New(env, index);
    throw_system_error(env, index, "mmap", std::string("map a dataspace for a ") + kind_, {},
                       device_buffer_hint(index));
    return env.Undefined();
  }

  // (handle, index)
  void remove_buffer(const Napi::CallbackInfo& info) const {
    Device* device = find(info);
    if (device == nullptr) return;
    const int error = device->remove_buffer(unsigned_number(info[1]));
    if (error < 0)
      throw_system_error(info.Env(), error, "munmap",
                         std::string("unmap the dataspace of a ") + kind_, {},
                         device_buffer_hint(error));
  }

 private:
  const char* const kind_;
  HandleTable<Device> devices_;
};

}  // namespace bulkhead
