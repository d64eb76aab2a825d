#include "control-groups.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "files.h"

namespace bulkhead::spawn {

namespace {

constexpr const char* measure_names[] = {"memory_limit", "process_limit", "cpu_limit"};

}  // namespace

void ControlGroups::file(char* path, size_t size, Controller controller, const char* group,
                         const char* name) const {
  snprintf(path, size, "%s/%s%s%s", hierarchies_[controller].base, group, *name == 0 ? "" : "/",
           name);
}

int ControlGroups::set(Controller controller, const char* group, const char* name,
                       const char* value) const {
  char path[2048];
  file(path, sizeof path, controller, group, name);
  return write_text(path, value);
}

int ControlGroups::make(Controller controller, const char* group, bool& fresh) const {
  const Hierarchy& hierarchy = hierarchies_[controller];
  if (!hierarchy.present) return -ENODEV;
  char path[2048];
  // A parent without this controller's limits has no group for it yet.
  for (const char* step = strchr(group, '/');; step = strchr(step + 1, '/')) {
    const int length =
        step == nullptr ? static_cast<int>(strlen(group)) : static_cast<int>(step - group);
    snprintf(path, sizeof path, "%s/%.*s", hierarchy.base, length, group);
    if (mkdir(path, 0755) == 0) {
      fresh = step == nullptr;
      if (hierarchy.unified) {
        if (const int error = enable_unified(path); error != 0) return error;
      }
    } else if (errno != EEXIST) {
      return -errno;
    }
    if (step == nullptr) break;
  }
  if (!hierarchy.unified) return 0;
  // Version 2 keeps processes in leaves; nested components become neighbours of this one.
  file(path, sizeof path, controller, group, "own");
  return mkdir(path, 0755) != 0 && errno != EEXIST ? -errno : 0;
}

int ControlGroups::make_for(Controller controller, const char* group, pid_t process) const {
  bool fresh = false;
  if (const int error = make(controller, group, fresh); error != 0 || !fresh || process == 0)
    return error;
  char number[16];
  snprintf(number, sizeof number, "%d", process);
  return set(controller, group,
             hierarchies_[controller].unified ? "own/cgroup.procs" : "cgroup.procs", number);
}

int ControlGroups::set_memory(const char* group, uint64_t bytes) const {
  char value[32];
  if (hierarchies_[memory].unified) {
    snprintf(value, sizeof value, bytes == 0 ? "max" : "%llu",
             static_cast<unsigned long long>(bytes));
    // Swap would stretch the quota; a kernel without swap accounting has no such file.
    if (const int error = set(memory, group, "memory.swap.max", bytes == 0 ? "max" : "0");
        error != 0 && error != -ENOENT)
      return error;
    // A component that lost one process is not the component any more.
    set(memory, group, "memory.oom.group", bytes == 0 ? "0" : "1");
    return set(memory, group, "memory.max", value);
  }
  snprintf(value, sizeof value, "%lld", bytes == 0 ? -1LL : static_cast<long long>(bytes));
  // memory <= memory + swap must hold at every moment: widen from the outer, narrow from the inner.
  if (bytes == 0) set(memory, group, "memory.memsw.limit_in_bytes", value);
  int error = set(memory, group, "memory.limit_in_bytes", value);
  if (error == -EINVAL && bytes != 0) {
    set(memory, group, "memory.memsw.limit_in_bytes", value);
    error = set(memory, group, "memory.limit_in_bytes", value);
  }
  if (error == 0 && bytes != 0) set(memory, group, "memory.memsw.limit_in_bytes", value);
  return error;
}

int ControlGroups::set_processes(const char* group, uint32_t count) const {
  char value[32];
  snprintf(value, sizeof value, count == 0 ? "max" : "%u", count);
  return set(processes, group, "pids.max", value);
}

int ControlGroups::set_cpu(const char* group, uint32_t percent) const {
  // A short period keeps the pauses of a limited component short; the kernel asks for at least 1 ms
  // in each.
  const unsigned period = percent >= 10 ? 20000 : 100000;
  const unsigned long long quota = static_cast<unsigned long long>(percent) * period / 100;
  char value[64];
  if (hierarchies_[cpu].unified) {
    if (percent == 0)
      snprintf(value, sizeof value, "max %u", period);
    else
      snprintf(value, sizeof value, "%llu %u", quota, period);
    return set(cpu, group, "cpu.max", value);
  }
  if (percent == 0) return set(cpu, group, "cpu.cfs_quota_us", "-1");
  // The quota goes last: with the old one a new period could break a parent's limit for a moment.
  set(cpu, group, "cpu.cfs_quota_us", "-1");
  snprintf(value, sizeof value, "%u", period);
  if (const int error = set(cpu, group, "cpu.cfs_period_us", value); error != 0) return error;
  snprintf(value, sizeof value, "%llu", quota);
  return set(cpu, group, "cpu.cfs_quota_us", value);
}

int ControlGroups::set_weight(const char* group, int32_t nice) const {
  // Nice values compare inside one group only, so a group of one component needs its weight from
  // them.
  char value[32];
  if (hierarchies_[cpu].unified) {
    snprintf(value, sizeof value, "%d", nice);
    return set(cpu, group, "cpu.weight.nice", value);
  }
  double shares = 1024;
  for (int step = 0; step < nice; step++) shares /= 1.25;
  for (int step = 0; step > nice; step--) shares *= 1.25;
  snprintf(value, sizeof value, "%.0f", shares);
  return set(cpu, group, "cpu.shares", value);
}

int ControlGroups::change(const char* path, const Limits& limits, int32_t nice, pid_t process,
                          Report& report) {
  int errors[controllers] = {};
  bool wanted[controllers] = {};
  // Memory always, since usage is asked of every component; the others only for a limit, as each
  // costs some 50 us.
  wanted[memory] = limits.memory != unchanged_bytes;
  wanted[processes] =
      limits.processes != unchanged && (limits.processes != 0 || report.applied & process_limit);
  const bool quota =
      limits.cpu_percent != unchanged && (limits.cpu_percent != 0 || report.applied & cpu_limit);
  const bool weight = nice != unchanged_nice && (nice != 0 || report.applied & cpu_limit);
  wanted[cpu] = quota || weight;
  if (wanted[memory] && (errors[memory] = make_for(memory, path, process)) == 0)
    errors[memory] = set_memory(path, limits.memory);
  if (wanted[processes] && (errors[processes] = make_for(processes, path, process)) == 0)
    errors[processes] = set_processes(path, limits.processes);
  if (wanted[cpu] && (errors[cpu] = make_for(cpu, path, process)) == 0) {
    if (quota) errors[cpu] = set_cpu(path, limits.cpu_percent);
    if (weight && errors[cpu] == 0) errors[cpu] = set_weight(path, nice);
  }
  int first = 0;
  for (unsigned controller = 0; controller < controllers; controller++) {
    if (!wanted[controller]) continue;
    const uint32_t measure = memory_limit << controller;
    if (errors[controller] == 0) {
      report.apply(measure);
      continue;
    }
    report.lack(measure_names[controller], "%s",
                hierarchies_[controller].present ? reason(errors[controller])
                                                 : hierarchies_[controller].obstacle);
    if (first == 0) first = errors[controller];
  }
  return first;
}

void ControlGroups::create(const char* path, const Limits& limits, int32_t nice, Report& report) {
  change(path, limits, nice, 0, report);
  // An accounting group without a limit is no limit.
  if (limits.memory == 0) report.applied &= ~static_cast<uint32_t>(memory_limit);
  if (limits.cpu_percent == 0) report.applied &= ~static_cast<uint32_t>(cpu_limit);
}

int ControlGroups::open_entries(const char* path, Entries& entries) const {
  for (unsigned index = 0; index < controllers; index++) {
    const auto controller = static_cast<Controller>(index);
    const Hierarchy& hierarchy = hierarchies_[controller];
    if (!hierarchy.present || (hierarchy.unified && entries.unified)) continue;
    char name[2048];
    file(name, sizeof name, controller, path, hierarchy.unified ? "own" : "tasks");
    const int entry =
        ::open(name, hierarchy.unified ? O_PATH | O_DIRECTORY | O_CLOEXEC : O_WRONLY | O_CLOEXEC);
    // Without a group for this controller there is nothing to limit by it.
    if (entry < 0 && errno == ENOENT) continue;
    if (entry < 0) return -errno;
    (hierarchy.unified ? entries.unified : entries.members[index]).reset(entry);
  }
  return 0;
}

int64_t ControlGroups::memory_usage(const char* path) const {
  if (!hierarchies_[memory].present) return -ENODEV;
  char name[2048];
  char text[64];
  file(name, sizeof name, memory, path,
       hierarchies_[memory].unified ? "memory.current" : "memory.usage_in_bytes");
  if (const ssize_t length = read_text(name, text, sizeof text); length < 0) return length;
  return strtoll(text, nullptr, 10);
}

bool ControlGroups::out_of_memory(const char* path) const {
  if (!hierarchies_[memory].present) return false;
  char name[2048];
  char text[1024];
  file(name, sizeof name, memory, path,
       hierarchies_[memory].unified ? "memory.events" : "memory.oom_control");
  if (read_text(name, text, sizeof text) < 0) return false;
  const char* counter = strstr(text, "oom_kill ");
  return counter != nullptr && strtoul(counter + sizeof "oom_kill " - 1, nullptr, 10) > 0;
}

void ControlGroups::kill(const char* path) const {
  for (unsigned index = 0; index < controllers; index++) {
    const auto controller = static_cast<Controller>(index);
    if (!hierarchies_[controller].present) continue;
    if (hierarchies_[controller].unified && set(controller, path, "cgroup.kill", "1") == 0) return;
    char name[2048];
    char members[4096];
    file(name, sizeof name, controller, path,
         hierarchies_[controller].unified ? "own/cgroup.procs" : "cgroup.procs");
    if (read_text(name, members, sizeof members) < 0) continue;
    for (char *line = members, *end = nullptr; *line != 0; line = end + 1) {
      const long process = strtol(line, &end, 10);
      if (process > 1) ::kill(static_cast<pid_t>(process), SIGKILL);
      if (*end == 0) break;
    }
  }
}

void ControlGroups::remove(const char* path) const {
  for (unsigned index = 0; index < controllers; index++) {
    const auto controller = static_cast<Controller>(index);
    if (!hierarchies_[controller].present) continue;
    char name[2048];
    if (hierarchies_[controller].unified) {
      file(name, sizeof name, controller, path, "own");
      rmdir(name);
    }
    file(name, sizeof name, controller, path, "");
    rmdir(name);
  }
}

void ControlGroups::close() const {
  for (const Hierarchy& hierarchy : hierarchies_) {
    if (hierarchy.present) rmdir(hierarchy.base);
  }
}

}  // namespace bulkhead::spawn
