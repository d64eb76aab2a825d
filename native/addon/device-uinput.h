// The functions of the addon for input devices that this process plays.
#pragma once

#include <napi.h>

namespace bulkhead {

void init_uinput(Napi::Env env, Napi::Object exports);

}  // namespace bulkhead
