#include "device-screen.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <span>
#include <vector>

#include "../device/drm.h"
#include "../device/framebuffer.h"
#include "../device/virtual-terminal.h"
#include "argument.h"
#include "error.h"
#include "faces.h"

namespace bulkhead {

namespace {

const char* hint(int error) {
  switch (-error) {
    case ENOTTY:
      return "it is no screen, or has no such thing";
    case ENODEV:
      return "it was taken away";
    case EACCES:
      return "another program, such as a display server, shows its own picture there";
    case EPERM:
      return "that needs root, or CAP_SYS_TTY_CONFIG";
    default:
      return "";
  }
}

// True when all is well; otherwise an exception is pending.
bool succeeded(const Napi::CallbackInfo& info, int error, const char* call, const char* action) {
  if (error >= 0) return true;
  throw_system_error(info.Env(), error, call, action, {}, hint(error));
  return false;
}

Napi::Array numbers(Napi::Env env, const std::vector<uint32_t>& values) {
  Napi::Array array = Napi::Array::New(env, values.size());
  for (size_t index = 0; index < values.size(); ++index)
    array.Set(static_cast<uint32_t>(index), Napi::Number::New(env, values[index]));
  return array;
}

// screenFacts(screen, out: Uint32Array of 16) -> name
Napi::Value facts(const Napi::CallbackInfo& info) {
  FramebufferFacts found;
  if (!succeeded(info, read_framebuffer(descriptor_number(info[0]), found), "ioctl",
                 "read the form of a screen"))
    return {};
  const uint32_t values[] = {
      found.width,       found.height,      found.virtual_height, found.pan_step,
      found.bytes,       found.stride,      found.bits_per_pixel, found.direct,
      found.red.offset,  found.red.length,  found.green.offset,   found.green.length,
      found.blue.offset, found.blue.length, found.width_mm,       found.height_mm,
  };
  const std::span<uint32_t> out = words(info[1]);
  if (out.size() >= std::size(values)) std::copy(std::begin(values), std::end(values), out.begin());
  return Napi::String::New(info.Env(), found.name);
}

// screenPan(screen, line)
void pan(const Napi::CallbackInfo& info) {
  succeeded(info, pan_framebuffer(descriptor_number(info[0]), unsigned_number(info[1])), "ioctl",
            "show another part of a screen's memory");
}

// screenHasConsole(screen, console) -> whether
Napi::Value has_console(const Napi::CallbackInfo& info) {
  const int answer = framebuffer_has_console(descriptor_number(info[0]), unsigned_number(info[1]));
  if (!succeeded(info, answer, "ioctl", "ask which console a screen has")) return {};
  return Napi::Boolean::New(info.Env(), answer == 1);
}

// screenMap(device, offset, bytes) -> { buffer, id }, to be unmapped as a dataspace is
Napi::Value map(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const size_t length = byte_count(info[2]);
  void* address = mmap(nullptr, length, PROT_READ | PROT_WRITE, MAP_SHARED,
                       descriptor_number(info[0]), static_cast<off_t>(byte_count(info[1])));
  if (address == MAP_FAILED) {
    succeeded(info, -errno, "mmap", "map the memory of a screen");
    return {};
  }
  return map_object(env, {address, length, true});
}

// drmResources(card) -> [crtcs, connectors]
Napi::Value resources(const Napi::CallbackInfo& info) {
  std::vector<uint32_t> crtcs;
  std::vector<uint32_t> connectors;
  if (!succeeded(info, read_drm_resources(descriptor_number(info[0]), crtcs, connectors), "ioctl",
                 "read what a graphics card has"))
    return {};
  Napi::Array both = Napi::Array::New(info.Env(), 2);
  both.Set(0u, numbers(info.Env(), crtcs));
  both.Set(1u, numbers(info.Env(), connectors));
  return both;
}

Napi::Object mode_object(Napi::Env env, const DrmMode& mode) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("name", mode.name);
  object.Set("width", mode.width);
  object.Set("height", mode.height);
  object.Set("refresh", mode.refresh);
  object.Set("preferred", mode.preferred);
  Napi::Uint8Array description = Napi::Uint8Array::New(env, mode.description.size());
  std::copy(mode.description.begin(), mode.description.end(), description.Data());
  object.Set("description", description);
  return object;
}

// drmConnector(card, connector, probe) -> facts
Napi::Value connector(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  DrmConnector found;
  if (!succeeded(info,
                 read_drm_connector(descriptor_number(info[0]), unsigned_number(info[1]),
                                    flag(info[2]), found),
                 "ioctl", "read what is plugged in at a graphics card"))
    return {};
  Napi::Object object = Napi::Object::New(env);
  object.Set("type", found.type);
  object.Set("typeNumber", found.type_number);
  object.Set("connected", found.connected);
  object.Set("widthMillimeters", found.width_mm);
  object.Set("heightMillimeters", found.height_mm);
  object.Set("crtcs", found.crtcs);
  Napi::Array modes = Napi::Array::New(env, found.modes.size());
  for (size_t index = 0; index < found.modes.size(); ++index)
    modes.Set(static_cast<uint32_t>(index), mode_object(env, found.modes[index]));
  object.Set("modes", modes);
  return object;
}

// drmMakeBuffer(card, width, height) -> { memory, picture, stride, bytes, offset }
Napi::Value make_buffer(const Napi::CallbackInfo& info) {
  DrmBuffer buffer;
  if (!succeeded(info,
                 make_drm_buffer(descriptor_number(info[0]), unsigned_number(info[1]),
                                 unsigned_number(info[2]), buffer),
                 "ioctl", "make a picture of a graphics card"))
    return {};
  Napi::Object object = Napi::Object::New(info.Env());
  object.Set("memory", buffer.memory);
  object.Set("picture", buffer.picture);
  object.Set("stride", buffer.stride);
  object.Set("bytes", static_cast<double>(buffer.bytes));
  object.Set("offset", static_cast<double>(buffer.offset));
  return object;
}

// drmDropBuffer(card, memory, picture)
void drop_buffer(const Napi::CallbackInfo& info) {
  DrmBuffer buffer;
  buffer.memory = unsigned_number(info[1]);
  buffer.picture = unsigned_number(info[2]);
  drop_drm_buffer(descriptor_number(info[0]), buffer);
}

// drmSetMode(card, crtc, connector, picture, description)
void set_mode(const Napi::CallbackInfo& info) {
  const std::span<uint8_t> description = bytes(info[4]);
  const int error = description.size() == drm_mode_bytes
                        ? set_drm_mode(descriptor_number(info[0]), unsigned_number(info[1]),
                                       unsigned_number(info[2]), unsigned_number(info[3]),
                                       description.first<drm_mode_bytes>())
                        : -EINVAL;
  succeeded(info, error, "ioctl", "set the mode of a screen");
}

// drmStop(card, crtc)
void stop(const Napi::CallbackInfo& info) {
  succeeded(info, stop_drm_crtc(descriptor_number(info[0]), unsigned_number(info[1])), "ioctl",
            "turn a screen off");
}

// drmFlip(card, crtc, picture)
void flip(const Napi::CallbackInfo& info) {
  succeeded(
      info,
      flip_drm(descriptor_number(info[0]), unsigned_number(info[1]), unsigned_number(info[2])),
      "ioctl", "show another picture");
}

// drmTakeFlips(card) -> CRTCs
Napi::Value take_flips(const Napi::CallbackInfo& info) {
  std::vector<uint32_t> crtcs(32);
  const int count = take_drm_flips(descriptor_number(info[0]), crtcs);
  if (!succeeded(info, count, "read", "read the events of a graphics card")) return {};
  crtcs.resize(static_cast<size_t>(count));
  return numbers(info.Env(), crtcs);
}

// drmTellDamage(card, picture, [left, top, right, bottom, ...]: Uint16Array) -> whether anybody
// wants to know
Napi::Value tell_damage(const Napi::CallbackInfo& info) {
  std::vector<DrmRectangle> rectangles;
  if (info[2].IsTypedArray() &&
      info[2].As<Napi::TypedArray>().TypedArrayType() == napi_uint16_array) {
    auto array = info[2].As<Napi::Uint16Array>();
    for (size_t at = 0; at + 4 <= array.ElementLength(); at += 4)
      rectangles.push_back({array[at], array[at + 1], array[at + 2], array[at + 3]});
  }
  const int error =
      tell_drm_damage(descriptor_number(info[0]), unsigned_number(info[1]), rectangles);
  if (error == -ENOSYS) return Napi::Boolean::New(info.Env(), false);
  if (!succeeded(info, error, "ioctl", "tell what of a picture has changed")) return {};
  return Napi::Boolean::New(info.Env(), true);
}

// consoleManaged(console) -> whether
Napi::Value managed(const Napi::CallbackInfo& info) {
  const int answer = console_managed(descriptor_number(info[0]));
  if (!succeeded(info, answer, "ioctl", "ask whose a console is")) return {};
  return Napi::Boolean::New(info.Env(), answer == 1);
}

// consoleGraphics(console) -> whether
Napi::Value graphics(const Napi::CallbackInfo& info) {
  const int answer = console_graphics(descriptor_number(info[0]));
  if (!succeeded(info, answer, "ioctl", "ask how a console shows itself")) return {};
  return Napi::Boolean::New(info.Env(), answer == 1);
}

// consoleSetGraphics(console, graphics)
void set_graphics(const Napi::CallbackInfo& info) {
  succeeded(info, set_console_graphics(descriptor_number(info[0]), flag(info[1])), "ioctl",
            "set how a console shows itself");
}

}  // namespace

