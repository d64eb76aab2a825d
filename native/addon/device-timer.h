// The timer functions of the addon.
#pragma once

#include <napi.h>

namespace bulkhead {

void init_timer(Napi::Env env, Napi::Object exports);

}  // namespace bulkhead
