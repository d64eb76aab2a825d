// The functions of the addon for screens and consoles.
#pragma once

#include <napi.h>

namespace bulkhead {

void init_screen(Napi::Env env, Napi::Object exports);

}  // namespace bulkhead
