#include "device-grant.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "files.h"
#include "root-tree.h"

namespace bulkhead::spawn {

namespace {

/** Runs `act` in the component's user and mount namespaces; its answer, 0 or -errno. */
template <typename Act>
int inside(const Component& component, Act act) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return -errno;
  const Descriptor read_end(ends[0]);
  Descriptor write_end(ends[1]);
  const pid_t helper = fork();
  if (helper < 0) return -errno;
  if (helper == 0) {
    // One enters every namespace but one's own.
    const int spaces =
        CLONE_NEWNS | ((component.report.applied & user_namespace) != 0 ? CLONE_NEWUSER : 0);
    int result = setns(component.pidfd.number(), spaces) != 0 ? -errno : act();
    [[maybe_unused]] const ssize_t written = write(write_end.number(), &result, sizeof result);
    _exit(0);
  }
  write_end.reset();
  int result = -EPROTO;
  if (read(read_end.number(), &result, sizeof result) != sizeof result) result = -EPROTO;
  while (waitpid(helper, nullptr, 0) < 0 && errno == EINTR) {
  }
  return result;
}

}  // namespace

int grant_device(const Component& component, const char* source, const char* name, bool writable,
                 Report& report) {
  const int devices = component.devices.number();
  // Completed under another name and then renamed, so that the component never meets a node without
  // its owner or the empty file below a bind. The kernel lets a mount point of another mount
  // namespace be renamed, and the mount goes with it.
  static constexpr char pending[] = ".granting";
  int error = make_parents(devices, name);
  if (error != 0)
    return report.fail("grant device", error, "Cannot make the directories of \"/dev/%s\"", name);
  if (component.nodes && takes_node(source)) {
    error = make_device_node(devices, source, pending, writable, component.user, component.group);
  } else {
    if (!writable)
      report.lack("read-only device", "\"%s\" can be written, because device nodes need root",
                  source);
    const Descriptor copy(copy_device(source));
    error = copy.number() < 0 ? copy.number() : make_mount_file(devices, pending);
    if (error == 0) {
      error = inside(component, [&copy] {
        return move_mount(copy.number(), "", AT_FDCWD, "/dev/.granting", MOVE_MOUNT_F_EMPTY_PATH) !=
                       0
                   ? -errno
                   : 0;
      });
    }
  }
  if (error == 0 && renameat2(devices, pending, devices, name, RENAME_NOREPLACE) != 0)
    error = -errno;
  if (error == 0) return 0;
  unlinkat(devices, pending, 0);
  return report.fail("grant device", error, "Cannot make \"%s\" appear as \"/dev/%s\"", source,
                     name);
}

int withdraw_device(const Component& component, const char* name, Report& report) {
  // Removing a mount point that is one in another mount namespace alone detaches what is mounted
  // there.
  if (unlinkat(component.devices.number(), name, 0) == 0) return 0;
  return report.fail("withdraw device", -errno, "Cannot remove \"/dev/%s\"", name);
}

}  // namespace bulkhead::spawn
