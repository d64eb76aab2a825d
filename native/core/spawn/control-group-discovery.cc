/** Where this host has its control groups: ControlGroups::open and what it calls. */

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "control-groups.h"
#include "files.h"

namespace bulkhead::spawn {

namespace {

constexpr const char* controller_names[] = {"memory", "pids", "cpu"};

bool word_in(const char* list, const char* word, const char* separators) {
  const size_t length = strlen(word);
  for (const char* at = list; *at != 0;) {
    const size_t item = strcspn(at, separators);
    if (item == length && strncmp(at, word, length) == 0) return true;
    at += item;
    at += strspn(at, separators);
  }
  return false;
}

struct MountLine {
  char root[512];
  char point[512];
  char type[32];
  char options[512];
};

/** Calls `visit` with every line of mountinfo that is a control-group mount, until it answers true.
 */
template <typename Visit>
bool find_mount(const char* mounts, Visit visit) {
  for (const char* line = mounts; line != nullptr && *line != 0;) {
    MountLine mount{};
    const char* separator = strstr(line, " - ");
    const char* end = strchr(line, '\n');
    if (separator != nullptr && (end == nullptr || separator < end) &&
        sscanf(line, "%*d %*d %*s %511s %511s", mount.root, mount.point) == 2 &&
        sscanf(separator, " - %31s %*s %511s", mount.type, mount.options) == 2 && visit(mount)) {
      return true;
    }
    line = end == nullptr ? nullptr : end + 1;
  }
  return false;
}

/** The path of a group below a mount that may show only a part of the hierarchy (containers). */
void group_path(char* path, size_t size, const MountLine& mount, const char* group) {
  const size_t root = strlen(mount.root);
  if (strcmp(mount.root, "/") != 0 && strncmp(group, mount.root, root) == 0) group += root;
  snprintf(path, size, "%s%s", mount.point, strcmp(group, "/") == 0 ? "" : group);
}

/** Copies the group of the line of /proc/self/cgroup whose controller list matches. */
template <typename Match>
bool find_group(const char* groups, Match matches, char* group, size_t size) {
  for (const char* line = groups; *line != 0;) {
    char controllers[256] = "";
    const char* first = strchr(line, ':');
    const char* second = first == nullptr ? nullptr : strchr(first + 1, ':');
    if (second == nullptr) return false;
    snprintf(controllers, sizeof controllers, "%.*s", static_cast<int>(second - first - 1),
             first + 1);
    const size_t length = strcspn(second + 1, "\n");
    if (matches(controllers)) {
      snprintf(group, size, "%.*s", static_cast<int>(length), second + 1);
      return true;
    }
    line = second + 1 + length;
    if (*line == '\n') line++;
  }
  return false;
}

/** Removes a group and all below it, as far as they are empty. */
void remove_groups(const char* path) {
  if (DIR* directory = opendir(path)) {
    while (const dirent* entry = readdir(directory)) {
      if (entry->d_type != DT_DIR || entry->d_name[0] == '.') continue;
      char below[2048];
      snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
      remove_groups(below);
    }
    closedir(directory);
  }
  rmdir(path);
}

/** Removes the common groups of spawners that no longer run. */
void sweep(const char* own) {
  DIR* directory = opendir(own);
  if (directory == nullptr) return;
  while (const dirent* entry = readdir(directory)) {
    int process = 0;
    if (sscanf(entry->d_name, "bulkhead-%d", &process) != 1 ||
        (::kill(process, 0) == 0 || errno != ESRCH))
      continue;
    char path[2048];
    snprintf(path, sizeof path, "%s/%s", own, entry->d_name);
    remove_groups(path);
  }
  closedir(directory);
}

/** The process that started `process`, 0 when there is none. */
pid_t parent_of(pid_t process) {
  char path[64];
  char text[512];
  snprintf(path, sizeof path, "/proc/%d/stat", process);
  if (read_text(path, text, sizeof text) <= 0) return 0;
  // The name in brackets may itself hold brackets and spaces.
  const char* end = strrchr(text, ')');
  pid_t parent = 0;
  return end != nullptr && sscanf(end, ") %*c %d", &parent) == 1 ? parent : 0;
}

bool started_us(long process) {
  for (pid_t ancestor = getpid(); ancestor > 0; ancestor = parent_of(ancestor)) {
    if (ancestor == process) return true;
  }
  return false;
}

/**
 * Version 2 gives controllers only to groups without processes of their own. In a scope delegated
 * to us the members are the spawner and those that led to it (the root, npx, a shell): these move
 * one group down. With others among them nobody is moved.
 */
int move_members(const char* own) {
  char path[1200];
  char members[4096];
  snprintf(path, sizeof path, "%s/cgroup.procs", own);
  if (const ssize_t length = read_text(path, members, sizeof members); length < 0)
    return static_cast<int>(length);
  for (char *line = members, *end = nullptr; *line != 0; line = end + (*end != 0)) {
    if (!started_us(strtol(line, &end, 10))) return -EBUSY;
  }
  snprintf(path, sizeof path, "%s/supervisor", own);
  if (mkdir(path, 0755) != 0 && errno != EEXIST) return -errno;
  snprintf(path, sizeof path, "%s/supervisor/cgroup.procs", own);
  for (char *line = members, *end = nullptr; *line != 0; line = end + (*end != 0)) {
    char number[32];
    snprintf(number, sizeof number, "%ld", strtol(line, &end, 10));
    if (const int error = write_text(path, number); error != 0) return error;
  }
  return 0;
}

}  // namespace

void ControlGroups::find_version_1(const char* groups, const char* mounts) {
  for (unsigned controller = 0; controller < controllers; controller++) {
    const char* name = controller_names[controller];
    char group[1024];
    if (!find_group(
            groups, [name](const char* list) { return word_in(list, name, ","); }, group,
            sizeof group))
      continue;
    Hierarchy& hierarchy = hierarchies_[controller];
    hierarchy.present = find_mount(mounts, [&](const MountLine& mount) {
      if (strcmp(mount.type, "cgroup") != 0 || !word_in(mount.options, name, ",")) return false;
      group_path(hierarchy.base, sizeof hierarchy.base, mount, group);
      return true;
    });
  }
}

void ControlGroups::find_version_2(const char* groups, const char* mounts) {
  char group[1024];
  char own[1024] = "";
  if (!find_group(
          groups, [](const char* list) { return *list == 0; }, group, sizeof group))
    return;
  const bool mounted = find_mount(mounts, [&](const MountLine& mount) {
    if (strcmp(mount.type, "cgroup2") != 0) return false;
    group_path(own, sizeof own, mount, group);
    return true;
  });
  if (!mounted) return;
  // Where an earlier spawner of this scope has moved our launchers: components belong beside it,
  // not below.
  static constexpr char supervisor[] = "/supervisor";
  const size_t length = strlen(own);
  const size_t suffix = sizeof supervisor - 1;
  if (length > suffix && strcmp(own + length - suffix, supervisor) == 0) own[length - suffix] = 0;
  char path[1200];
  char available[1024];
  snprintf(path, sizeof path, "%s/cgroup.controllers", own);
  if (read_text(path, available, sizeof available) < 0) return;
  for (unsigned controller = 0; controller < controllers; controller++) {
    Hierarchy& hierarchy = hierarchies_[controller];
    if (hierarchy.present) continue;
    if (!word_in(available, controller_names[controller], " \n")) {
      snprintf(hierarchy.obstacle, sizeof hierarchy.obstacle,
               "the controller \"%s\" is not enabled for \"%s\" (run in a systemd scope with "
               "Delegate=yes; on a Raspberry Pi boot "
               "with cgroup_enable=memory)",
               controller_names[controller], own);
      continue;
    }
    hierarchy.unified = true;
    snprintf(hierarchy.base, sizeof hierarchy.base, "%s", own);
    hierarchy.present = true;
  }
}

int ControlGroups::enable_unified(const char* group) const {
  char path[1200];
  snprintf(path, sizeof path, "%s/cgroup.subtree_control", group);
  for (unsigned controller = 0; controller < controllers; controller++) {
    if (!hierarchies_[controller].present || !hierarchies_[controller].unified) continue;
    char enable[16];
    snprintf(enable, sizeof enable, "+%s", controller_names[controller]);
    if (const int error = write_text(path, enable); error != 0) return error;
  }
  return 0;
}

void ControlGroups::open() {
  char groups[4096];
  static char mounts[65536];
  if (read_text("/proc/self/cgroup", groups, sizeof groups) < 0) return;
  if (read_text("/proc/self/mountinfo", mounts, sizeof mounts) < 0) return;
  find_version_1(groups, mounts);
  find_version_2(groups, mounts);
  for (unsigned controller = 0; controller < controllers; controller++) {
    Hierarchy& hierarchy = hierarchies_[controller];
    if (!hierarchy.present) continue;
    sweep(hierarchy.base);
    int error = 0;
    if (hierarchy.unified) {
      error = enable_unified(hierarchy.base);
      if (error == -EBUSY && (error = move_members(hierarchy.base)) == 0)
        error = enable_unified(hierarchy.base);
    }
    char common[1024];
    snprintf(common, sizeof common, "%.990s/bulkhead-%d", hierarchy.base, getpid());
    if (error == 0 && mkdir(common, 0755) != 0 && errno != EEXIST) error = -errno;
    if (error == 0 && hierarchy.unified) error = enable_unified(common);
    if (error != 0) {
      hierarchy.present = false;
      snprintf(hierarchy.obstacle, sizeof hierarchy.obstacle,
               "Cannot use the group \"%.120s\": %s (run in a systemd scope with Delegate=yes)",
               hierarchy.base, reason(error));
      continue;
    }
    snprintf(hierarchy.base, sizeof hierarchy.base, "%s", common);
  }
}

}  // namespace bulkhead::spawn
