// The directory functions of the addon.
#pragma once

#include <napi.h>

namespace bulkhead {

void init_directory(Napi::Env env, Napi::Object exports);

}  // namespace bulkhead
