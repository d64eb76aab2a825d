#include "error.h"

#include <cstring>

namespace bulkhead {

void throw_system_error(Napi::Env env, int negative_errno, const char* syscall,
                        const std::string& action, const std::string& path,
                        const std::string& hint) {
  const int number = -negative_errno;
  std::string reason =
      strerrordesc_np(number) != nullptr ? strerrordesc_np(number) : "unknown error";
  if (!reason.empty())
    reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
  std::string message = "Cannot " + action;
  if (!path.empty()) message += " \"" + path + "\"";
  message += ": " + reason;
  if (!hint.empty()) message += " (" + hint + ")";
  Napi::Error error = Napi::Error::New(env, message);
  const char* name = strerrorname_np(number);
  error.Set("code", Napi::String::New(env, name != nullptr ? name : "EUNKNOWN"));
  error.Set("errno", Napi::Number::New(env, number));
  error.Set("syscall", Napi::String::New(env, syscall));
  if (!path.empty()) error.Set("path", Napi::String::New(env, path));
  if (!hint.empty()) error.Set("hint", Napi::String::New(env, hint));
  error.ThrowAsJavaScriptException();
}

}  // namespace bulkhead
