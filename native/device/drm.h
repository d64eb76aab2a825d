// Screens by the kernel's mode-setting interface: /dev/dri/cardN. A connector is where a screen is
// plugged in, a CRTC what reads a picture and sends it there. Pictures are "dumb" buffers: plain
// memory of 32 bits a pixel, blue, green, red, and one that is not used.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace bulkhead {

// How many bytes the kernel's own description of a mode has.
constexpr size_t drm_mode_bytes = 68;

struct DrmMode {
  // The kernel's description, to be handed back to it.
  std::array<uint8_t, drm_mode_bytes> description;
  std::string name;
  uint32_t width = 0;
  uint32_t height = 0;
  // Pictures a second.
  uint32_t refresh = 0;
  bool preferred = false;
};

struct DrmConnector {
  // By the kernel's numbering, such as 11 for HDMI-A.
  uint32_t type = 0;
  uint32_t type_number = 0;
  bool connected = false;
  uint32_t width_mm = 0;
  uint32_t height_mm = 0;
  // Bits of the CRTCs that can serve it, by their places among the card's.
  uint32_t crtcs = 0;
  std::vector<DrmMode> modes;
};

struct DrmBuffer {
  // The kernel's numbers of the memory, and of the picture in it.
  uint32_t memory = 0;
  uint32_t picture = 0;
  uint32_t stride = 0;
  uint64_t bytes = 0;
  // Where it is found in the card's file.
  uint64_t offset = 0;
};

struct DrmRectangle {
  uint16_t left, top, right, bottom;
};

// All of these return 0 or -errno, unless they say otherwise. -EACCES: another program is the
// card's master.

int read_drm_resources(int card, std::vector<uint32_t>& crtcs, std::vector<uint32_t>& connectors);
// `probe` asks the hardware, which takes a while; else what is known of it.
int read_drm_connector(int card, uint32_t connector, bool probe, DrmConnector& facts);

int make_drm_buffer(int card, uint32_t width, uint32_t height, DrmBuffer& buffer);
void drop_drm_buffer(int card, const DrmBuffer& buffer);

// Shows a picture at once, in that mode.
int set_drm_mode(int card, uint32_t crtc, uint32_t connector, uint32_t picture,
                 std::span<const uint8_t, drm_mode_bytes> mode);
// Turns a CRTC off.
int stop_drm_crtc(int card, uint32_t crtc);
// Shows another picture from the next frame on, which an event tells. -EBUSY while one is awaited.
int flip_drm(int card, uint32_t crtc, uint32_t picture);
// Takes the events that wait: the CRTCs that have flipped; how many, or -errno.
int take_drm_flips(int card, std::span<uint32_t> crtcs);
// Tells that a picture which is shown has changed, for screens that are not read all the time.
// -ENOSYS where nobody wants to know.
int tell_drm_damage(int card, uint32_t picture, std::span<const DrmRectangle> rectangles);

}  // namespace bulkhead
