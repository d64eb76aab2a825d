#include "device-block.h"

#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unordered_map>

#include "../device/block-device.h"
#include "../device/io-ring.h"
#include "argument.h"
#include "device-table.h"
#include "error.h"
#include "faces.h"

namespace bulkhead {

namespace {

thread_local DeviceTable<BlockDevice> devices("block device");

// Completions of a device, in the hook that looks at the sessions too: so an answer costs no system
// call while somebody looks.
struct EngineSource : WakeSource {
  EngineSource(uint32_t handle, BlockDevice& watched) : device_handle(handle), device(watched) {
    word = device.completion_word();
    seen = device.completion_idle();
    sources[handle] = this;
  }
  ~EngineSource() override { sources.erase(device_handle); }

  int32_t on_ready(int) override { return slot_moved; }
  void stay_awake() override { device.disarm(); }
  bool fall_asleep() override {
    if (!device.arm()) return true;
    device.disarm();
    return false;
  }

  const uint32_t device_handle;
  BlockDevice& device;
  static thread_local std::unordered_map<uint32_t, EngineSource*> sources;
};

thread_local std::unordered_map<uint32_t, EngineSource*> EngineSource::sources;

const char* open_hint(int error, BlockEngineKind engine) {
  switch (-error) {
    case ENOTBLK:
      return "a block device or an image file is needed";
    case EACCES:
      return "the descriptor was opened for writing only; it must be readable";
    case ENXIO:
      return "it holds not even one block; is a medium or image attached?";
    case EINVAL:
      return engine == BlockEngineKind::io_uring ? "io_uring needs Linux 6.1 or later" : "";
    case EPERM:
    case ENOSYS:
      return engine == BlockEngineKind::io_uring
                 ? "io_uring is forbidden here; engine \"threads\" works"
                 : "";
    default:
      return "";
  }
}

// (descriptor, engine, depth) -> { handle, ...facts }
Napi::Value open(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const auto engine = static_cast<BlockEngineKind>(unsigned_number(info[1]));
  std::unique_ptr<BlockDevice> device;
  const int error =
      BlockDevice::open(descriptor_number(info[0]), engine, unsigned_number(info[2]), device);
  if (error < 0) {
    throw_system_error(env, error, "open", "open a block device", {}, open_hint(error, engine));
    return env.Undefined();
  }
  const BlockFacts& facts = device->facts();
  const BlockProbe& probe = device->probe();
  Napi::Object result = Napi::Object::New(env);
  result.Set("kind", static_cast<uint32_t>(facts.kind));
  result.Set("size", static_cast<double>(facts.size));
  result.Set("blockSize", facts.block_size);
  result.Set("physicalBlockSize", facts.physical_block_size);
  result.Set("memoryAlignment", facts.memory_alignment);
  result.Set("direct", facts.direct);
  result.Set("memoryBacked", facts.memory_backed);
  result.Set("readOnly", facts.read_only);
  result.Set("trim", facts.trim);
  result.Set("engine", static_cast<uint32_t>(device->engine_kind()));
  result.Set("depth", device->depth());
  result.Set("probeReads", probe.reads);
  result.Set("probeSleeps", probe.sleeps);
  result.Set("probeNanoseconds", probe.nanoseconds);
  if (device->uring_error() < 0) {
    result.Set("uringError", strerrorname_np(-device->uring_error()));
  }
  result.Set("handle", devices.add(std::move(device)));
  return result;
}

// (handle); waits for the requests under way
void close(const Napi::CallbackInfo& info) {
  const uint32_t handle = unsigned_number(info[0]);
  const auto watched = EngineSource::sources.find(handle);
  if (watched != EngineSource::sources.end())
    addon(info.Env()).waiter->remove(watched->second->slot);
  devices.remove(handle);
}

Napi::Value add_buffer(const Napi::CallbackInfo& info) { return devices.add_buffer(info); }
void remove_buffer(const Napi::CallbackInfo& info) { devices.remove_buffer(info); }

// (handle) -> name of the errno for which a buffer was not registered, or undefined
Napi::Value registration_error(const Napi::CallbackInfo& info) {
  const BlockDevice* device = devices.find(info);
  if (device == nullptr || device->registration_error() == 0) return info.Env().Undefined();
  return Napi::String::New(info.Env(), strerrorname_np(-device->registration_error()));
}

// (handle, requests: Uint32Array, count) -> requests taken
Napi::Value submit(const Napi::CallbackInfo& info) {
  BlockDevice* device = devices.find(info);
  if (device == nullptr) return info.Env().Undefined();
  const std::span<uint32_t> requests = words(info[1]);
  const uint32_t room = static_cast<uint32_t>(requests.size_bytes() / sizeof(BlockRequest));
  const uint32_t count = std::min(unsigned_number(info[2]), room);
  return Napi::Number::New(
      info.Env(), device->submit(reinterpret_cast<const BlockRequest*>(requests.data()), count));
}

// (handle, completions: Uint32Array) -> completions written
Napi::Value reap(const Napi::CallbackInfo& info) {
  BlockDevice* device = devices.find(info);
  if (device == nullptr) return info.Env().Undefined();
  const std::span<uint32_t> completions = words(info[1]);
  const uint32_t room = static_cast<uint32_t>(completions.size_bytes() / sizeof(BlockCompletion));
  const uint32_t count = device->reap(reinterpret_cast<BlockCompletion*>(completions.data()), room);
  // What completes from here on differs from this value, so that the hook reports it.
  const auto watched = EngineSource::sources.find(unsigned_number(info[0]));
  if (watched != EngineSource::sources.end()) watched->second->seen = device->completion_idle();
  return Napi::Number::New(info.Env(), count);
}

// (handle) -> slot under which the hook reports completions, or -1 when all complete inside of
// submit. From here on the hook arms and disarms the device. Ends with the device.
Napi::Value watch(const Napi::CallbackInfo& info) {
  BlockDevice* device = devices.find(info);
  if (device == nullptr) return info.Env().Undefined();
  const int descriptor = device->completion_descriptor();
  if (descriptor < 0) return Napi::Number::New(info.Env(), -1);
  const int slot =
      addon(info.Env())
          .waiter->add(std::make_unique<EngineSource>(unsigned_number(info[0]), *device),
                       descriptor, UV_READABLE);
  if (slot < 0) {
    throw_system_error(info.Env(), slot, "epoll_ctl", "watch a block device");
    return info.Env().Undefined();
  }
  return Napi::Number::New(info.Env(), slot);
}

// (handle) -> completions may be waiting: do not sleep
Napi::Value arm(const Napi::CallbackInfo& info) {
  BlockDevice* device = devices.find(info);
  if (device == nullptr) return info.Env().Undefined();
  return Napi::Boolean::New(info.Env(), device->arm());
}

// (handle)
void disarm(const Napi::CallbackInfo& info) {
  BlockDevice* device = devices.find(info);
  if (device != nullptr) device->disarm();
}

// (handle) -> eventfd owned by the device, or -1
Napi::Value completion_descriptor(const Napi::CallbackInfo& info) {
  BlockDevice* device = devices.find(info);
  if (device == nullptr) return info.Env().Undefined();
  return Napi::Number::New(info.Env(), device->completion_descriptor());
}

// (descriptor) -> whether its open file description has the file's lock now
Napi::Value lock(const Napi::CallbackInfo& info) {
  if (flock(descriptor_number(info[0]), LOCK_EX | LOCK_NB) == 0)
    return Napi::Boolean::New(info.Env(), true);
  const int error = -errno;
  if (error != -EWOULDBLOCK) throw_system_error(info.Env(), error, "flock", "lock a block device");
  return Napi::Boolean::New(info.Env(), false);
}

// reserveIoRing() -> whether there is one now
Napi::Value reserve_ring(const Napi::CallbackInfo& info) {
  constexpr uint32_t depth = 256;
  return Napi::Boolean::New(info.Env(), reserve_io_ring(depth, device_buffer_limit) == 0);
}

}  // namespace

void init_block(Napi::Env env, Napi::Object exports) {
  exports.Set("reserveIoRing", Napi::Function::New<reserve_ring>(env, "reserveIoRing"));
  exports.Set("blockLock", Napi::Function::New<lock>(env, "blockLock"));
  exports.Set("blockOpen", Napi::Function::New<open>(env, "blockOpen"));
  exports.Set("blockClose", Napi::Function::New<close>(env, "blockClose"));
  exports.Set("blockAddBuffer", Napi::Function::New<add_buffer>(env, "blockAddBuffer"));
  exports.Set("blockRemoveBuffer", Napi::Function::New<remove_buffer>(env, "blockRemoveBuffer"));
  exports.Set("blockSubmit", Napi::Function::New<submit>(env, "blockSubmit"));
  exports.Set("blockReap", Napi::Function::New<reap>(env, "blockReap"));
  exports.Set("blockWatch", Napi::Function::New<watch>(env, "blockWatch"));
  exports.Set("blockRegistrationError",
              Napi::Function::New<registration_error>(env, "blockRegistrationError"));
  exports.Set("blockArm", Napi::Function::New<arm>(env, "blockArm"));
  exports.Set("blockDisarm", Napi::Function::New<disarm>(env, "blockDisarm"));
  exports.Set("blockCompletionDescriptor",
              Napi::Function::New<completion_descriptor>(env, "blockCompletionDescriptor"));
}

}  // namespace bulkhead
