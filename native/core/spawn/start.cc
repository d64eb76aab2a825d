/** How a component comes into being: Spawner::create and what it calls. */

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "files.h"
#include "launch.h"
#include "root-tree.h"
#include "scheduling.h"
#include "spawner.h"

namespace bulkhead::spawn {

namespace {

constexpr uint64_t full_namespaces =
    CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;

/** fork with namespaces and a pidfd, into a version 2 control group if there is one: 0 in the
 * child, the process or -errno in the parent. */
pid_t clone_process(uint64_t flags, const Descriptor& group, int& pidfd) {
  clone_args arguments{};
  arguments.flags = flags | CLONE_PIDFD;
  arguments.pidfd = reinterpret_cast<uint64_t>(&pidfd);
  arguments.exit_signal = SIGCHLD;
  if (group) {
    arguments.flags |= CLONE_INTO_CGROUP;
    arguments.cgroup = static_cast<uint64_t>(group.number());
  }
  const long process = syscall(SYS_clone3, &arguments, sizeof arguments);
  return process < 0 ? -errno : static_cast<pid_t>(process);
}

/** After the memory of the system itself, components are what the kernel's out-of-memory killer
 * should take. */
void prefer_for_killing(pid_t process) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/oom_score_adj", process);
  write_text(path, "500");
}

}  // namespace

int Spawner::choose_user(const CreateRequest& request, Component& component) {
  component.user = geteuid();
  component.group = getegid();
  if (!authority_.distinct_users) {
    component.report.lack("own_user",
                          "the component shares the spawner's user id: ids of their own need root "
                          "and the range %u to %u",
                          first_component_user, first_component_user + component_users - 1);
    return 0;
  }
  const auto used = [this](uint32_t index) {
    return (used_users_[index / 64] >> (index % 64) & 1) != 0;
  };
  uint32_t index = request.user_hint != 0 ? request.user_hint - 1 : next_user_;
  if (index >= component_users || (request.user_hint != 0 && used(index))) {
    return component.report.fail("user", -EBUSY, "Cannot use the user id at offset %u", index);
  }
  for (uint32_t tried = 0; used(index); tried++, index = (index + 1) % component_users) {
    if (tried == component_users)
      return component.report.fail("user", -EAGAIN, "Cannot find a free user id");
  }
  used_users_[index / 64] |= uint64_t{1} << (index % 64);
  // Round robin: an id is used again as late as possible.
  next_user_ = (index + 1) % component_users;
  component.user_slot = index + 1;
  component.user = first_component_user + index;
  component.group = component.user;
  component.report.apply(own_user);
  return 0;
}

int Spawner::choose_groups(const CreateRequest& request, Component& component) {
  const Component* parent = request.parent == 0 ? nullptr : find(request.parent);
  const int length = parent == nullptr
                         ? snprintf(component.groups, sizeof component.groups, "%u", component.id)
                         : snprintf(component.groups, sizeof component.groups, "%s/%u",
                                    parent->groups, component.id);
  if (length < static_cast<int>(sizeof component.groups)) return 0;
  return component.report.fail("nesting", -ENAMETOOLONG, "Cannot nest components this deep");
}

int Spawner::create(const CreateRequest& request, std::span<Descriptor> descriptors,
                    Component& component) {
  Report& report = component.report;
  if (descriptors.size() != request.descriptor_count) {
    return report.fail("request", -EBADF, "Cannot match %zu descriptors with %u numbers",
                       descriptors.size(), request.descriptor_count);
  }
  if (request.level != Level::full && (request.permissions & (permit_sockets | permit_proc)) != 0) {
    return report.fail(
        "request", -EINVAL,
        "Cannot permit sockets or /proc without namespaces: they would be the host's");
  }
  if (request.level == Level::full && !authority_.mounts) {
    return report.fail(
        "namespaces", authority_.error,
        "%s (\"bulkhead doctor\" shows the fix; --isolation=no-namespaces goes without)",
        authority_.obstacle);
  }
  if (const int error = choose_user(request, component); error != 0) return error;
  if (const int error = choose_groups(request, component); error != 0) return error;
  groups_.create(component.groups, request.limits, request.scheduling.nice, report);
  return start(request, descriptors, component);
}

