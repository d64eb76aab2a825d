#include "virtual-terminal.h"

#include <linux/kd.h>
#include <linux/vt.h>

#include <algorithm>

#include "control.h"

namespace bulkhead {

int console_managed(int console) {
  vt_mode mode = {};
  const int error = control(console, VT_GETMODE, &mode);
  return error < 0 ? error : mode.mode == VT_PROCESS;
}

int console_graphics(int console) {
  int mode = KD_TEXT;
  const int error = control(console, KDGETMODE, &mode);
  return error < 0 ? error : mode == KD_GRAPHICS;
}

int set_console_graphics(int console, bool graphics) {
  // The request's argument is the mode itself.
  const long mode = graphics ? KD_GRAPHICS : KD_TEXT;
  return std::min(control(console, KDSETMODE, reinterpret_cast<const void*>(mode)), 0);
}

}  // namespace bulkhead
