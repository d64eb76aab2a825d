/** Control groups of both versions: limits and counters over a component and all that it nests. */
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "descriptor.h"
#include "report.h"
#include "request.h"

namespace bulkhead::spawn {

/** Where a component's groups are below the spawner's, as "7/9" for component 9 inside component 7.
 */
using GroupPath = char[512];

/**
 * Groups live below "bulkhead-PID" in the spawner's own group. Each controller is used where this
 * host has it, version 1 or 2; what cannot be used is named in the component's report and never
 * silently left out.
 */
class ControlGroups {
 public:
  enum Controller : unsigned { memory, processes, cpu, controllers };
  /**
   * Entering a group waits for an RCU grace period, some 10 ms, with two exceptions: clone does it
   * (version 2 alone), or a thread moves itself (version 1 alone). A new process is one thread.
   */
  struct Entries {
    /** The version 2 group, for CLONE_INTO_CGROUP. */
    Descriptor unified;
    /** `tasks` of the version 1 groups. */
    Descriptor members[controllers];
  };

  /** Finds the controllers, removes what spawners that were killed left behind, makes the common
   * group. */
  void open();
  /** Makes a component's groups and sets its limits. Never fails: what is missing goes into
   * `report`. */
  void create(const char* path, const Limits& limits, int32_t nice, Report& report);
  /** Changes limits of a running component; 0 or the first -errno, with the text in `report`. */
  int change(const char* path, const Limits& limits, int32_t nice, pid_t process, Report& report);
  /** How a new process enters the component's groups; 0 or -errno. */
  int open_entries(const char* path, Entries& entries) const;
  /** Memory in use in bytes, or -errno. */
  int64_t memory_usage(const char* path) const;
  /** Whether the memory limit has ended a process in the group. */
  bool out_of_memory(const char* path) const;
  /** Ends every process in the component's groups. */
  void kill(const char* path) const;
  /** Removes the groups, which must be empty. */
  void remove(const char* path) const;
  /** Removes the common group. */
  void close() const;

 private:
  struct Hierarchy {
    bool present = false;
    bool unified = false;
    /** The spawner's own group, then the common group. */
    char base[1024] = "";
    char obstacle[256] = "not available on this host";
  };

  void find_version_1(const char* groups, const char* mounts);
  void find_version_2(const char* groups, const char* mounts);
  int enable_unified(const char* group) const;
  void file(char* path, size_t size, Controller controller, const char* group,
            const char* name) const;
  int set(Controller controller, const char* group, const char* name, const char* value) const;
  int set_memory(const char* group, uint64_t bytes) const;
  int set_processes(const char* group, uint32_t count) const;
  int set_cpu(const char* group, uint32_t percent) const;
  int set_weight(const char* group, int32_t nice) const;
  /** `fresh` tells that the group did not exist. */
  int make(Controller controller, const char* group, bool& fresh) const;
  int make_for(Controller controller, const char* group, pid_t process) const;

  Hierarchy hierarchies_[controllers];
};

}  // namespace bulkhead::spawn