int Spawner::start(const CreateRequest& request, std::span<Descriptor> descriptors,
                   Component& component) {
  Report& report = component.report;
  RootTree tree;
  if (request.level == Level::full) {
    if (const int error =
            build_root_tree(request, authority_, component.user, component.group, tree, report);
        error != 0)
      return error;
  } else {
    report.lack("namespaces", "not asked for");
    report.lack("empty_root", "not asked for");
    if (request.level == Level::seccomp) report.lack("landlock", "not asked for");
    for (uint32_t index = 0; index < request.bind_count; index++) {
      const Bind& bind = request.binds[index];
      if (strcmp(bind.source, bind.target) == 0) continue;
      report.lack("bind", "\"%s\" is found at its own path and not at \"%s\"", bind.source,
                  bind.target);
    }
  }
  int go[2];
  int outcome[2];
  if (pipe2(go, O_CLOEXEC) != 0) return report.fail("start", -errno, "Cannot make a pipe");
  Descriptor go_read(go[0]);
  const Descriptor go_write(go[1]);
  if (pipe2(outcome, O_CLOEXEC | O_NONBLOCK) != 0)
    return report.fail("start", -errno, "Cannot make a pipe");
  Descriptor outcome_read(outcome[0]);
  Descriptor outcome_write(outcome[1]);

  ControlGroups::Entries entries;
  if (const int error = groups_.open_entries(component.groups, entries); error != 0) {
    return report.fail("control groups", error, "Cannot open the control groups of component %u",
                       component.id);
  }
  // Afterwards each side adds lines of its own.
  component.common_missing = strlen(report.missing);
  const bool full = request.level == Level::full;
  bool own_space = full;
  int pidfd = -1;
  pid_t process = clone_process(full ? full_namespaces | CLONE_NEWUSER : 0, entries.unified, pidfd);
  if (process < 0 && full && authority_.distinct_users &&
      (process == -ENOSPC || process == -EPERM || process == -EINVAL)) {
    // Root can make the other namespaces without a user namespace.
    report.lack("user_namespace", "Cannot make one: %s (sysctl user.max_user_namespaces)",
                reason(process));
    component.common_missing = strlen(report.missing);
    own_space = false;
    process = clone_process(full_namespaces, entries.unified, pidfd);
  }
  if (process < 0)
    return report.fail("namespaces", process,
                       "Cannot make the component's process in namespaces of its own");
  if (full) {
    report.apply(mount_namespace | pid_namespace | network_namespace | ipc_namespace |
                 uts_namespace);
    if (own_space) report.apply(user_namespace);
  }
  if (process == 0) {
    // Else the child would never see the end of the pipe when the spawner dies.
    ::close(go_write.number());
    const Launch plan{request,
                      authority_,
                      tree,
                      entries,
                      descriptors,
                      go_read.number(),
                      outcome_write.number(),
                      own_space,
                      own_space ? inner_user : component.user,
                      own_space ? inner_user : component.group,
                      own_space || authority_.distinct_users};
    launch(plan, report);
  }
  component.process = process;
  component.pidfd.reset(pidfd);
  go_read.reset();
  outcome_write.reset();

  int error = own_space ? write_user_maps(process, authority_, component.user, component.group) : 0;
  if (error != 0)
    report.fail("user namespace", error, "Cannot write the user map of the component");
  if (error == 0) {
    prefer_for_killing(process);
    const int refused =
        apply_scheduling(process, request.scheduling, request.scheduling.cpu_count != 0);
    if (refused != 0)
      report.lack("scheduling", "Cannot set priority or CPU affinity: %s", reason(refused));
    // The byte tells the child, which compares the measures with the required ones.
    const char scheduled = refused == 0 ? 1 : 0;
    if (write(go_write.number(), &scheduled, 1) != 1)
      error = report.fail("start", -errno, "Cannot let the component's process go");
  }
  // From here on the process exists: a failure is told when its end is seen, so that it is reaped
  // in one place.
  if (error != 0) syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, nullptr, 0);
  component.outcome = static_cast<Descriptor&&>(outcome_read);
  component.devices = static_cast<Descriptor&&>(tree.devices);
  component.nodes = tree.nodes;
  return 0;
}

}  // namespace bulkhead::spawn
