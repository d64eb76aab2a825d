/**
 * A component that tries one way out of its sandbox, named by its first argument.
 * Exit status: 0 when the attempt succeeded, else the errno that it failed with. A fatal attempt
 * ends by SIGSYS. Descriptor 4 is a dataspace sealed for reading, when the test passes one; HOST
 * names a process of the host.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "../../native/core/spawn/tight-filter.h"

namespace {

constexpr int dataspace = 4;
constexpr size_t page = 4096;
const char* program = "";

/** The errno of a call that answered `result`, 0 when it worked. */
int outcome(long result) { return result < 0 ? errno : 0; }
int opened(const char* path, int flags) { return outcome(open(path, flags | O_CLOEXEC, 0600)); }
int mapped(int descriptor, int protection) {
  return mmap(nullptr, page, protection, MAP_SHARED, descriptor, 0) == MAP_FAILED ? errno : 0;
}
pid_t host() {
  const char* text = getenv("HOST");
  return text == nullptr ? 1 : static_cast<pid_t>(atoi(text));
}
int raw_clone(unsigned long flags) {
  const long child = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
  if (child == 0) _exit(0);
  return outcome(child);
}
int with_tight_filter(unsigned options) {
  const int error = bulkhead::spawn::install_tight_filter(options);
  if (error != 0) {
    fprintf(stderr, "Cannot install the tight filter: %s\n", strerror(-error));
    // Looks like success of the attempt, so that the test fails.
    exit(0);
  }
  return 0;
}

int connect_host_tcp() {
  const int channel = socket(AF_INET, SOCK_STREAM, 0);
  if (channel < 0) return errno;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(atoi(getenv("PORT"))));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return outcome(connect(channel, reinterpret_cast<sockaddr*>(&address), sizeof address));
}

int connect_host_abstract() {
  const int channel = socket(AF_UNIX, SOCK_SEQPACKET, 0);
  if (channel < 0) return errno;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const char* name = getenv("ABSTRACT");
  memcpy(address.sun_path + 1, name, strlen(name));
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + strlen(name));
  return outcome(connect(channel, reinterpret_cast<sockaddr*>(&address), length));
}

int read_host_memory() {
  char byte;
  iovec here{&byte, 1};
  iovec there{&byte, 1};
  return outcome(process_vm_readv(host(), &here, 1, &there, 1, 0));
}

int raise_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_max = limit.rlim_cur = limit.rlim_max + 1;
  return outcome(setrlimit(RLIMIT_NOFILE, &limit));
}

int gain_capability() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  data[0].permitted = data[0].effective = 1u << CAP_SYS_ADMIN;
  return outcome(syscall(SYS_capset, &header, data));
}

int listen_to_filter() {
  sock_filter allow[] = {{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
  const sock_fprog program{1, allow};
  return outcome(
      syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program));
}

int protect_dataspace() {
  void* view = mmap(nullptr, page, PROT_READ, MAP_SHARED, dataspace, 0);
  // Reading is what the dataspace was passed for: a failure here is a failure of the test.
  if (view == MAP_FAILED) return 0;
  return outcome(mprotect(view, page, PROT_READ | PROT_WRITE));
}

int reopen_dataspace() {
  const int again = open("/proc/self/fd/4", O_RDWR | O_CLOEXEC);
  return again < 0 ? errno : mapped(again, PROT_READ | PROT_WRITE);
}

int exhaust_memory() {
  for (;;) {
    void* block =
        mmap(nullptr, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) return errno;
    memset(block, 1, 1 << 20);
  }
}

int exhaust_descriptors() {
  for (int count = 0; count < 100000; count++) {
    if (dup(1) < 0) return errno;
  }
  return 0;
}

int exhaust_processes() {
  for (int count = 0; count < 2000; count++) {
    const pid_t child = fork();
    if (child < 0) return errno;
    if (child == 0) {
      pause();
      _exit(0);
    }
  }
  return 0;
}

int send_elsewhere() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  return outcome(sendto(0, "", 1, 0, reinterpret_cast<sockaddr*>(&address), sizeof address));
}

