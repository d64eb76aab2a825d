#include "uinput.h"

#include <linux/uinput.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "control.h"

namespace bulkhead {

namespace {

// The request's argument is the number itself.
int set(int device, unsigned long request, uint32_t number) {
  return std::min(control(device, request, reinterpret_cast<const void*>(uintptr_t{number})), 0);
}

unsigned long request_for(uint32_t type) {
  switch (type) {
    case EV_KEY:
      return UI_SET_KEYBIT;
    case EV_REL:
      return UI_SET_RELBIT;
    case EV_ABS:
      return UI_SET_ABSBIT;
    case EV_LED:
      return UI_SET_LEDBIT;
    default:
      return 0;
  }
}

}  // namespace

int allow_uinput(int device, uint32_t type, uint32_t code) {
  if (type == 0) return set(device, UI_SET_PROPBIT, code);
  const unsigned long request = request_for(type);
  if (request == 0) return -EINVAL;
  const int error = set(device, UI_SET_EVBIT, type);
  return error < 0 ? error : set(device, request, code);
}

int allow_uinput_axis(int device, uint32_t code, const InputAxis& axis) {
  const int error = allow_uinput(device, EV_ABS, code);
  if (error < 0) return error;
  uinput_abs_setup setup = {};
  setup.code = static_cast<uint16_t>(code);
  setup.absinfo.minimum = axis.minimum;
  setup.absinfo.maximum = axis.maximum;
  setup.absinfo.fuzz = axis.fuzz;
  setup.absinfo.flat = axis.flat;
  setup.absinfo.resolution = axis.resolution;
  return std::min(control(device, UI_ABS_SETUP, &setup), 0);
}

int create_uinput(int device, const InputIdentity& identity) {
  uinput_setup setup = {};
  setup.id.bustype = static_cast<uint16_t>(identity.bus);
  setup.id.vendor = static_cast<uint16_t>(identity.vendor);
  setup.id.product = static_cast<uint16_t>(identity.product);
  setup.id.version = static_cast<uint16_t>(identity.version);
  identity.name.copy(setup.name, sizeof setup.name - 1);
  const int error = control(device, UI_DEV_SETUP, &setup);
  return error < 0 ? error : std::min(control(device, UI_DEV_CREATE, nullptr), 0);
}

int destroy_uinput(int device) { return std::min(control(device, UI_DEV_DESTROY, nullptr), 0); }

int read_uinput_name(int device, std::string& name) {
  std::array<char, 64> buffer = {};
  const int error = control(device, UI_GET_SYSNAME(buffer.size()), buffer.data());
  if (error < 0) return error;
  name.assign(buffer.begin(), std::find(buffer.begin(), buffer.end(), '\0'));
  return 0;
}

}  // namespace bulkhead
