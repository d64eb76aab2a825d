#include "device-gpio.h"

#include <cerrno>
#include <string>

#include "../device/gpio-line.h"
#include "argument.h"
#include "error.h"
#include "faces.h"

namespace bulkhead {

namespace {

const char* hint(int error) {
  switch (-error) {
    case EBUSY:
      return "another program or driver has this line; gpioinfo says which";
    case EINVAL:
      return "the chip has no such line; gpioinfo lists them";
    case ENOTTY:
      return "it is no GPIO chip";
    default:
      return "";
  }
}

// (chip, line, high, consumer) -> descriptor
Napi::Value request_output(const Napi::CallbackInfo& info) {
  Descriptor output;
  const std::string consumer = info[3].ToString();
  const int error = request_output_line(descriptor_number(info[0]), uint_argument(info, 1),
                                        info[2].ToBoolean(), consumer.c_str(), output);
  if (error < 0) {
    throw_system_error(info.Env(), error, "ioctl GPIO_V2_GET_LINE",
                       "take GPIO line " + std::to_string(uint_argument(info, 1)), {}, hint(error));
    return {};
  }
  return Napi::Number::New(info.Env(), output.release());
}

// (descriptor, high)
void set_output(const Napi::CallbackInfo& info) {
  const int error = set_output_line(descriptor_number(info[0]), info[1].ToBoolean());
  if (error < 0)
    throw_system_error(info.Env(), error, "ioctl GPIO_V2_LINE_SET_VALUES", "drive a GPIO line");
}

}  // namespace

void init_gpio(Napi::Env env, Napi::Object exports) {
  exports.Set("gpioRequestOutput", Napi::Function::New<request_output>(env, "gpioRequestOutput"));
  exports.Set("gpioSetOutput", Napi::Function::New<set_output>(env, "gpioSetOutput"));
}

}  // namespace bulkhead
