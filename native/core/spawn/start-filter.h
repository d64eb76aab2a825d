/** The system-call filter that a component starts under. */
#pragma once

#include <cstdint>

namespace bulkhead::spawn {

/**
 * Installs, for the calling thread and all that it executes, a filter that lets Node 20 to 26 start
 * and run: a list of what is allowed. Calls that serve no component but attacks end the process
 * with SIGSYS, io_uring and clone3 answer ENOSYS (programs then take the older way), everything
 * else answers EPERM. `permissions` are those of protocol.h. `own_signals` limits kill and tgkill
 * to the calling process itself. 0 or -errno. Needs no_new_privs or CAP_SYS_ADMIN.
 */
int install_start_filter(uint32_t permissions, bool own_signals);

}  // namespace bulkhead::spawn
