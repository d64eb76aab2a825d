#include "error.h"
#include "faces.h"

namespace bulkhead {

namespace {

// A plain descriptor, watched for readiness.
struct DescriptorSource : WakeSource {
  int32_t on_ready(int uv_events) override {
    int32_t bits = 0;
    if (uv_events & UV_READABLE) bits |= slot_readable;
    if (uv_events & UV_WRITABLE) bits |= slot_writable;
    if (uv_events & UV_DISCONNECT) bits |= slot_closed | slot_readable;
    return bits;
  }
};

// startWaiting(ready: Int32Array, callback: (count) => void, windowMicroseconds)
Napi::Value start(const Napi::CallbackInfo& info) {
  addon(info.Env())
      .waiter->start(info[0].As<Napi::Int32Array>(), info[1].As<Napi::Function>(),
                     uint_argument(info, 2));
  return {};
}

// watchDescriptor(descriptor, events: 1 readable, 2 writable) -> slot
Napi::Value watch(const Napi::CallbackInfo& info) {
  const uint32_t wanted = uint_argument(info, 1);
  int uv_events = UV_DISCONNECT;
  if (wanted & 1) uv_events |= UV_READABLE;
  if (wanted & 2) uv_events |= UV_WRITABLE;
  const int slot =
      addon(info.Env())
          .waiter->add(std::make_unique<DescriptorSource>(), int_argument(info, 0), uv_events);
  if (slot < 0) {
    throw_system_error(info.Env(), slot, "epoll_ctl", "watch a descriptor");
    return {};
  }
  return Napi::Number::New(info.Env(), slot);
}

Napi::Value unwatch(const Napi::CallbackInfo& info) {
  addon(info.Env()).waiter->remove(uint_argument(info, 0));
  return {};
}

Napi::Value again(const Napi::CallbackInfo& info) {
  addon(info.Env()).waiter->again(uint_argument(info, 0));
  return {};
}

Napi::Value reference(const Napi::CallbackInfo& info) {
  addon(info.Env()).waiter->reference(uint_argument(info, 0), info[1].ToBoolean());
  return {};
}

Napi::Value counters(const Napi::CallbackInfo& info) {
  const WaiterCounters& values = addon(info.Env()).waiter->counters();
  Napi::Object object = Napi::Object::New(info.Env());
  object.Set("deliveries", values.deliveries);
  object.Set("looks", values.looks);
  object.Set("yields", values.yields);
  object.Set("sleeps", values.sleeps);
  object.Set("backoffs", values.backoffs);
  object.Set("wakes", values.wakes);
  return object;
}

}  // namespace

void init_waiting(Napi::Env env, Napi::Object exports) {
  exports.Set("startWaiting", Napi::Function::New(env, start));
  exports.Set("watchDescriptor", Napi::Function::New(env, watch));
  exports.Set("unwatch", Napi::Function::New(env, unwatch));
  exports.Set("again", Napi::Function::New(env, again));
  exports.Set("reference", Napi::Function::New(env, reference));
  exports.Set("waitingCounters", Napi::Function::New(env, counters));
}

}  // namespace bulkhead
