// The network functions of the addon.
#pragma once

#include <napi.h>

namespace bulkhead {

void init_net(Napi::Env env, Napi::Object exports);

}  // namespace bulkhead
