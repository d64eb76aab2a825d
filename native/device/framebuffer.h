// Screens by the kernel's frame buffer interface: /dev/fbN. The picture is memory, which is mapped;
// nothing here sets a mode.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace bulkhead {

struct ColorChannel {
  uint32_t offset = 0;
  uint32_t length = 0;
};

struct FramebufferFacts {
  std::string name;
  uint32_t width = 0;
  uint32_t height = 0;
  // Lines that there is memory for; more than the height: others can be shown.
  uint32_t virtual_height = 0;
  // Steps by which the first line can be moved; 0: it cannot.
  uint32_t pan_step = 0;
  uint32_t bits_per_pixel = 0;
  // Pixels are whole numbers, and their channels parts of them: no palette.
  bool direct = false;
  // Bytes from one line to the next.
  uint32_t stride = 0;
  ColorChannel red;
  ColorChannel green;
  ColorChannel blue;
  // 0 where the kernel says nothing that could be true.
  uint32_t width_mm = 0;
  uint32_t height_mm = 0;
  // Of memory.
  uint32_t bytes = 0;
};

// All of these return 0 or -errno, unless they say otherwise.

int read_framebuffer(int screen, FramebufferFacts& facts);
// Shows the lines from `line` on.
int pan_framebuffer(int screen, uint32_t line);
// Whether the kernel's console of that number is on this screen: 1 or 0, or -errno.
int framebuffer_has_console(int screen, uint32_t console);

}  // namespace bulkhead
