// The kernel's consoles, /dev/ttyN: which one is seen, and whether it draws its text.
#pragma once

#include <cstdint>

namespace bulkhead {

// Whether a program decides when the console may be left and come to, as display servers do: 1 or
// 0, or -errno.
int console_managed(int console);

// Whether the console leaves its screen to somebody else: 1 or 0, or -errno.
int console_graphics(int console);
// 0 or -errno. -EPERM without CAP_SYS_TTY_CONFIG, unless the console is this process's own.
int set_console_graphics(int console, bool graphics);

}  // namespace bulkhead
