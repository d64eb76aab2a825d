/** The file system of a component: an empty root with what the request lists, built as detached
 * mounts. */
#pragma once

#include "descriptor.h"
#include "identity.h"
#include "report.h"
#include "request.h"

namespace bulkhead::spawn {

/**
 * Detached mounts: they appear in no mount table until the component's process attaches them in its
 * own namespace. The spawner resolves the sources with its own rights, so a component can use a
 * file whose directories its own user id cannot enter.
 */
struct RootTree {
  Descriptor root;
  /** The component's /dev. The spawner keeps it, to make and remove device nodes while the
   * component runs. */
  Descriptor devices;
  /** /dev holds real nodes (made by a privileged spawner) and not binds of the host's. */
  bool nodes = false;
  struct Mount {
    Descriptor tree;
    const char* target = nullptr;
  };
  uint32_t mount_count = 0;
  Mount mounts[maximum_binds + 8];
};

/** 0 or -errno, with the failure in `report`. `owner` and `group` get the device nodes. */
int build_root_tree(const CreateRequest& request, const Authority& authority, uid_t owner,
                    gid_t group, RootTree& tree, Report& report);

/** Makes a device node like the host's `source` in a /dev of real nodes; 0 or -errno. */
int make_device_node(int devices, const char* source, const char* name, bool writable, uid_t owner,
                     gid_t group);

/** Whether a node of the same number opens the device: a terminal of devpts opens in its own file
 * system alone. */
bool takes_node(const char* source);

/** A detached copy of the host's device node, to be attached over an empty file; a descriptor or
 * -errno. */
int copy_device(const char* source);

/** An empty file to mount on, with its directories; 0 or -errno. */
int make_mount_file(int directory, const char* path);

}  // namespace bulkhead::spawn
