// The block functions of the addon.
#pragma once

#include <napi.h>

namespace bulkhead {

void init_block(Napi::Env env, Napi::Object exports);

}  // namespace bulkhead
