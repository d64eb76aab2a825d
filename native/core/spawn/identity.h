/** Who the spawner is on this host, and which user ids its components get. */
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "report.h"

namespace bulkhead::spawn {

/**
 * Components of a privileged spawner get one host user id each from here on: above the range that
 * systemd gives to containers (up to 1879048191) and below its range of foreign ids (from
 * 2147352576).
 */
inline constexpr uint32_t first_component_user = 1900000000;
inline constexpr uint32_t component_users = 65536;
/** The id that a component sees as its own. Never 0, which the kernel and programs treat apart. */
inline constexpr uint32_t inner_user = 1000;

struct Authority {
  /** CAP_SYS_ADMIN over the mount namespace: the host's, or that of a user namespace of the
   * spawner's own. */
  bool mounts = false;
  /** The spawner stands in a user namespace of its own, so it cannot make device nodes. */
  bool own_namespace = false;
  /** Components can have a user id each. */
  bool distinct_users = false;
  /** Why `mounts` is false: -errno of unshare, and what was tried. */
  int error = 0;
  const char* obstacle = "";
};

/** Enters a user namespace of its own when the spawner is an ordinary user. Called once,
 * single-threaded. */
Authority acquire_authority();

/** Gives `process`, new in its user namespace, the id `inner_user` for the host's `user`; 0 or
 * -errno. */
int write_user_maps(pid_t process, const Authority& authority, uid_t user, gid_t group);

}  // namespace bulkhead::spawn
