#include "device-directory.h"

#include <cerrno>
#include <string>
#include <vector>

#include "../device/directory.h"
#include "argument.h"
#include "error.h"

namespace bulkhead {

namespace {

constexpr size_t most_entries = 4096;

// directoryEntries(descriptor) -> names
Napi::Value entries(const Napi::CallbackInfo& info) {
  std::vector<std::string> names;
  const int error = list_directory(descriptor_number(info[0]), most_entries, names);
  if (error < 0) {
    throw_system_error(info.Env(), error, "getdents64", "list a directory");
    return {};
  }
  Napi::Array result = Napi::Array::New(info.Env(), names.size());
  for (size_t index = 0; index < names.size(); ++index)
    result[static_cast<uint32_t>(index)] = Napi::String::New(info.Env(), names[index]);
  return result;
}

// directoryOpen(descriptor, path, writeable) -> descriptor
Napi::Value open(const Napi::CallbackInfo& info) {
  const std::string path = info[1].ToString();
  Descriptor file;
  const int error = open_below(descriptor_number(info[0]), path, flag(info[2]), file);
  if (error < 0) {
    throw_system_error(
        info.Env(), error, "openat2", "open", path,
        error == -EXDEV || error == -ELOOP ? "a path inside the directory, without links" : "");
    return {};
  }
  return Napi::Number::New(info.Env(), file.release());
}

}  // namespace

void init_directory(Napi::Env env, Napi::Object exports) {
  exports.Set("directoryEntries", Napi::Function::New<entries>(env, "directoryEntries"));
  exports.Set("directoryOpen", Napi::Function::New<open>(env, "directoryOpen"));
}

}  // namespace bulkhead
