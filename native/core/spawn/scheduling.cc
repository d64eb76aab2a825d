#include "scheduling.h"

#include <dirent.h>
#include <sched.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace bulkhead::spawn {

namespace {

int apply_to_thread(pid_t thread, const Scheduling& scheduling, const cpu_set_t* cpus) {
  int error = 0;
  if (scheduling.nice != unchanged_nice &&
      setpriority(PRIO_PROCESS, static_cast<id_t>(thread), scheduling.nice) != 0)
    error = -errno;
  if (cpus != nullptr && sched_setaffinity(thread, sizeof *cpus, cpus) != 0 && error == 0)
    error = -errno;
  // The thread may have ended since it was listed.
  return error == -ESRCH ? 0 : error;
}

}  // namespace

int apply_scheduling(pid_t process, const Scheduling& scheduling, bool affinity) {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  for (uint32_t index = 0; index < scheduling.cpu_count; index++)
    CPU_SET(scheduling.cpus[index], &cpus);
  if (scheduling.cpu_count == 0) {
    for (size_t cpu = 0; cpu < maximum_cpus; cpu++) CPU_SET(cpu, &cpus);
  }
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task", process);
  DIR* threads = opendir(path);
  if (threads == nullptr) return -errno;
  int first = 0;
  while (const dirent* entry = readdir(threads)) {
    const auto thread = static_cast<pid_t>(atoi(entry->d_name));
    if (thread == 0) continue;
    const int error = apply_to_thread(thread, scheduling, affinity ? &cpus : nullptr);
    if (first == 0) first = error;
  }
  closedir(threads);
  return first;
}

}  // namespace bulkhead::spawn
