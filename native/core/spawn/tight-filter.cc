#include "tight-filter.h"

#include <asm/ioctls.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <time.h>

#include "filter-program.h"

namespace bulkhead::spawn {

namespace {

constexpr int allowed[] = {
    SYS_read,
    SYS_write,
    SYS_readv,
    SYS_writev,
    SYS_recvfrom,
    SYS_recvmsg,
    SYS_recvmmsg,
    SYS_close,
    SYS_fstat,
    SYS_newfstatat,
    // Facts of sockets that were handed in.
    SYS_getsockopt,
    SYS_getsockname,
    SYS_epoll_pwait,
    SYS_epoll_pwait2,
    SYS_epoll_ctl,
    SYS_ppoll,
    SYS_futex,
    SYS_restart_syscall,
    SYS_uname,  // node:os asks once, when it is loaded
    SYS_mmap,
    SYS_munmap,
    SYS_mprotect,
    SYS_madvise,
    SYS_mremap,
    SYS_brk,
    SYS_pkey_mprotect,
    SYS_membarrier,
    SYS_getpid,
    SYS_gettid,
    SYS_getrandom,
    SYS_getrusage,
    SYS_sched_yield,
    SYS_getcpu,
    SYS_sched_getaffinity,
    // Asked by the mutexes of Node 26.
    SYS_sched_getparam,
    SYS_sched_getscheduler,
    SYS_clock_gettime,
    SYS_clock_getres,
    SYS_clock_nanosleep,
    SYS_gettimeofday,
    SYS_timerfd_settime,
    // A thread registers itself when it first runs. One that was made just before the filter comes
    // to that only after it, and the C library ends the process when it cannot.
    SYS_set_robust_list,
    SYS_rseq,
    // Leaving: Node restores signal actions and looks at its standard streams.
    SYS_exit,
    SYS_exit_group,
    SYS_rt_sigreturn,
    SYS_rt_sigprocmask,
    SYS_rt_sigaction,
    SYS_sigaltstack,
    SYS_shutdown,
#if defined(__x86_64__)
    SYS_poll,
    SYS_epoll_wait,
    SYS_time,
#endif
};

constexpr int file_calls[] = {
    SYS_pread64,   SYS_pwrite64,  SYS_preadv,    SYS_pwritev,    SYS_preadv2,
    SYS_pwritev2,  SYS_lseek,     SYS_fsync,     SYS_fdatasync,  SYS_sync_file_range,
    SYS_fallocate, SYS_ftruncate, SYS_fadvise64, SYS_getdents64, SYS_fstatfs,
};

constexpr int accept_calls[] = {
    SYS_accept4,
    SYS_listen,
    SYS_getpeername,
};

// The sandbox decides which files there are to be read.
constexpr int reading_calls[] = {
#ifdef SYS_readlink
    SYS_readlink,
#endif
    SYS_readlinkat,
    SYS_getdents64,
    SYS_statx,
};

// A new namespace would be a new world with rights in it.
constexpr uint32_t namespace_flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |
                                     CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

}  // namespace

int install_tight_filter(unsigned options) {
  FilterProgram program;
  for (const int call : allowed) program.allow(call);
  // abort() and pthread_kill name their own process; no other may be named.
  program.allow_values(SYS_tgkill, 0, {static_cast<uint32_t>(getpid())}, EPERM);
  // Without an address a datagram goes to the connected peer alone.
  program.allow_null(SYS_sendto, 4, EPERM);
  // Not F_SETOWN, F_SETSIG, F_SETLEASE and F_NOTIFY, which make signals. F_ADD_SEALS is how a
  // server makes its dataspace read-only for others; it does that before it hands the dataspace
  // out, so a seal that a peer adds comes too late to harm.
  program.allow_values(
      SYS_fcntl, 1, {F_GETFL, F_SETFL, F_GETFD, F_SETFD, F_DUPFD_CLOEXEC, F_GET_SEALS, F_ADD_SEALS},
      EPERM);
  program.allow_values(SYS_prctl, 0, {PR_SET_NAME, PR_SET_VMA}, EPERM);
  // A descriptor that only its own process can make ready.
  program.allow_values(SYS_timerfd_create, 0, {CLOCK_MONOTONIC}, EPERM);
  // The filter that an addon may add on top.
  program.allow_masked(SYS_seccomp, 1, SECCOMP_FILTER_FLAG_NEW_LISTENER, 0, EPERM);

  if ((options & tight_devices) != 0) {
    program.refuse_values(SYS_ioctl, 1, {TIOCSTI, TIOCLINUX}, EPERM);
    // Taken without waiting, and given back by the kernel alone: with the last request of whoever
    // took it.
    program.allow_values(SYS_flock, 1, {LOCK_EX | LOCK_NB}, EPERM);
  } else if ((options & tight_terminals) != 0) {
    program.allow_values(SYS_ioctl, 1,
                         {FIONBIO, FIONREAD, TCGETS, TCSETS, TCSETSW, TCSETSF, TIOCGWINSZ,
                          TIOCSWINSZ, TCSBRK, TCFLSH, TCXONC},
                         EPERM);
  } else {
    // libuv makes a received socket non-blocking by FIONBIO.
    program.allow_values(SYS_ioctl, 1, {FIONBIO, FIONREAD}, EPERM);
  }
  // Never io_uring_setup: what there is are rings that the loader made, and restricted for good.
  if ((options & tight_io_uring) != 0) {
    program.allow(SYS_io_uring_enter);
    program.allow(SYS_io_uring_register);
  }
  if ((options & tight_send_descriptors) != 0)
    program.allow(SYS_sendmsg), program.allow(SYS_sendmmsg);
  if ((options & tight_accept) != 0) {
    for (const int call : accept_calls) program.allow(call);
    // TCP_NODELAY and its like; not those of SOL_SOCKET, which attach programs and lock memory.
    program.allow_values(SYS_setsockopt, 1, {IPPROTO_TCP}, EPERM);
  }
  if ((options & tight_file_io) != 0) {
    for (const int call : file_calls) program.allow(call);
  }
  if ((options & tight_read_files) != 0) {
    program.allow_masked(SYS_openat, 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY, EPERM);
    for (const int call : reading_calls) program.allow(call);
  }
  if ((options & tight_threads) != 0) {
    program.refuse(SYS_clone3, ENOSYS);
    program.allow_masked(SYS_clone, 0, namespace_flags | CLONE_THREAD, CLONE_THREAD, EPERM);
    program.allow(SYS_eventfd2);
  }
  return program.install(SECCOMP_FILTER_FLAG_TSYNC);
}

}  // namespace bulkhead::spawn
