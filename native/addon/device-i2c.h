// The I2C functions of the addon.
#pragma once

#include <napi.h>

namespace bulkhead {

void init_i2c(Napi::Env env, Napi::Object exports);

}  // namespace bulkhead
