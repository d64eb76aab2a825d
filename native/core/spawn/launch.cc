#include "launch.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/securebits.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <csignal>

#include "landlock.h"
#include "start-filter.h"

namespace bulkhead::spawn {

namespace {

int attach(const RootTree::Mount& mount, int root, Report& report) {
  if (move_mount(mount.tree.number(), "", root, mount.target, MOVE_MOUNT_F_EMPTY_PATH) == 0)
    return 0;
  return report.fail("mounts", -errno, "Cannot attach the mount \"/%s\"", mount.target);
}

int attach_proc(int root, Report& report) {
  const Descriptor context(fsopen("proc", FSOPEN_CLOEXEC));
  if (!context) return report.fail("proc", -errno, "Cannot open a proc file system");
  fsconfig(context.number(), FSCONFIG_SET_STRING, "hidepid", "invisible", 0);
  fsconfig(context.number(), FSCONFIG_SET_STRING, "subset", "pid", 0);
  if (fsconfig(context.number(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
    return report.fail("proc", -errno,
                       "Cannot make a proc file system for the component's processes");
  }
  const Descriptor mount(fsmount(context.number(), FSMOUNT_CLOEXEC,
                                 MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC));
  if (!mount) return report.fail("proc", -errno, "Cannot mount proc");
  if (move_mount(mount.number(), "", root, "proc", MOVE_MOUNT_F_EMPTY_PATH) == 0) return 0;
  return report.fail("proc", -errno, "Cannot attach /proc");
}

/** Replaces the host's file tree by the component's; nothing of the old one stays reachable. */
int enter_root(const Launch& launch, Report& report) {
  const int root = launch.tree.root.number();
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return report.fail("mounts", -errno, "Cannot make the mount namespace private");
  }
  // Stacked on "/": there it needs no mount point, and hides nothing from path look-ups, which
  // start below it.
  if (move_mount(root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) != 0) {
    return report.fail("mounts", -errno, "Cannot attach the new root");
  }
  for (uint32_t index = 0; index < launch.tree.mount_count; index++) {
    if (const int error = attach(launch.tree.mounts[index], root, report); error != 0) return error;
  }
  if ((launch.request.permissions & permit_proc) != 0) {
    if (const int error = attach_proc(root, report); error != 0) return error;
  }
  if (fchdir(root) != 0) return report.fail("mounts", -errno, "Cannot enter the new root");
  if (syscall(SYS_pivot_root, ".", ".") == 0) {
    // "." is now below the old root, which pivot_root stacked on the same directory.
    if (umount2(".", MNT_DETACH) != 0)
      return report.fail("mounts", -errno, "Cannot drop the host's root");
  } else if (errno == EINVAL) {
    // The root of an initramfs cannot be pivoted. The new root already covers it; without
    // capabilities nobody leaves.
    if (chroot(".") != 0) return report.fail("mounts", -errno, "Cannot change to the new root");
    report.lack("pivot_root",
                "the host runs from its initial RAM file system, which stays mounted below the "
                "component's root");
  } else {
    return report.fail("mounts", -errno, "Cannot pivot to the new root");
  }
  if (chdir("/") != 0) return report.fail("mounts", -errno, "Cannot enter the new root");
  report.apply(empty_root);
  return 0;
}

int change_user(const Launch& launch, Report& report) {
  if (!launch.change_user) return 0;
  // Fails in a namespace of an ordinary user, which keeps the groups of that user; the spawner
  // names this.
  if (launch.authority.distinct_users && setgroups(0, nullptr) != 0) {
    return report.fail("user", -errno, "Cannot drop the supplementary groups");
  }
  if (setresgid(launch.group, launch.group, launch.group) != 0) {
    return report.fail("user", -errno, "Cannot become group %u", launch.group);
  }
  if (setresuid(launch.user, launch.user, launch.user) != 0) {
    return report.fail("user", -errno, "Cannot become user %u", launch.user);
  }
  return 0;
}

/** Before the change of user, which takes the right to do it away. */
void forbid_new_capabilities(Report& report) {
  prctl(PR_SET_SECUREBITS,
        SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
            SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED,
        0, 0, 0);
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  bool bounded = true;
  for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0;
       capability++) {
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) bounded = false;
  }
  if (!bounded)
    report.lack("bounding set",
                "an ordinary user cannot empty it; no_new_privs keeps it without effect");
}

int drop_capabilities(Report& report) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capset, &header, none) != 0)
    return report.fail("capabilities", -errno, "Cannot drop the capabilities");
  report.apply(no_capabilities);
  return 0;
}

int set_limit(__rlimit_resource resource, rlim_t value, const char* name, Report& report) {
  const rlimit limit{value, value};
  return setrlimit(resource, &limit) == 0
             ? 0
             : report.fail("limits", -errno, "Cannot set the limit of %s to %lu", name, value);
}

int set_limits(const Launch& launch, Report& report) {
  const Limits& limits = launch.request.limits;
  if (const int error = set_limit(RLIMIT_CORE, 0, "core files", report); error != 0) return error;
  if (const int error = set_limit(RLIMIT_MSGQUEUE, 0, "message queues", report); error != 0)
    return error;
  rlimit locked{};
  getrlimit(RLIMIT_MEMLOCK, &locked);
  // Only the memory that a ring of io_uring registers is locked: no filter lets mlock through.
  const bool rings = (launch.request.permissions & permit_io_uring) != 0;
  const rlim_t locked_bytes = rings ? 64 << 20 : 64 << 10;
  const rlim_t bytes = locked.rlim_max < locked_bytes ? locked.rlim_max : locked_bytes;
  if (const int error = set_limit(RLIMIT_MEMLOCK, bytes, "locked memory", report); error != 0)
    return error;
  // Counted over all processes of a user id, so it means something for an own one only.
  if (limits.processes != 0 && (report.applied & own_user) != 0) {
    if (const int error = set_limit(RLIMIT_NPROC, limits.processes, "processes", report);
        error != 0)
      return error;
    report.apply(process_limit);
  }
  if (limits.open_files != 0) {
    if (const int error = set_limit(RLIMIT_NOFILE, limits.open_files, "open files", report);
        error != 0)
      return error;
    report.apply(open_file_limit);
  }
  return 0;
}

