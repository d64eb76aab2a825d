#include "identity.h"

#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "descriptor.h"
#include "files.h"

namespace bulkhead::spawn {

namespace {

bool has_capability(int capability) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, data) != 0) return false;
  return (data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability)) != 0;
}

/** Whether the spawner's own namespace maps the whole range of component ids. */
bool maps_component_users(const char* map) {
  char text[4096];
  if (read_text(map, text, sizeof text) < 0) return false;
  for (char* line = text; *line != 0;) {
    unsigned long inside = 0;
    unsigned long outside = 0;
    unsigned long count = 0;
    int length = 0;
    if (sscanf(line, "%lu %lu %lu\n%n", &inside, &outside, &count, &length) != 3) return false;
    if (inside <= first_component_user && first_component_user + component_users <= inside + count)
      return true;
    line += length;
  }
  return false;
}

int enter_own_namespace(const char*& obstacle) {
  const uid_t user = geteuid();
  const gid_t group = getegid();
  obstacle = "Cannot make a user namespace";
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return -errno;
  char map[64];
  obstacle = "Cannot write the maps of the user namespace";
  // An ordinary user may write gid_map only after giving up setgroups.
  if (const int error = write_text("/proc/self/setgroups", "deny"); error != 0 && error != -ENOENT)
    return error;
  snprintf(map, sizeof map, "%u %u 1", user, user);
  if (const int error = write_text("/proc/self/uid_map", map); error != 0) return error;
  snprintf(map, sizeof map, "%u %u 1", group, group);
  if (const int error = write_text("/proc/self/gid_map", map); error != 0) return error;
  // AppArmor and SELinux may let the namespace be made and then refuse what it is for: look now.
  obstacle =
      "Cannot mount inside an own user namespace (an AppArmor profile for bulkhead-spawn may be "
      "missing)";
  // A slave: what the host mounts later stays visible, nothing of ours travels back.
  return mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0 ? -errno : 0;
}

}  // namespace

Authority acquire_authority() {
  Authority authority;
  // Asked of the kernel and not of the capabilities: these may belong to another namespace than the
  // mounts.
  const Descriptor probe(fsopen("tmpfs", FSOPEN_CLOEXEC));
  if (!probe) {
    authority.error = enter_own_namespace(authority.obstacle);
    authority.own_namespace = true;
  }
  authority.mounts = authority.error == 0;
  authority.distinct_users = has_capability(CAP_SETUID) && has_capability(CAP_SETGID) &&
                             maps_component_users("/proc/self/uid_map") &&
                             maps_component_users("/proc/self/gid_map");
  return authority;
}

int write_user_maps(pid_t process, const Authority& authority, uid_t user, gid_t group) {
  char path[64];
  char map[64];
  if (!authority.distinct_users) {
    // The ids stay the spawner's own, and so must the supplementary groups: nobody may change them.
    snprintf(path, sizeof path, "/proc/%d/setgroups", process);
    if (const int error = write_text(path, "deny"); error != 0 && error != -EPERM) return error;
  }
  snprintf(path, sizeof path, "/proc/%d/uid_map", process);
  snprintf(map, sizeof map, "%u %u 1", inner_user, user);
  if (const int error = write_text(path, map); error != 0) return error;
  snprintf(path, sizeof path, "/proc/%d/gid_map", process);
  snprintf(map, sizeof map, "%u %u 1", inner_user, group);
  return write_text(path, map);
}

}  // namespace bulkhead::spawn
