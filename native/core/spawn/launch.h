/** The component's process between clone and exec. */
#pragma once

#include <span>

#include "control-groups.h"
#include "identity.h"
#include "report.h"
#include "request.h"
#include "root-tree.h"

namespace bulkhead::spawn {

struct Launch {
  const CreateRequest& request;
  const Authority& authority;
  RootTree& tree;
  const ControlGroups::Entries& entries;
  /** Descriptors of the request, in the order of `descriptor_slots`. */
  std::span<Descriptor> descriptors;
  /** Readable once the spawner has written the user maps. */
  int go;
  /** Takes the Report before exec and, should exec fail, once more. Closed by exec. */
  int outcome;
  /** Set when the process is in a user namespace of its own; then `user` is an id inside it. */
  bool user_namespace;
  uid_t user;
  gid_t group;
  /** False: the ids stay the spawner's. */
  bool change_user;
};

/** Runs in the new process; executes the component or reports and exits with 127. */
[[noreturn]] void launch(const Launch& launch, Report report);

}  // namespace bulkhead::spawn
