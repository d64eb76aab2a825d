// What the addon's files share: the state of one environment, and the entry points of each file.
#pragma once

#include <napi.h>

#include <memory>
#include <vector>

#include "../core/dataspace.h"
#include "../core/lifeline.h"
#include "waiter.h"

namespace bulkhead {

// State of one environment (one per component process); never in statics.
struct Addon {
  std::unique_ptr<Waiter> waiter;
  std::vector<Mapping> mappings;  // by mapping id; address null when free
  LifelineWatch lifelines;
};

Addon& addon(Napi::Env env);

// { buffer: ArrayBuffer, id: number } of memory that was mapped, until unmapDataspace.
Napi::Object map_object(Napi::Env env, const Mapping& mapping);

void init_dataspace(Napi::Env env, Napi::Object exports);
void init_channel(Napi::Env env, Napi::Object exports);
void init_waiting(Napi::Env env, Napi::Object exports);
void init_process(Napi::Env env, Napi::Object exports);

inline int int_argument(const Napi::CallbackInfo& info, size_t index) {
  return info[index].ToNumber().Int32Value();
}
inline uint32_t uint_argument(const Napi::CallbackInfo& info, size_t index) {
  return info[index].ToNumber().Uint32Value();
}

}  // namespace bulkhead
