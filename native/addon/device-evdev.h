// The functions of the addon for input devices.
#pragma once

#include <napi.h>

namespace bulkhead {

void init_evdev(Napi::Env env, Napi::Object exports);

}  // namespace bulkhead