/** Puts each descriptor at its number; /dev/null stands for a standard stream that was not given.
 */
int place_descriptors(const Launch& launch, Report& report, int& outcome) {
  // Above every slot first, so that placing one cannot overwrite another that waits.
  constexpr int parking = static_cast<int>(maximum_descriptors);
  int parked[maximum_descriptors];
  for (size_t index = 0; index < launch.descriptors.size(); index++) {
    parked[index] = fcntl(launch.descriptors[index].number(), F_DUPFD_CLOEXEC, parking);
    if (parked[index] < 0)
      return report.fail("descriptors", -errno, "Cannot hold descriptor %zu", index);
  }
  const int moved_outcome = fcntl(outcome, F_DUPFD_CLOEXEC, parking);
  if (moved_outcome < 0) return report.fail("descriptors", -errno, "Cannot hold the outcome pipe");
  outcome = moved_outcome;
  const int null_device = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null_device < 0) return report.fail("descriptors", -errno, "Cannot open \"/dev/null\"");
  const int parked_null = fcntl(null_device, F_DUPFD_CLOEXEC, parking);
  if (parked_null < 0) return report.fail("descriptors", -errno, "Cannot hold \"/dev/null\"");
  if (close_range(0, ~0U, CLOSE_RANGE_CLOEXEC) != 0)
    return report.fail("descriptors", -errno, "Cannot mark descriptors for closing");
  for (int stream = 0; stream <= 2; stream++) {
    if (dup2(parked_null, stream) < 0)
      return report.fail("descriptors", -errno, "Cannot open stream %d", stream);
  }
  for (size_t index = 0; index < launch.descriptors.size(); index++) {
    const int slot = static_cast<int>(launch.request.descriptor_slots[index]);
    if (dup2(parked[index], slot) < 0)
      return report.fail("descriptors", -errno, "Cannot place descriptor %d", slot);
  }
  return 0;
}

void reset_signals() {
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

int prepare(const Launch& launch, Report& report, int& outcome) {
  const CreateRequest& request = launch.request;
  char go = 0;
  if (read(launch.go, &go, 1) != 1)
    return report.fail("start", -ECANCELED, "The spawner ended the start");
  if (go != 0) report.apply(scheduling);
  for (const Descriptor& members : launch.entries.members) {
    // "0" is the writer. First of all, so that all memory is charged to the component.
    if (members && write(members.number(), "0", 1) != 1)
      return report.fail("control groups", -errno, "Cannot enter a control group");
  }
  if (request.level == Level::full) {
    // Only now: the new namespace's root is the control group of the moment, the component's own.
    if (unshare(CLONE_NEWCGROUP) == 0)
      report.apply(cgroup_namespace);
    else
      report.lack("cgroup_namespace", "%s", reason(errno));
    static constexpr char name[] = "component";
    if (sethostname(name, sizeof name - 1) != 0)
      report.lack("host name", "the host's is visible: %s", reason(errno));
    if (const int error = enter_root(launch, report); error != 0) return error;
  } else if (chdir("/") != 0) {
    return report.fail("start", -errno, "Cannot enter \"/\"");
  }
  forbid_new_capabilities(report);
  if (const int error = change_user(launch, report); error != 0) return error;
  // Again, as a change of user clears it.
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  setsid();
  umask(077);
  reset_signals();
  if (const int error = place_descriptors(launch, report, outcome); error != 0) return error;
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return report.fail("privileges", -errno, "Cannot give up new privileges");
  report.apply(no_new_privileges);
  if (request.level != Level::seccomp) {
    if (const int error = confine_files(request, report); error != 0) return error;
  }
  if (const int error = set_limits(launch, report); error != 0) return error;
  if (const int error = drop_capabilities(report); error != 0) return error;
  const bool own_signals =
      request.level != Level::full || (request.permissions & permit_processes) == 0;
  if (const int error = install_start_filter(request.permissions, own_signals); error != 0) {
    return report.fail("system-call filter", error, "Cannot install the filter");
  }
  report.apply(system_call_filter);
  if (const uint32_t absent = request.required & ~report.applied; absent != 0) {
    return report.fail("required measures", -ENOTSUP,
                       "Cannot apply all required measures (missing 0x%x)", absent);
  }
  return 0;
}

}  // namespace

void launch(const Launch& launch, Report report) {
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  int outcome = launch.outcome;
  if (prepare(launch, report, outcome) == 0) {
    if (write(outcome, &report, sizeof report) == sizeof report) {
      execve(launch.request.arguments[0], launch.request.arguments, launch.request.environment);
      report.fail("exec", -errno, "Cannot execute \"%s\"", launch.request.arguments[0]);
    }
  }
  if (report.error != 0) {
    // Nobody is left to tell when this write fails: the exit status says the rest.
    [[maybe_unused]] const ssize_t written = write(outcome, &report, sizeof report);
  }
  _exit(127);
}

}  // namespace bulkhead::spawn
