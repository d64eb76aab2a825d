// The terminal functions of the addon.
#pragma once

#include <napi.h>

namespace bulkhead {

void init_tty(Napi::Env env, Napi::Object exports);

}  // namespace bulkhead
