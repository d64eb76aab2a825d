#include "device-net.h"

#include <algorithm>
#include <cerrno>
#include <string>

#include "../device/link-monitor.h"
#include "../device/net-device.h"
#include "../device/packet-socket.h"
#include "../device/tap.h"
#include "argument.h"
#include "device-table.h"
#include "error.h"

namespace bulkhead {

namespace {

thread_local DeviceTable<NetDevice> devices("network device");

const char* tap_hint(int error) {
  switch (-error) {
    case EPERM:
      return "capability CAP_NET_ADMIN required";
    case EACCES:
      return "/dev/net/tun must be writable";
    case EBUSY:
      return "another process holds an interface of that name";
    case ENOENT:
    case ENODEV:
      return "the kernel's tun driver is missing: modprobe tun";
    case ENAMETOOLONG:
      return "interface names have at most 15 characters";
    default:
      return "";
  }
}

const char* packet_hint(int error) {
  switch (-error) {
    case EPERM:
      return "capability CAP_NET_RAW required";
    case ENODEV:
      return "no such interface here";
    case EOPNOTSUPP:
      return "it is not an Ethernet interface";
    default:
      return "";
  }
}

const char* device_hint(int error) {
  switch (-error) {
    case EOPNOTSUPP:
      return "a TAP, a packet socket or one end of a pair is needed";
    case EINVAL:
      return "its frames must start with a virtio-net header of 10 bytes";
    default:
      return "";
  }
}

const char* transfer_hint(int error) {
  switch (-error) {
    case EBADFD:
      return "the device is gone";
    case ENETDOWN:
    case EIO:
      return "its interface is down";
    case EINVAL:
      return "unknown buffer, or a place without room for a header";
    case EFAULT:
      return "a frame lies outside of the buffer";
    default:
      return "";
  }
}

Napi::Value mac_address(Napi::Env env, const MacAddress& address) {
  Napi::Uint8Array result = Napi::Uint8Array::New(env, address.size());
  std::copy(address.begin(), address.end(), result.Data());
  return result;
}

// (name, offloads, address: Uint8Array of 6 or undefined, mtu, up) -> { descriptor, name, address,
// offloads }
Napi::Value tap(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  TapOptions options;
  options.name = info[0].ToString();
  options.offloads = flag(info[1]);
  const std::span<uint8_t> address = bytes(info[2]);
  options.set_address = address.size() == options.address.size();
  if (options.set_address) std::copy(address.begin(), address.end(), options.address.begin());
  options.mtu = unsigned_number(info[3]);
  options.up = flag(info[4]);
  Descriptor descriptor;
  TapFacts facts;
  const int error = open_tap(options, descriptor, facts);
  if (error < 0) {
    throw_system_error(env, error, "ioctl", "create TAP interface", options.name, tap_hint(error));
    return env.Undefined();
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("descriptor", descriptor.release());
  result.Set("name", facts.name);
  result.Set("address", mac_address(env, facts.address));
  result.Set("offloads", facts.offloads);
  return result;
}

// (descriptor, whole segments and open checksums wanted) -> TUN_F_ bits that the kernel took
Napi::Value tap_offloads(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), set_tap_offloads(descriptor_number(info[0]), flag(info[1])));
}

// (descriptor, carrier)
void tap_carrier(const Napi::CallbackInfo& info) {
  const int error = set_tap_carrier(descriptor_number(info[0]), flag(info[1]));
  if (error < 0)
    throw_system_error(info.Env(), error, "ioctl", "set the carrier of a TAP interface");
}

// (name, promiscuous) -> { descriptor, address, mtu }
Napi::Value packet(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const std::string name = info[0].ToString();
  Descriptor descriptor;
  PacketSocketFacts facts;
  const int error = open_packet_socket(name, flag(info[1]), descriptor, facts);
  if (error < 0) {
    throw_system_error(env, error, "socket", "open a packet socket on interface", name,
                       packet_hint(error));
    return env.Undefined();
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("descriptor", descriptor.release());
  result.Set("address", mac_address(env, facts.address));
  result.Set("mtu", facts.mtu);
  return result;
}

// () -> [descriptor, descriptor]
Napi::Value pair(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Descriptor one;
  Descriptor other;
  const int error = open_net_pair(one, other);
  if (error < 0) {
    throw_system_error(env, error, "socketpair", "create a pair of network devices");
    return env.Undefined();
  }
  Napi::Array result = Napi::Array::New(env, 2);
  result.Set(0u, one.release());
  result.Set(1u, other.release());
  return result;
}

// (descriptor) -> { handle, kind, descriptor: the device's own }
Napi::Value open(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::unique_ptr<NetDevice> device;
  const int error = NetDevice::open(descriptor_number(info[0]), device);
  if (error < 0) {
    throw_system_error(env, error, "ioctl", "open a network device", {}, device_hint(error));
    return env.Undefined();
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("kind", static_cast<uint32_t>(device->kind()));
  result.Set("descriptor", device->descriptor());
  result.Set("handle", devices.add(std::move(device)));
  return result;
}

void close(const Napi::CallbackInfo& info) { devices.remove(unsigned_number(info[0])); }

Napi::Value add_buffer(const Napi::CallbackInfo& info) { return devices.add_buffer(info); }
void remove_buffer(const Napi::CallbackInfo& info) { devices.remove_buffer(info); }

using Transfer = int (NetDevice::*)(uint32_t buffer, NetFrame* frames, uint32_t count,
                                    NetLayout layout);

// (handle, buffer, frames: Uint32Array, count, bytes of header: 0, 10 or 12) -> frames moved
template <Transfer transfer>
Napi::Value move(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  NetDevice* device = devices.find(info);
  if (device == nullptr) return env.Undefined();
  const std::span<uint32_t> frames = words(info[2]);
  const uint32_t count = std::min(unsigned_number(info[3]),
                                  static_cast<uint32_t>(frames.size_bytes() / sizeof(NetFrame)));
  const uint32_t header = unsigned_number(info[4]);
  const NetLayout layout =
      header == 0 || header == 12 ? static_cast<NetLayout>(header) : NetLayout::device;
  const int moved = (device->*transfer)(unsigned_number(info[1]),
                                        reinterpret_cast<NetFrame*>(frames.data()), count, layout);
  if (moved < 0) {
    const bool receiving = transfer == &NetDevice::receive;
    throw_system_error(env, moved, receiving ? "read" : "write",
                       receiving ? "receive from a network device" : "send to a network device", {},
                       transfer_hint(moved));
    return env.Undefined();
  }
  return Napi::Number::New(env, moved);
}

// (handle) -> whether it has not been removed
Napi::Value present(const Napi::CallbackInfo& info) {
  const NetDevice* device = devices.find(info);
  if (device == nullptr) return info.Env().Undefined();
  return Napi::Boolean::New(info.Env(), device->present());
}

// (handle) -> { received, sent, receiveDropped, sendDropped }
Napi::Value counters(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  NetDevice* device = devices.find(info);
  if (device == nullptr) return env.Undefined();
  const NetCounters& counters = device->counters();
  Napi::Object result = Napi::Object::New(env);
  result.Set("received", static_cast<double>(counters.received));
  result.Set("sent", static_cast<double>(counters.sent));
  result.Set("receiveDropped", static_cast<double>(counters.receive_dropped));
  result.Set("sendDropped", static_cast<double>(counters.send_dropped));
  return result;
}

// (name) -> { descriptor, index }
Napi::Value link(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  const std::string name = info[0].ToString();
  Descriptor descriptor;
  uint32_t index = 0;
  const int error = open_link_monitor(name, descriptor, index);
  if (error < 0) {
    throw_system_error(env, error, "socket", "follow the link state of interface", name,
                       error == -ENODEV ? "no such interface here" : "");
    return env.Undefined();
  }
  Napi::Object result = Napi::Object::New(env);
  result.Set("descriptor", descriptor.release());
  result.Set("index", index);
  return result;
}

// (descriptor, index) -> LinkState
Napi::Value link_state(const Napi::CallbackInfo& info) {
  LinkState state;
  const int error = read_link_state(descriptor_number(info[0]), unsigned_number(info[1]), state);
  if (error < 0) {
    throw_system_error(info.Env(), error, "recv", "read a link state");
    return info.Env().Undefined();
  }
  return Napi::Number::New(info.Env(), static_cast<uint32_t>(state));
}

}  // namespace

void init_net(Napi::Env env, Napi::Object exports) {
  exports.Set("netTap", Napi::Function::New<tap>(env, "netTap"));
  exports.Set("netTapCarrier", Napi::Function::New<tap_carrier>(env, "netTapCarrier"));
  exports.Set("netTapOffloads", Napi::Function::New<tap_offloads>(env, "netTapOffloads"));
  exports.Set("netPacketSocket", Napi::Function::New<packet>(env, "netPacketSocket"));
  exports.Set("netPair", Napi::Function::New<pair>(env, "netPair"));
  exports.Set("netOpen", Napi::Function::New<open>(env, "netOpen"));
  exports.Set("netClose", Napi::Function::New<close>(env, "netClose"));
  exports.Set("netAddBuffer", Napi::Function::New<add_buffer>(env, "netAddBuffer"));
  exports.Set("netRemoveBuffer", Napi::Function::New<remove_buffer>(env, "netRemoveBuffer"));
  exports.Set("netReceive", Napi::Function::New<move<&NetDevice::receive>>(env, "netReceive"));
  exports.Set("netSend", Napi::Function::New<move<&NetDevice::send>>(env, "netSend"));
  exports.Set("netPresent", Napi::Function::New<present>(env, "netPresent"));
  exports.Set("netCounters", Napi::Function::New<counters>(env, "netCounters"));
  exports.Set("netLink", Napi::Function::New<link>(env, "netLink"));
  exports.Set("netLinkState", Napi::Function::New<link_state>(env, "netLinkState"));
}

}  // namespace bulkhead
