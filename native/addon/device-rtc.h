// The real-time clock functions of the addon.
#pragma once

#include <napi.h>

namespace bulkhead {

void init_rtc(Napi::Env env, Napi::Object exports);

}  // namespace bulkhead
