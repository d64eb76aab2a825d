#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "../core/lifeline.h"
#include "../core/notification.h"
#include "../core/spawn/tight-filter.h"
#include "error.h"
#include "faces.h"

namespace bulkhead {

namespace {

// pinToProcessor(cpu): all later work of this thread runs there. For benchmarks and the `affinity`
// of a component.
Napi::Value pin(const Napi::CallbackInfo& info) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(uint_argument(info, 0), &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0)
    throw_system_error(info.Env(), -errno, "sched_setaffinity", "pin to a processor");
  return {};
}

// exitNow(code): leaves without Node's exit path, which makes system calls that the tight filter
// forbids.
Napi::Value exit_now(const Napi::CallbackInfo& info) {
  release_lifeline();
  _exit(int_argument(info, 0));
}

// holdLifeline(descriptor): closes it.
Napi::Value hold(const Napi::CallbackInfo& info) {
  if (const int error = hold_lifeline(int_argument(info, 0)); error != 0)
    throw_system_error(info.Env(), error, "mmap", "hold a lifeline");
  return {};
}

// watchLifeline(descriptor) -> descriptor that becomes readable
Napi::Value watch(const Napi::CallbackInfo& info) {
  const int told = addon(info.Env()).lifelines.add(int_argument(info, 0));
  if (told < 0) {
    throw_system_error(info.Env(), told, "eventfd", "watch a lifeline");
    return {};
  }
  return Napi::Number::New(info.Env(), told);
}

// unwatchLifeline(told): closes it.
Napi::Value unwatch(const Napi::CallbackInfo& info) {
  addon(info.Env()).lifelines.remove(int_argument(info, 0));
  return {};
}

Napi::Value page_size(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(sysconf(_SC_PAGESIZE)));
}

// pipe() -> [read end, write end]; the read end does not block.
Napi::Value make_pipe(const Napi::CallbackInfo& info) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
    throw_system_error(info.Env(), -errno, "pipe2", "make a pipe");
    return {};
  }
  Napi::Array result = Napi::Array::New(info.Env(), 2);
  result.Set(0u, Napi::Number::New(info.Env(), ends[0]));
  result.Set(1u, Napi::Number::New(info.Env(), ends[1]));
  return result;
}

// installTightFilter(options): TightOption bits.
Napi::Value tighten(const Napi::CallbackInfo& info) {
  const int result = spawn::install_tight_filter(uint_argument(info, 0));
  if (result < 0)
    throw_system_error(info.Env(), result, "seccomp",
                       "install the system-call filter of a running component");
  return {};
}

// notifyManager(address, lines): one datagram to the service manager.
Napi::Value notify_manager(const Napi::CallbackInfo& info) {
  const std::string address = info[0].ToString().Utf8Value();
  const int result = send_notification(address, info[1].ToString().Utf8Value());
  if (result < 0)
    throw_system_error(info.Env(), result, "sendto", "tell the service manager at", address);
  return {};
}

}  // namespace

void init_process(Napi::Env env, Napi::Object exports) {
  exports.Set("pinToProcessor", Napi::Function::New(env, pin));
  exports.Set("exitNow", Napi::Function::New(env, exit_now));
  exports.Set("holdLifeline", Napi::Function::New(env, hold));
  exports.Set("watchLifeline", Napi::Function::New(env, watch));
  exports.Set("unwatchLifeline", Napi::Function::New(env, unwatch));
  exports.Set("makePipe", Napi::Function::New(env, make_pipe));
  exports.Set("installTightFilter", Napi::Function::New(env, tighten));
  exports.Set("notifyManager", Napi::Function::New(env, notify_manager));
  exports.Set("pageBytes", Napi::Function::New(env, page_size));
}

}  // namespace bulkhead
