#include "framebuffer.h"

#include <linux/fb.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cstring>

#include "control.h"

namespace bulkhead {

namespace {

// Larger screens do not exist; drivers that do not know write anything.
constexpr uint32_t longest_mm = 10'000;

uint32_t plausible(uint32_t millimeters) { return millimeters > longest_mm ? 0 : millimeters; }

}  // namespace

int read_framebuffer(int screen, FramebufferFacts& facts) {
  fb_var_screeninfo variable = {};
  fb_fix_screeninfo fixed = {};
  int error = control(screen, FBIOGET_VSCREENINFO, &variable);
  if (error >= 0) error = control(screen, FBIOGET_FSCREENINFO, &fixed);
  if (error < 0) return error;
  facts.name.assign(fixed.id, strnlen(fixed.id, sizeof fixed.id));
  facts.width = variable.xres;
  facts.height = variable.yres;
  facts.virtual_height = variable.yres_virtual;
  facts.pan_step = fixed.ypanstep;
  facts.bits_per_pixel = variable.bits_per_pixel;
  facts.direct = fixed.type == FB_TYPE_PACKED_PIXELS &&
                 (fixed.visual == FB_VISUAL_TRUECOLOR || fixed.visual == FB_VISUAL_DIRECTCOLOR) &&
                 variable.nonstd == 0;
  facts.stride = fixed.line_length;
  facts.red = {variable.red.offset, variable.red.length};
  facts.green = {variable.green.offset, variable.green.length};
  facts.blue = {variable.blue.offset, variable.blue.length};
  facts.width_mm = plausible(variable.width);
  facts.height_mm = plausible(variable.height);
  facts.bytes = fixed.smem_len;
  return 0;
}

int pan_framebuffer(int screen, uint32_t line) {
  fb_var_screeninfo variable = {};
  const int error = control(screen, FBIOGET_VSCREENINFO, &variable);
  if (error < 0) return error;
  variable.xoffset = 0;
  variable.yoffset = line;
  return std::min(control(screen, FBIOPAN_DISPLAY, &variable), 0);
}

int framebuffer_has_console(int screen, uint32_t console) {
  fb_con2fbmap map = {console, 0};
  const int error = control(screen, FBIOGET_CON2FBMAP, &map);
  if (error < 0) return error;
  struct stat facts = {};
  if (fstat(screen, &facts) < 0) return -errno;
  return map.framebuffer == minor(facts.st_rdev) ? 1 : 0;
}

}  // namespace bulkhead
