// Pseudo-terminals: the stand-in for a serial line.
//
// Packet mode (TIOCPKT) is not used: it would put a status byte before the data of each read, and
// what it tells (flushes and stopped output of the other side) no serial line tells either.
#pragma once

#include <cstdint>
#include <string>

#include "descriptor.h"

namespace bulkhead {

// Opens a master end, non-blocking, whose terminal end is raw and at `path`. The terminal was
// opened and closed once, so that "hung up" is from the start what the kernel says while nobody has
// it open. 0 or -errno.
int open_pseudo_terminal(Descriptor& master, std::string& path);

// The terminal end of a master, without a path: works where /dev is not visible.
int open_terminal_end(int master, Descriptor& terminal);

// Whether somebody has the terminal end open: 1, 0 or -errno.
//
// The kernel wakes a sleeper on the master when the last holder closes the terminal (EPOLLHUP,
// which then stays), but not when the next one opens it. So a component stops watching the master
// at a hang-up, and learns of the next open from a presence watch.
int terminal_connected(int master);

// An inotify descriptor that becomes readable when somebody opens or closes `path`. Made by the
// host, which sees the path; read by whoever holds it.
int watch_presence(const std::string& path, Descriptor& watch);
// Takes the news from the descriptor: 1 when there was any, 0, or -errno. The truth is
// terminal_connected.
int drain_presence(int watch);

}  // namespace bulkhead
