/** The `create` and `resources` requests, decoded and checked. */
#pragma once

#include <cstdint>

#include "message.h"
#include "protocol.h"

namespace bulkhead::spawn {

struct Bind {
  const char* source;
  const char* target;
  uint32_t flags;
};

/** 0 means "no limit". */
struct Limits {
  uint64_t memory;
  uint32_t processes;
  uint32_t open_files;
  /** Per cent of one CPU. */
  uint32_t cpu_percent;
};

struct Scheduling {
  /** `unchanged_nice`: as the spawner's, or as it is. */
  int32_t nice;
  /** Empty: every CPU. */
  uint32_t cpu_count;
  uint32_t cpus[maximum_cpus];
};

/** Strings point into the packet. */
struct CreateRequest {
  uint32_t component;
  /** 0, or the component whose end ends this one too. */
  uint32_t parent;
  Level level;
  /** Measures without which the component must not start. */
  uint32_t required;
  uint32_t permissions;
  /** 0, or 1 + the offset of the component's user id in the spawner's range. */
  uint32_t user_hint;
  Limits limits;
  Scheduling scheduling;
  /** Ends with nullptr, as execve wants it; the first is the path to execute. */
  char* arguments[maximum_strings + 1];
  char* environment[maximum_strings + 1];
  uint32_t bind_count;
  Bind binds[maximum_binds];
  /** The number that each passed descriptor has in the component. */
  uint32_t descriptor_count;
  uint32_t descriptor_slots[maximum_descriptors];
};

struct ResourcesRequest {
  uint32_t component;
  Limits limits;
  Scheduling scheduling;
  bool affinity_given;
};

/** 0, or -EINVAL for a packet of the wrong shape. */
int decode(Reader& reader, CreateRequest& request);
int decode(Reader& reader, ResourcesRequest& request);

}  // namespace bulkhead::spawn
