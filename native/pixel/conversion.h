// Pixels for screens of any other form than the two that picture.h knows: bytes of a pixel, and
// where each channel lies in them.
#pragma once

#include <cstdint>
#include <span>

#include "picture.h"

namespace bulkhead::pixel {

struct Channel {
  // The lowest bit, and how many there are.
  unsigned offset = 0;
  unsigned length = 0;
};

struct Form {
  // 1 to 4, the lowest byte first.
  unsigned bytes = 4;
  Channel red;
  Channel green;
  Channel blue;

  // Whether each channel has 1 to 8 bits, all of them within a pixel.
  bool valid() const;
};

// Lines of `stride` bytes, each beginning with `width` pixels of that form.
struct ByteScreen {
  std::span<uint8_t> bytes;
  int64_t width = 0;
  int64_t height = 0;
  int64_t stride = 0;
  Form form;

  bool fits() const;
};

// Copies `from` of the source so that its top left comes to `to`; nothing where the screen does not
// fit its memory. Channels lose their lower bits. They share no memory.
void copy_as_form(const ByteScreen& target, Point to, const Source& source, const Rectangle& from);

}  // namespace bulkhead::pixel
