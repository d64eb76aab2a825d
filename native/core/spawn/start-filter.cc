#include "start-filter.h"

#include <asm/ioctls.h>
#include <linux/sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "filter-program.h"
#include "protocol.h"

namespace bulkhead::spawn {

namespace {

/** Present on both processors. */
constexpr int allowed[] = {
    // Files, confined by the empty root and Landlock.
    SYS_read,
    SYS_write,
    SYS_readv,
    SYS_writev,
    SYS_pread64,
    SYS_pwrite64,
    SYS_preadv,
    SYS_pwritev,
    SYS_preadv2,
    SYS_pwritev2,
    SYS_openat,
    SYS_close,
    SYS_close_range,
    SYS_lseek,
    SYS_fstat,
    SYS_newfstatat,
    SYS_statx,
    SYS_statfs,
    SYS_fstatfs,
    SYS_faccessat,
    SYS_faccessat2,
    SYS_readlinkat,
    SYS_getdents64,
    SYS_getcwd,
    SYS_chdir,
    SYS_fchdir,
    SYS_dup,
    SYS_dup3,
    SYS_fcntl,
    SYS_flock,
    SYS_fsync,
    SYS_fdatasync,
    SYS_sync_file_range,
    SYS_fallocate,
    SYS_ftruncate,
    SYS_truncate,
    SYS_unlinkat,
    SYS_mkdirat,
    SYS_renameat2,
    SYS_symlinkat,
    SYS_linkat,
    SYS_utimensat,
    SYS_fadvise64,
    SYS_readahead,
    SYS_copy_file_range,
    SYS_sendfile,
    SYS_splice,
    SYS_umask,
    SYS_inotify_init1,
    SYS_inotify_add_watch,
    SYS_inotify_rm_watch,
    SYS_fgetxattr,
    SYS_getxattr,
    SYS_lgetxattr,
    SYS_flistxattr,
    // Memory.
    SYS_brk,
    SYS_mmap,
    SYS_munmap,
    SYS_mprotect,
    SYS_mremap,
    SYS_madvise,
    SYS_msync,
    SYS_mincore,
    SYS_mlock,
    SYS_munlock,
    SYS_memfd_create,
    SYS_pkey_alloc,
    SYS_pkey_free,
    SYS_pkey_mprotect,
    SYS_membarrier,
    // Waiting and events.
    SYS_epoll_create1,
    SYS_epoll_ctl,
    SYS_epoll_pwait,
    SYS_epoll_pwait2,
    SYS_ppoll,
    SYS_pselect6,
    SYS_eventfd2,
    SYS_pipe2,
    SYS_timerfd_create,
    SYS_timerfd_settime,
    SYS_timerfd_gettime,
    SYS_signalfd4,
    SYS_futex,
    SYS_futex_waitv,
    SYS_nanosleep,
    SYS_clock_nanosleep,
    SYS_restart_syscall,
    SYS_wait4,
    SYS_waitid,
    // Channels that were handed in.
    SYS_sendto,
    SYS_recvfrom,
    SYS_sendmsg,
    SYS_recvmsg,
    SYS_sendmmsg,
    SYS_recvmmsg,
    SYS_shutdown,
    SYS_getsockopt,
    SYS_setsockopt,
    SYS_getsockname,
    SYS_getpeername,
    // The process itself.
    SYS_execve,
    SYS_exit,
    SYS_exit_group,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_rt_sigpending,
    SYS_rt_sigtimedwait,
    SYS_rt_sigsuspend,
    SYS_sigaltstack,
    SYS_getpid,
    SYS_getppid,
    SYS_gettid,
    SYS_getuid,
    SYS_geteuid,
    SYS_getgid,
    SYS_getegid,
    SYS_getresuid,
    SYS_getresgid,
    SYS_getgroups,
    SYS_getpgid,
    SYS_getsid,
    SYS_getpriority,
    SYS_setpriority,
    SYS_getrlimit,
    SYS_prlimit64,
    SYS_getrusage,
    SYS_times,
    SYS_capget,
    SYS_set_tid_address,
    SYS_set_robust_list,
    SYS_get_robust_list,
    SYS_rseq,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_sched_setaffinity,
    SYS_sched_getparam,
    SYS_sched_getscheduler,
    SYS_sched_get_priority_max,
    SYS_sched_get_priority_min,
    SYS_sched_setscheduler,
    SYS_sched_setparam,
    SYS_getcpu,
    SYS_getitimer,
    SYS_setitimer,
    SYS_timer_create,
    SYS_timer_settime,
    SYS_timer_delete,
    // Facts.
    SYS_uname,
    SYS_sysinfo,
    SYS_getrandom,
    SYS_gettimeofday,
    SYS_clock_gettime,
    SYS_clock_getres,
#if defined(__x86_64__)
    // Older spellings that only this processor has.
    SYS_open,
    SYS_stat,
    SYS_lstat,
    SYS_access,
    SYS_readlink,
    SYS_unlink,
    SYS_mkdir,
    SYS_rmdir,
    SYS_rename,
    SYS_renameat,
    SYS_getdents,
    SYS_dup2,
    SYS_pipe,
    SYS_poll,
    SYS_select,
    SYS_epoll_create,
    SYS_epoll_wait,
    SYS_eventfd,
    SYS_signalfd,
    SYS_time,
    SYS_alarm,
    SYS_pause,
    SYS_arch_prctl,
    SYS_getpgrp,
    SYS_inotify_init,
#endif
};

/** No component, and no library that one uses, calls these: an attempt is an attack, and ends it.
 */
constexpr int fatal[] = {
    SYS_ptrace,
    SYS_process_vm_readv,
    SYS_process_vm_writev,
    SYS_process_madvise,
    SYS_pidfd_getfd,
    SYS_kcmp,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    SYS_chroot,
    SYS_move_mount,
    SYS_open_tree,
    SYS_fsopen,
    SYS_fsconfig,
    SYS_fsmount,
    SYS_fspick,
    SYS_mount_setattr,
    SYS_setns,
    SYS_unshare,
    SYS_open_by_handle_at,
    SYS_bpf,
    SYS_userfaultfd,
    SYS_perf_event_open,
    SYS_add_key,
    SYS_request_key,
    SYS_keyctl,
    SYS_fanotify_init,
    SYS_kexec_load,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_reboot,
    SYS_swapon,
    SYS_swapoff,
    SYS_acct,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_sethostname,
    SYS_setdomainname,
    SYS_quotactl,
#ifdef SYS_kexec_file_load
    SYS_kexec_file_load,
#endif
#if defined(__x86_64__)
    SYS_iopl,
    SYS_ioperm,
    SYS_modify_ldt,
#endif
};

constexpr uint32_t namespace_flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |
                                     CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

}  // namespace

int install_start_filter(uint32_t permissions, bool own_signals) {
  FilterProgram program;
  for (const int call : allowed) program.allow(call);
  for (const int call : fatal) program.end_process(call);

  // clone3 hides its flags in memory, where no filter can look; the C libraries fall back to clone.
  program.refuse(SYS_clone3, ENOSYS);
  const bool processes = (permissions & permit_processes) != 0;
  const uint32_t thread = processes ? 0 : CLONE_THREAD;
  program.allow_masked(SYS_clone, 0, namespace_flags | thread, thread, EPERM);
#if defined(__x86_64__)
  if (processes) program.allow(SYS_vfork), program.allow(SYS_fork);
#endif
  if (processes) {
    for (const int call :
         {SYS_execveat, SYS_setsid, SYS_setpgid, SYS_pidfd_open, SYS_pidfd_send_signal})
      program.allow(call);
  }
  if (own_signals) {
    const auto self = static_cast<uint32_t>(getpid());
    program.allow_values(SYS_kill, 0, {self}, EPERM);
    program.allow_values(SYS_tgkill, 0, {self}, EPERM);
  } else {
    program.allow(SYS_kill);
    program.allow(SYS_tgkill);
  }

  for (const int call : {SYS_io_uring_setup, SYS_io_uring_register, SYS_io_uring_enter}) {
    if ((permissions & permit_io_uring) != 0)
      program.allow(call);
    else
      program.refuse(call, ENOSYS);
  }

  program.allow_values(SYS_socketpair, 0, {AF_UNIX}, EPERM);
  if ((permissions & permit_sockets) != 0) {
    program.allow_values(SYS_socket, 0, {AF_UNIX, AF_INET, AF_INET6}, EPERM);
    for (const int call : {SYS_bind, SYS_listen, SYS_connect, SYS_accept, SYS_accept4})
      program.allow(call);
  } else {
    // A listening socket that was handed in is a grant of its own: accept makes no new authority.
    // Event loops call listen once more on it.
    for (const int call : {SYS_listen, SYS_accept, SYS_accept4}) program.allow(call);
  }

  // Both put characters into the input of a terminal that the component may share with a person's
  // shell.
  program.refuse_values(SYS_ioctl, 1, {TIOCSTI, TIOCLINUX}, EPERM);
  program.allow_values(SYS_prctl, 0,
                       {PR_SET_NAME, PR_GET_NAME, PR_SET_VMA, PR_GET_DUMPABLE, PR_GET_SECCOMP,
                        PR_GET_NO_NEW_PRIVS, PR_CAPBSET_READ, PR_SET_TIMERSLACK, PR_GET_TIMERSLACK,
                        PR_GET_PDEATHSIG, PR_SET_THP_DISABLE, PR_GET_THP_DISABLE},
                       EPERM);
  // More filters are welcome (the tight one); a listener, which hands its calls to another process,
  // is not.
  program.allow_masked(SYS_seccomp, 1, SECCOMP_FILTER_FLAG_NEW_LISTENER, 0, EPERM);
  return program.install(0);
}

}  // namespace bulkhead::spawn
