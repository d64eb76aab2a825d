#include "device-i2c.h"

#include <array>
#include <cerrno>

#include "../device/i2c.h"
#include "argument.h"
#include "error.h"

namespace bulkhead {

namespace {

const char* hint(int error) {
  switch (-error) {
    case ENXIO:
    case EREMOTEIO:
    case ENODEV:
      return "no chip acknowledged: is it wired, powered, and at this address?";
    case ETIMEDOUT:
      return "the bus or the chip held the clock for too long";
    case EBUSY:
      return "a driver of the kernel has this address";
    case EOPNOTSUPP:
      return "the adapter cannot do this; some do the transfers of SMBus only";
    case ENOTTY:
      return "it is no I2C bus";
    default:
      return "";
  }
}

bool succeeded(const Napi::CallbackInfo& info, int error, const char* action) {
  if (error >= 0) return true;
  throw_system_error(info.Env(), error, "ioctl", action, {}, hint(error));
  return false;
}

// i2cFunctions(bus) -> I2C_FUNC_ bits
Napi::Value functions(const Napi::CallbackInfo& info) {
  uint32_t bits = 0;
  if (!succeeded(info, i2c_functions(descriptor_number(info[0]), bits),
                 "read what an I2C adapter can do"))
    return {};
  return Napi::Number::New(info.Env(), bits);
}

// i2cSetTimeout(bus, milliseconds)
void set_timeout(const Napi::CallbackInfo& info) {
  succeeded(info, set_i2c_timeout(descriptor_number(info[0]), unsigned_number(info[1])),
            "set the time-out of an I2C bus");
}

// i2cTransact(bus, address, plan: Uint32Array, bytes): a word of the plan a segment: its length,
// and 0x10000 where it is read. The bytes of all segments lie one after another.
void transact(const Napi::CallbackInfo& info) {
  const std::span<uint32_t> plan = words(info[2]);
  std::span<uint8_t> rest = bytes(info[3]);
  std::array<I2cSegment, most_i2c_segments> segments;
  int error = plan.size() <= segments.size() ? 0 : -EINVAL;
  for (size_t index = 0; error == 0 && index < plan.size(); ++index) {
    const size_t length = plan[index] & 0xffff;
    if (length > rest.size()) {
      error = -EINVAL;
      break;
    }
    segments[index] = {(plan[index] & 0x10000) != 0, rest.first(length)};
    rest = rest.subspan(length);
  }
  if (error == 0)
    error =
        transact_i2c(descriptor_number(info[0]), static_cast<uint16_t>(unsigned_number(info[1])),
                     std::span<const I2cSegment>(segments.data(), plan.size()));
  succeeded(info, error, "do an I2C transaction");
}

}  // namespace

void init_i2c(Napi::Env env, Napi::Object exports) {
  exports.Set("i2cFunctions", Napi::Function::New<functions>(env, "i2cFunctions"));
  exports.Set("i2cSetTimeout", Napi::Function::New<set_timeout>(env, "i2cSetTimeout"));
  exports.Set("i2cTransact", Napi::Function::New<transact>(env, "i2cTransact"));
}

}  // namespace bulkhead
