// One place turns -errno into a JavaScript error object.
#pragma once

#include <napi.h>

#include <string>

namespace bulkhead {

// Throws an Error with code ("EACCES"), errno, syscall, path and hint, and a message that says what
// was tried, on what, why it failed and what to do. `negative_errno` is what the native layer
// returned.
void throw_system_error(Napi::Env env, int negative_errno, const char* syscall,
                        const std::string& action, const std::string& path = {},
                        const std::string& hint = {});

}  // namespace bulkhead
