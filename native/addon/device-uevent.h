// Announcements of devices, for JavaScript.
#pragma once

#include <napi.h>

namespace bulkhead {

void init_uevent(Napi::Env env, Napi::Object exports);

}  // namespace bulkhead
