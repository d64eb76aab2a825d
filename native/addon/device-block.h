// The block functions of the addon.
#pragma once

#include <napi.h>

#include <cstdint>

namespace bulkhead {

class BlockDevice;

void init_block(Napi::Env env, Napi::Object exports);

// The device behind a handle that JavaScript holds, or null: for the waiting hook, which looks at
// its completion word.
BlockDevice* block_device(uint32_t handle);

}  // namespace bulkhead
