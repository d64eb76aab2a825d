/** Device nodes that come and go in the /dev of a running component. */
#pragma once

#include "report.h"
#include "spawner.h"

namespace bulkhead::spawn {

/**
 * Makes the host's device `source` appear as /dev/`name`. With real nodes that is a node; otherwise
 * a process enters the component's namespaces and attaches a bind there. 0 or -errno.
 */
int grant_device(const Component& component, const char* source, const char* name, bool writable,
                 Report& report);

/** Removes /dev/`name`. Descriptors that the component has already opened stay open. 0 or -errno.
 */
int withdraw_device(const Component& component, const char* name, Report& report);

}  // namespace bulkhead::spawn