void init_screen(Napi::Env env, Napi::Object exports) {
  exports.Set("screenFacts", Napi::Function::New<facts>(env, "screenFacts"));
  exports.Set("screenPan", Napi::Function::New<pan>(env, "screenPan"));
  exports.Set("screenHasConsole", Napi::Function::New<has_console>(env, "screenHasConsole"));
  exports.Set("screenMap", Napi::Function::New<map>(env, "screenMap"));
  exports.Set("drmResources", Napi::Function::New<resources>(env, "drmResources"));
  exports.Set("drmConnector", Napi::Function::New<connector>(env, "drmConnector"));
  exports.Set("drmMakeBuffer", Napi::Function::New<make_buffer>(env, "drmMakeBuffer"));
  exports.Set("drmDropBuffer", Napi::Function::New<drop_buffer>(env, "drmDropBuffer"));
  exports.Set("drmSetMode", Napi::Function::New<set_mode>(env, "drmSetMode"));
  exports.Set("drmStop", Napi::Function::New<stop>(env, "drmStop"));
  exports.Set("drmFlip", Napi::Function::New<flip>(env, "drmFlip"));
  exports.Set("drmTakeFlips", Napi::Function::New<take_flips>(env, "drmTakeFlips"));
  exports.Set("drmTellDamage", Napi::Function::New<tell_damage>(env, "drmTellDamage"));
  exports.Set("consoleManaged", Napi::Function::New<managed>(env, "consoleManaged"));
  exports.Set("consoleGraphics", Napi::Function::New<graphics>(env, "consoleGraphics"));
  exports.Set("consoleSetGraphics", Napi::Function::New<set_graphics>(env, "consoleSetGraphics"));
}

}  // namespace bulkhead
