/** The second system-call filter, which a component puts on itself once its program is loaded. */
#pragma once

namespace bulkhead::spawn {

/** What a component goes on to need beyond rings, channels, timers and memory. */
enum TightOption : unsigned {
  /** io_uring_enter and io_uring_register, on rings made and restricted beforehand. */
  tight_io_uring = 1u << 0,
  /** sendmsg and sendmmsg, the calls that can pass descriptors on. Without it sendto without an
     address remains. */
  tight_send_descriptors = 1u << 1,
  /** The terminal settings (TCGETS, TCSETS and their variants, TIOCGWINSZ, TIOCSWINSZ) on open
     terminals. */
  tight_terminals = 1u << 2,
  /** pread, pwrite, fsync, fallocate, lseek and kin on open files: block and file-system
     components. */
  tight_file_io = 1u << 3,
  /** ioctl on open devices, except those that put characters into a terminal. */
  tight_devices = 1u << 4,
  /** Accepting connections of a listening socket that was handed in, and their options and
     addresses. */
  tight_accept = 1u << 5,
  /** New threads of this process, and the eventfd by which they call back: devices that come and go
     bring their own. */
  tight_threads = 1u << 6,
  /** Opening files and directories of the sandbox to read them: components that look at sysfs. */
  tight_read_files = 1u << 7,
};

/**
 * Puts every thread of the process under a filter that leaves what JavaScript, its compiler, its
 * collector, libuv's loop, rings and an orderly exit need. Opening, executing, new threads, sockets
 * and signals to others then fail with EPERM, and the process goes on. libuv's thread pool and
 * stdout must have been started before. It cannot be undone, and it only ever takes away. 0 or
 * -errno (-ESRCH: a thread under another filter).
 */
int install_tight_filter(unsigned options);

}  // namespace bulkhead::spawn
