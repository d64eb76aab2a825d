/** Landlock: the kernel's own list of what a component may open, under whatever else protects it.
 */
#pragma once

#include "report.h"
#include "request.h"

namespace bulkhead::spawn {

/**
 * Confines the calling thread and all that it executes to the request's binds and /dev. At the full
 * level the targets are opened in the component's own root, otherwise the sources on the host.
 * Names in `report` what this kernel's Landlock lacks; 0 or -errno when a rule cannot be made.
 */
int confine_files(const CreateRequest& request, Report& report);

}  // namespace bulkhead::spawn
