/**
 * The language of the spawner's one socket (SOCK_SEQPACKET, descriptor 3 of the spawner).
 *
 * One packet is one message. All numbers are little-endian and unaligned; a string is a u32 length
 * in bytes, the bytes, and one zero byte that the length does not count; a list is a u32 count and
 * its items. Every message starts with u32 type, u32 sequence, u32 component. An answer repeats the
 * sequence number of its request; `exited` carries 0. docs/spawner.md shows every field.
 */
#pragma once

#include <cstddef>
#include <cstdint>

namespace bulkhead::spawn {

/** The largest packet in either direction, in bytes. */
inline constexpr size_t maximum_message = 65536;
/** The most descriptors that Linux passes with one packet (SCM_MAX_FD). */
inline constexpr size_t maximum_descriptors = 253;
/** The most binds of one component. */
inline constexpr size_t maximum_binds = 128;
/** The most arguments, and the most environment variables, of one component. */
inline constexpr size_t maximum_strings = 256;
/** The most CPU numbers in an affinity list; also the highest CPU number + 1. */
inline constexpr size_t maximum_cpus = 1024;

enum class Message : uint32_t {
  // Requests.
  create = 1,
  kill = 2,
  resources = 3,
  grant_device = 4,
  withdraw_device = 5,
  usage = 6,
  console = 7,
  // Answers and events.
  created = 64,
  done = 65,
  failed = 66,
  usage_report = 67,
  exited = 68,
};

enum class Level : uint32_t {
  /** Namespaces, empty root, Landlock, system-call filter, resource limits. */
  full = 0,
  /** No namespaces: Landlock, system-call filter, resource limits. */
  landlock = 1,
  /** System-call filter and resource limits alone. */
  seccomp = 2,
};

/** What protects the host from a component; `created` names those in force. */
enum Measure : uint32_t {
  user_namespace = 1u << 0,
  mount_namespace = 1u << 1,
  pid_namespace = 1u << 2,
  network_namespace = 1u << 3,
  ipc_namespace = 1u << 4,
  uts_namespace = 1u << 5,
  cgroup_namespace = 1u << 6,
  /** A user id of the host that no other process has. */
  own_user = 1u << 7,
  empty_root = 1u << 8,
  no_new_privileges = 1u << 9,
  no_capabilities = 1u << 10,
  landlock_files = 1u << 11,
  landlock_network = 1u << 12,
  landlock_scopes = 1u << 13,
  system_call_filter = 1u << 14,
  memory_limit = 1u << 15,
  process_limit = 1u << 16,
  cpu_limit = 1u << 17,
  open_file_limit = 1u << 18,
  /** Nice value and CPU affinity as requested. */
  scheduling = 1u << 19,
};

/** What a component may do beyond the default; a request for anything else is refused. */
enum Permission : uint32_t {
  /** socket, bind, listen, accept, connect: inside the component's own, empty network. */
  permit_sockets = 1u << 0,
  /** fork and exec of further processes inside the sandbox. */
  permit_processes = 1u << 1,
  /** io_uring, so that the loader can make a ring and restrict it; the tight filter then forbids
     further ones. */
  permit_io_uring = 1u << 2,
  /** /proc with the component's own processes alone (full level). */
  permit_proc = 1u << 3,
  all_permissions = (1u << 4) - 1,
};

enum BindFlag : uint32_t {
  /** Without it the bind is read-only. */
  bind_writable = 1u << 0,
  /** A character or block device; the target is below /dev. */
  bind_device = 1u << 1,
  all_bind_flags = (1u << 2) - 1,
};

enum ExitFlag : uint32_t {
  exit_by_signal = 1u << 0,
  exit_dumped_core = 1u << 1,
  /** The kernel ended a process of the component because its memory limit was reached. */
  exit_out_of_memory = 1u << 2,
};

/** "No change" for the numbers of `resources`. 0 takes a limit away. */
inline constexpr uint64_t unchanged_bytes = ~uint64_t{0};
inline constexpr uint32_t unchanged = ~uint32_t{0};
inline constexpr int32_t unchanged_nice = INT32_MIN;

}  // namespace bulkhead::spawn
