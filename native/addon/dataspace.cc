#include <fcntl.h>
#include <unistd.h>

#include <cstring>

#include "error.h"
#include "faces.h"

namespace bulkhead {

namespace {

// createDataspace(name, bytes, final) -> descriptor
Napi::Value create(const Napi::CallbackInfo& info) {
  const std::string name = info[0].ToString();
  const double bytes = info[1].ToNumber().DoubleValue();
  const int descriptor =
      create_dataspace(name.c_str(), static_cast<size_t>(bytes), info[2].ToBoolean());
  if (descriptor < 0) {
    throw_system_error(info.Env(), descriptor, "memfd_create", "create a dataspace", name);
    return {};
  }
  return Napi::Number::New(info.Env(), descriptor);
}

// mapDataspace(descriptor, writable) -> { buffer: ArrayBuffer, id: number }
Napi::Value map(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Mapping mapping;
  const int result = map_dataspace(int_argument(info, 0), info[1].ToBoolean(), mapping);
  if (result < 0) {
    throw_system_error(env, result, "mmap", "map a dataspace", {},
                       result == -EPROTO ? "not a memory file sealed against shrinking" : "");
    return {};
  }
  return map_object(env, mapping);
}

// unmapDataspace(id, buffer): detaches the ArrayBuffer, so that no view reaches the memory any
// more, then unmaps.
Napi::Value unmap(const Napi::CallbackInfo& info) {
  auto& mappings = addon(info.Env()).mappings;
  const uint32_t id = uint_argument(info, 0);
  if (id >= mappings.size() || mappings[id].address == nullptr) return {};
  auto buffer = info[1].As<Napi::ArrayBuffer>();
  if (!buffer.IsDetached()) buffer.Detach();
  unmap_dataspace(mappings[id]);
  return {};
}

Napi::Value seal(const Napi::CallbackInfo& info) {
  const int result = seal_writes(int_argument(info, 0));
  if (result < 0)
    throw_system_error(info.Env(), result, "fcntl", "seal a dataspace against writing");
  return {};
}

Napi::Value discard(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), discard_pages(int_argument(info, 0)));
}

Napi::Value bytes(const Napi::CallbackInfo& info) {
  const int64_t result = dataspace_bytes(int_argument(info, 0));
  if (result < 0) {
    throw_system_error(info.Env(), static_cast<int>(result), "fstat",
                       "use a descriptor as a dataspace", {},
                       result == -EPROTO ? "not a memory file sealed against shrinking" : "");
    return {};
  }
  return Napi::Number::New(info.Env(), static_cast<double>(result));
}

Napi::Value close_descriptor(const Napi::CallbackInfo& info) {
  close(int_argument(info, 0));
  return {};
}

Napi::Value duplicate(const Napi::CallbackInfo& info) {
  const int result = fcntl(int_argument(info, 0), F_DUPFD_CLOEXEC, 3);
  if (result < 0) {
    throw_system_error(info.Env(), -errno, "fcntl", "duplicate a descriptor");
    return {};
  }
  return Napi::Number::New(info.Env(), result);
}

}  // namespace

Napi::Object map_object(Napi::Env env, const Mapping& mapping) {
  auto& mappings = addon(env).mappings;
  size_t id = 0;
  while (id < mappings.size() && mappings[id].address != nullptr) ++id;
  if (id == mappings.size()) mappings.emplace_back();
  mappings[id] = mapping;
  Napi::Object object = Napi::Object::New(env);
  // No finalizer: the mapping ends by unmapDataspace, which detaches the buffer first, or with the
  // process.
  object.Set("buffer", Napi::ArrayBuffer::New(env, mapping.address, mapping.bytes));
  object.Set("id", Napi::Number::New(env, static_cast<double>(id)));
  return object;
}

void init_dataspace(Napi::Env env, Napi::Object exports) {
  exports.Set("createDataspace", Napi::Function::New(env, create));
  exports.Set("mapDataspace", Napi::Function::New(env, map));
  exports.Set("unmapDataspace", Napi::Function::New(env, unmap));
  exports.Set("sealWrites", Napi::Function::New(env, seal));
  exports.Set("discardPages", Napi::Function::New(env, discard));
  exports.Set("dataspaceBytes", Napi::Function::New(env, bytes));
  exports.Set("closeDescriptor", Napi::Function::New(env, close_descriptor));
  exports.Set("duplicateDescriptor", Napi::Function::New(env, duplicate));
}

}  // namespace bulkhead
