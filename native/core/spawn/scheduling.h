/** Nice value and CPU affinity of every thread of a process. */
#pragma once

#include <sys/types.h>

#include "request.h"

namespace bulkhead::spawn {

/** `affinity` false leaves the CPUs as they are; an empty list means all. 0 or the first -errno. */
int apply_scheduling(pid_t process, const Scheduling& scheduling, bool affinity);

}  // namespace bulkhead::spawn
