// The pixel functions of the addon.
#pragma once

#include <napi.h>

namespace bulkhead {

void init_pixel(Napi::Env env, Napi::Object exports);

}  // namespace bulkhead
