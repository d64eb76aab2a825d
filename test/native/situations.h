/** The kinds of user and host that the spawner must cope with, and how a test becomes one. */
#pragma once

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

namespace bulkhead::test {

constexpr uid_t ordinary_user = 65534;

/** What a situation promises; all else that is missing must be named. */
struct Situation {
  const char* name;
  bool full;
  bool user_namespace;
  bool own_user;
};

inline void write_file(const std::string& path, const std::string& text) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  const bool written =
      file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(file);
  if (!written) throw std::runtime_error("Cannot write \"" + path + "\": " + strerror(errno));
}

inline void become_ordinary() {
  if (geteuid() != 0) return;
  if (setgroups(0, nullptr) != 0 || setresgid(ordinary_user, ordinary_user, ordinary_user) != 0 ||
      setresuid(ordinary_user, ordinary_user, ordinary_user) != 0) {
    throw std::runtime_error("Cannot become an ordinary user");
  }
  // The change of user made /proc/self root's, and the user maps with it.
  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

inline void drop_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capset, &header, none) != 0) throw std::runtime_error("Cannot drop capabilities");
}

/** An ordinary user on a host that forbids user namespaces: a namespace whose own limit of them is
 * 0. */
inline void forbid_namespaces() {
  become_ordinary();
  const std::string user = std::to_string(geteuid());
  const std::string group = std::to_string(getegid());
  if (unshare(CLONE_NEWUSER) != 0) throw std::runtime_error("Cannot make a user namespace");
  write_file("/proc/self/setgroups", "deny");
  write_file("/proc/self/uid_map", user + " " + user + " 1");
  write_file("/proc/self/gid_map", group + " " + group + " 1");
  write_file("/proc/sys/user/max_user_namespaces", "0");
  drop_capabilities();
}

/** Root on such a host: a namespace that maps every id, made with the help of a process outside. */
inline void forbid_namespaces_as_root() {
  int ready[2];
  int mapped[2];
  char byte = 0;
  if (pipe(ready) != 0 || pipe(mapped) != 0) throw std::runtime_error("Cannot make pipes");
  const pid_t inside = getpid();
  const pid_t helper = fork();
  if (helper == 0) {
    [[maybe_unused]] ssize_t got = read(ready[0], &byte, 1);
    for (const char* map : {"uid_map", "gid_map"})
      write_file("/proc/" + std::to_string(inside) + "/" + map, "0 0 4294967295");
    got = write(mapped[1], "", 1);
    _exit(0);
  }
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0 || write(ready[1], "", 1) != 1 ||
      read(mapped[0], &byte, 1) != 1) {
    throw std::runtime_error("Cannot make a user namespace of all ids");
  }
  waitpid(helper, nullptr, 0);
  write_file("/proc/sys/user/max_user_namespaces", "0");
}

}  // namespace bulkhead::test
