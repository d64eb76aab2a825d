// The Node-API face of the native layer: converts arguments, owns no policy. Free functions with
// integer handles.
#include <napi.h>

#include <memory>

#include "device-block.h"
#include "device-directory.h"
#include "device-evdev.h"
#include "device-gpio.h"
#include "device-i2c.h"
#include "device-net.h"
#include "device-rtc.h"
#include "device-screen.h"
#include "device-timer.h"
#include "device-tty.h"
#include "device-uevent.h"
#include "device-uinput.h"
#include "faces.h"
#include "pixel.h"
#include "waiter.h"

namespace bulkhead {

Addon& addon(Napi::Env env) { return *env.GetInstanceData<Addon>(); }

namespace {

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  uv_loop_t* loop = nullptr;
  napi_get_uv_event_loop(env, &loop);
  auto* state = new Addon{std::make_unique<Waiter>(env, loop), {}, {}};
  env.SetInstanceData<Addon>(state);
  init_dataspace(env, exports);
  init_channel(env, exports);
  init_waiting(env, exports);
  init_process(env, exports);
  init_block(env, exports);
  init_directory(env, exports);
  init_evdev(env, exports);
  init_gpio(env, exports);
  init_i2c(env, exports);
  init_net(env, exports);
  init_pixel(env, exports);
  init_rtc(env, exports);
  init_screen(env, exports);
  init_timer(env, exports);
  init_tty(env, exports);
  init_uevent(env, exports);
  init_uinput(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(bulkhead, initialise)

}  // namespace bulkhead
