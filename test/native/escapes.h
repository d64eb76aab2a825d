/** The ways out that a component may try, and how each must fail at each level of isolation. */
#pragma once

#include <cerrno>
#include <csignal>

#include "../../native/core/spawn/protocol.h"

namespace bulkhead::test {

using namespace bulkhead::spawn;

/** The process is ended by SIGSYS. */
constexpr int fatal = -SIGSYS;
/** This level does not promise anything. */
constexpr int open_here = 0;

struct Escape {
  /** The name that escape-probe knows. */
  const char* attempt;
  uint32_t permissions;
  /** The errno that it must fail with, `fatal` or `open_here`. */
  int full;
  int landlock;
  int seccomp;
};

constexpr Escape escapes[] = {
    // Files and devices that were not granted do not exist, or are refused where the host's tree is
    // visible.
    {"open device", 0, ENOENT, EACCES, open_here},
    {"open file", 0, ENOENT, EACCES, open_here},
    {"list root", 0, EACCES, EACCES, open_here},
    {"create file", 0, EROFS, EACCES, open_here},
    {"create file in /dev", 0, EACCES, EACCES, open_here},
    {"write program", 0, EACCES, EACCES, open_here},
    {"open granted device", 0, ENOENT, ENOENT, ENOENT},
    {"read own process", 0, ENOENT, EACCES, open_here},
    {"read kernel settings", permit_proc, ENOENT, open_here, open_here},
    {"read host process", permit_proc, ENOENT, open_here, open_here},
    // No sockets.
    {"socket inet", 0, EPERM, EPERM, EPERM},
    {"socket unix", 0, EPERM, EPERM, EPERM},
    {"socket netlink", 0, EPERM, EPERM, EPERM},
    {"socket packet", 0, EPERM, EPERM, EPERM},
    {"socketpair inet", 0, EPERM, EPERM, EPERM},
    // With the permission, none that reaches the host.
    {"socket netlink", permit_sockets, EPERM, open_here, open_here},
    {"socket packet", permit_sockets, EPERM, open_here, open_here},
    {"connect to host", permit_sockets, ENETUNREACH, open_here, open_here},
    {"connect to abstract name", permit_sockets, ECONNREFUSED, open_here, open_here},
    // Other processes.
    {"signal host process", 0, EPERM, EPERM, EPERM},
    {"signal host process", permit_processes, ESRCH, EPERM, EPERM},
    {"signal everybody", 0, EPERM, EPERM, EPERM},
    {"signal host thread", 0, EPERM, EPERM, EPERM},
    {"pidfd of host process", 0, EPERM, EPERM, EPERM},
    {"pidfd of host process", permit_processes, ESRCH, open_here, open_here},
    {"ptrace", permit_processes, fatal, fatal, fatal},
    {"process_vm_readv", 0, fatal, fatal, fatal},
    {"become traceable", 0, EPERM, EPERM, EPERM},
    {"fork", 0, EPERM, EPERM, EPERM},
    // The name spaces of the kernel.
    {"mount", 0, fatal, fatal, fatal},
    {"umount", 0, fatal, fatal, fatal},
    {"open_tree", 0, fatal, fatal, fatal},
    {"fsopen", 0, fatal, fatal, fatal},
    {"unshare", 0, fatal, fatal, fatal},
    {"setns", 0, fatal, fatal, fatal},
    {"chroot", 0, fatal, fatal, fatal},
    {"pivot_root", 0, fatal, fatal, fatal},
    {"clone user namespace", permit_processes, EPERM, EPERM, EPERM},
    {"clone3", permit_processes, ENOSYS, ENOSYS, ENOSYS},
    // Rights.
    {"become root", 0, EPERM, EPERM, EPERM},
    {"become root group", 0, EPERM, EPERM, EPERM},
    {"change groups", 0, EPERM, EPERM, EPERM},
    {"gain capability", 0, EPERM, EPERM, EPERM},
    {"raise limit", 0, EPERM, EPERM, EPERM},
    {"raise priority", 0, EACCES, EACCES, EACCES},
    {"real-time priority", 0, EPERM, EPERM, EPERM},
    {"lock memory", 0, EPERM, EPERM, EPERM},
    // The kernel itself.
    {"bpf", 0, fatal, fatal, fatal},
    {"perf_event_open", 0, fatal, fatal, fatal},
    {"userfaultfd", 0, fatal, fatal, fatal},
    {"keyctl", 0, fatal, fatal, fatal},
    {"add_key", 0, fatal, fatal, fatal},
    {"load module", 0, fatal, fatal, fatal},
    {"kexec", 0, fatal, fatal, fatal},
    {"reboot", 0, fatal, fatal, fatal},
    {"set clock", 0, fatal, fatal, fatal},
    {"adjust clock", 0, EPERM, EPERM, EPERM},
    {"set host name", 0, fatal, fatal, fatal},
    {"io_uring_setup", 0, ENOSYS, ENOSYS, ENOSYS},
    {"io_uring_enter", 0, ENOSYS, ENOSYS, ENOSYS},
    {"io_uring_enter", permit_io_uring, EBADF, EBADF, EBADF},
    {"type into terminal", 0, EPERM, EPERM, EPERM},
    {"listen to filter", 0, EPERM, EPERM, EPERM},
    // A dataspace that was passed for reading.
    {"map dataspace for writing", 0, EPERM, EPERM, EPERM},
    {"make mapped dataspace writable", 0, EACCES, EACCES, EACCES},
    {"write dataspace", 0, EPERM, EPERM, EPERM},
    // Where /proc is visible it opens again for writing, and the seal still refuses to map it so.
    {"reopen dataspace", 0, ENOENT, EPERM, EPERM},
    {"reopen dataspace", permit_proc, EPERM, open_here, open_here},
    {"shrink dataspace", 0, EPERM, EPERM, EPERM},
    {"grow dataspace", 0, EPERM, EPERM, EPERM},
    {"empty dataspace", 0, EPERM, EPERM, EPERM},
    // Limits.
    {"exhaust descriptors", 0, EMFILE, EMFILE, EMFILE},
    // The second filter.
    {"tight: go on", 0, EPERM, EPERM, EPERM},
    {"tight: exec", permit_processes, EPERM, EPERM, EPERM},
    {"tight: open", 0, EPERM, EPERM, EPERM},
    {"tight: fork", permit_processes, EPERM, EPERM, EPERM},
    {"tight: socketpair", 0, EPERM, EPERM, EPERM},
    {"tight: memfd", 0, EPERM, EPERM, EPERM},
    {"tight: signal", 0, EPERM, EPERM, EPERM},
    {"tight: send elsewhere", 0, EPERM, EPERM, EPERM},
    {"tight: own a signal", 0, EPERM, EPERM, EPERM},
    {"tight: send descriptors", 0, EPERM, EPERM, EPERM},
    {"tight: io_uring_enter", permit_io_uring, EPERM, EPERM, EPERM},
    {"tight: io_uring_setup beside rings", permit_io_uring, EPERM, EPERM, EPERM},
    {"tight: read file at offset", 0, EPERM, EPERM, EPERM},
};

}  // namespace bulkhead::test