/** What must go on working under the tight filter; ends like an attempt that failed as wanted. */
int go_on() {
  void* block = mmap(nullptr, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  timespec now{};
  char byte = 0;
  const bool works = block != MAP_FAILED && munmap(block, page) == 0 &&
                     clock_gettime(CLOCK_MONOTONIC, &now) == 0 && write(2, "", 0) == 0 &&
                     syscall(SYS_getrandom, &byte, 1, 0) == 1 && fcntl(1, F_GETFL) >= 0;
  return works ? EPERM : 0;
}

struct Attempt {
  const char* name;
  int (*run)();
};

const Attempt attempts[] = {
    {"open device", [] { return opened("/dev/kmsg", O_RDONLY); }},
    {"open file", [] { return opened("/etc/passwd", O_RDONLY); }},
    {"list root", [] { return opened("/", O_RDONLY | O_DIRECTORY); }},
    {"create file", [] { return opened("/planted", O_WRONLY | O_CREAT); }},
    {"create file in /dev", [] { return opened("/dev/planted", O_WRONLY | O_CREAT); }},
    {"write program", [] { return opened(program, O_WRONLY); }},
    {"open granted device", [] { return opened("/dev/granted", O_RDWR); }},
    {"read own process", [] { return opened("/proc/self/status", O_RDONLY); }},
    {"read kernel settings", [] { return opened("/proc/sys/kernel/ostype", O_RDONLY); }},
    {"read host process",
     [] {
       char path[64];
       snprintf(path, sizeof path, "/proc/%d/status", host());
       return opened(path, O_RDONLY);
     }},
    {"socket inet", [] { return outcome(socket(AF_INET, SOCK_STREAM, 0)); }},
    {"socket unix", [] { return outcome(socket(AF_UNIX, SOCK_STREAM, 0)); }},
    {"socket netlink", [] { return outcome(socket(AF_NETLINK, SOCK_RAW, 0)); }},
    {"socket packet", [] { return outcome(socket(AF_PACKET, SOCK_RAW, 0)); }},
    {"socketpair inet",
     [] {
       int ends[2];
       return outcome(socketpair(AF_INET, SOCK_STREAM, 0, ends));
     }},
    {"connect to host", connect_host_tcp},
    {"connect to abstract name", connect_host_abstract},
    {"signal host process", [] { return outcome(kill(host(), 0)); }},
    {"signal everybody", [] { return outcome(kill(-1, 0)); }},
    {"signal host thread", [] { return outcome(syscall(SYS_tgkill, host(), host(), 0)); }},
    {"pidfd of host process", [] { return outcome(syscall(SYS_pidfd_open, host(), 0)); }},
    {"ptrace", [] { return outcome(ptrace(PTRACE_ATTACH, host(), nullptr, nullptr)); }},
    {"process_vm_readv", read_host_memory},
    {"mount", [] { return outcome(mount("none", "/", "tmpfs", 0, nullptr)); }},
    {"umount", [] { return outcome(umount2("/", MNT_DETACH)); }},
    {"open_tree", [] { return outcome(open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE)); }},
    {"fsopen", [] { return outcome(fsopen("tmpfs", 0)); }},
    {"unshare", [] { return outcome(unshare(CLONE_NEWUSER)); }},
    {"setns", [] { return outcome(setns(0, 0)); }},
    {"chroot", [] { return outcome(chroot("/")); }},
    {"pivot_root", [] { return outcome(syscall(SYS_pivot_root, "/", "/")); }},
    {"clone user namespace", [] { return raw_clone(CLONE_NEWUSER); }},
    {"clone3",
     [] {
       clone_args none{};
       return outcome(syscall(SYS_clone3, &none, sizeof none));
     }},
    {"fork", [] { return raw_clone(0); }},
    {"become root", [] { return outcome(setuid(0)); }},
    {"become root group", [] { return outcome(setgid(0)); }},
    {"change groups", [] { return outcome(setgroups(0, nullptr)); }},
    {"gain capability", gain_capability},
    {"raise limit", raise_limit},
    {"raise priority", [] { return outcome(setpriority(PRIO_PROCESS, 0, -10)); }},
    {"real-time priority",
     [] {
       const sched_param one{1};
       return outcome(sched_setscheduler(0, SCHED_FIFO, &one));
     }},
    {"lock memory", [] { return outcome(mlockall(MCL_CURRENT)); }},
    {"bpf", [] { return outcome(syscall(SYS_bpf, 0, nullptr, 0)); }},
    {"perf_event_open",
     [] { return outcome(syscall(SYS_perf_event_open, nullptr, 0, -1, -1, 0)); }},
    {"userfaultfd", [] { return outcome(syscall(SYS_userfaultfd, 0)); }},
    {"keyctl", [] { return outcome(syscall(SYS_keyctl, 0, 0, 0, 0, 0)); }},
    {"add_key", [] { return outcome(syscall(SYS_add_key, "user", "x", "x", 1, -3)); }},
    {"load module", [] { return outcome(syscall(SYS_init_module, nullptr, 0, "")); }},
    {"kexec", [] { return outcome(syscall(SYS_kexec_load, 0, 0, nullptr, 0)); }},
    {"reboot", [] { return outcome(syscall(SYS_reboot, 0, 0, 0, nullptr)); }},
    {"set clock",
     [] {
       const timespec never{-1, -1};
       return outcome(syscall(SYS_clock_settime, CLOCK_REALTIME, &never));
     }},
    {"adjust clock",
     [] {
       timex none{};
       return outcome(syscall(SYS_clock_adjtime, CLOCK_REALTIME, &none));
     }},
    {"set host name", [] { return outcome(syscall(SYS_sethostname, "x", 1)); }},
    {"io_uring_setup",
     [] {
       char parameters[120] = {};
       return outcome(syscall(SYS_io_uring_setup, 1, parameters));
     }},
    {"io_uring_enter",
     [] { return outcome(syscall(SYS_io_uring_enter, -1, 0, 0, 0, nullptr, 0)); }},
    {"type into terminal", [] { return outcome(ioctl(0, TIOCSTI, "x")); }},
    {"become traceable", [] { return outcome(prctl(PR_SET_PTRACER, host(), 0, 0, 0)); }},
    {"listen to filter", listen_to_filter},
    {"map dataspace for writing", [] { return mapped(dataspace, PROT_READ | PROT_WRITE); }},
    {"make mapped dataspace writable", protect_dataspace},
    {"write dataspace", [] { return outcome(write(dataspace, "x", 1)); }},
    {"reopen dataspace", reopen_dataspace},
    {"shrink dataspace", [] { return outcome(ftruncate(dataspace, 0)); }},
    {"grow dataspace", [] { return outcome(ftruncate(dataspace, 16 * page)); }},
    {"empty dataspace",
     [] {
       return outcome(fallocate(dataspace, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, page));
     }},
    {"exhaust memory", exhaust_memory},
    {"exhaust descriptors", exhaust_descriptors},
    {"exhaust processes", exhaust_processes},
    {"tight: go on", [] { return with_tight_filter(0) + go_on(); }},
    {"tight: exec",
     [] {
       with_tight_filter(0);
       return outcome(execl(program, program, nullptr));
     }},
    {"tight: open",
     [] {
       with_tight_filter(0);
       return opened(program, O_RDONLY);
     }},
    {"tight: fork",
     [] {
       with_tight_filter(0);
       return raw_clone(0);
     }},
    {"tight: socketpair",
     [] {
       with_tight_filter(0);
       int ends[2];
       return outcome(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
     }},
    {"tight: memfd",
     [] {
       with_tight_filter(0);
       return outcome(memfd_create("x", 0));
     }},
    {"tight: signal",
     [] {
       with_tight_filter(0);
       return outcome(kill(getpid(), 0));
     }},
    {"tight: send elsewhere",
     [] {
       with_tight_filter(0);
       return send_elsewhere();
     }},
    {"tight: own a signal",
     [] {
       with_tight_filter(0);
       return outcome(fcntl(0, F_SETOWN, getpid()));
     }},
    {"tight: send descriptors",
     [] {
       with_tight_filter(0);
       msghdr none{};
       return outcome(sendmsg(0, &none, 0));
     }},
    {"tight: io_uring_setup beside rings",
     [] {
       with_tight_filter(bulkhead::spawn::tight_io_uring);
       char parameters[120] = {};
       return outcome(syscall(SYS_io_uring_setup, 1, parameters));
     }},
    {"tight: io_uring_enter",
     [] {
       with_tight_filter(0);
       return outcome(syscall(SYS_io_uring_enter, -1, 0, 0, 0, nullptr, 0));
     }},
    {"tight: read file at offset",
     [] {
       with_tight_filter(0);
       char byte;
       return outcome(pread(dataspace, &byte, 1, 0));
     }},
    {"late device",
     [] {
       // Until the spawner has granted it, the device is missing; the test would otherwise wait in
       // vain.
       for (int tries = 0; tries < 1000; tries++) {
         if (const int error = opened("/dev/granted", O_RDWR); error != ENOENT) return error;
         usleep(5000);
       }
       return ENOENT;
     }},
    {"lose device",
     [] {
       // 0 once the granted device has come and gone; opening what is there must never fail.
       bool seen = false;
       for (int tries = 0; tries < 1000; tries++) {
         const int error = opened("/dev/granted", O_RDWR);
         if (error == ENOENT && seen) return 0;
         if (error != 0 && error != ENOENT) return error;
         if (error == 0 && !seen) {
           seen = true;
           // Tells the test that it may be withdrawn.
           if (write(1, "s", 1) != 1) return EIO;
         }
         usleep(1000);
       }
       return ETIMEDOUT;
     }},
    {"wait", [] { return outcome(pause()); }},
    {"report stray",
     [] {
       // A process left behind, for the spawner to find and end.
       if (fork() == 0) pause();
       return 77;
     }},
};

}  // namespace

int main(int count, char** arguments) {
  if (count == 2) {
    program = arguments[0];
    for (const Attempt& attempt : attempts) {
      if (strcmp(attempt.name, arguments[1]) == 0) return attempt.run();
    }
  }
  fprintf(stderr, "usage: escape-probe ATTEMPT\n");
  return 255;
}
