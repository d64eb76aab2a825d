// The GPIO functions of the addon.
#pragma once

#include <napi.h>

namespace bulkhead {

void init_gpio(Napi::Env env, Napi::Object exports);

}  // namespace bulkhead
