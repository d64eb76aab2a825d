// The kernel's mode-setting interface, as far as it is used here: the layouts and numbers of its
// requests. Debian keeps the kernel's own header for them in a package of a library that nothing
// here needs. The names of the fields are ours.
#pragma once

#include <sys/ioctl.h>

#include <cstdint>

namespace bulkhead::drm {

struct Mode {
  uint32_t clock;
  uint16_t width, horizontal[4];
  uint16_t height, vertical[4];
  uint32_t refresh;
  uint32_t flags;
  uint32_t type;
  char name[32];
};
static_assert(sizeof(Mode) == 68);
constexpr uint32_t mode_preferred = 1u << 3;

struct Resources {
  uint64_t pictures;
  uint64_t crtcs;
  uint64_t connectors;
  uint64_t encoders;
  uint32_t picture_count;
  uint32_t crtc_count;
  uint32_t connector_count;
  uint32_t encoder_count;
  uint32_t bounds[4];
};

struct Encoder {
  uint32_t encoder;
  uint32_t type;
  uint32_t crtc;
  uint32_t possible_crtcs;
  uint32_t possible_clones;
};

struct Connector {
  uint64_t encoders;
  uint64_t modes;
  uint64_t properties;
  uint64_t property_values;
  uint32_t mode_count;
  uint32_t property_count;
  uint32_t encoder_count;
  uint32_t encoder;
  uint32_t connector;
  uint32_t type;
  uint32_t type_number;
  uint32_t connection;
  uint32_t width_mm;
  uint32_t height_mm;
  uint32_t subpixel;
  uint32_t unused;
};
constexpr uint32_t connected = 1;

struct CreateMemory {
  uint32_t height;
  uint32_t width;
  uint32_t bits;
  uint32_t flags;
  uint32_t memory;
  uint32_t stride;
  uint64_t bytes;
};

struct MapMemory {
  uint32_t memory;
  uint32_t unused;
  uint64_t offset;
};

struct DestroyMemory {
  uint32_t memory;
};

struct AddPicture {
  uint32_t picture;
  uint32_t width;
  uint32_t height;
  uint32_t stride;
  uint32_t bits;
  uint32_t depth;
  uint32_t memory;
};

struct Crtc {
  uint64_t connectors;
  uint32_t connector_count;
  uint32_t crtc;
  uint32_t picture;
  uint32_t x, y;
  uint32_t gamma_size;
  uint32_t mode_valid;
  Mode mode;
};
static_assert(sizeof(Crtc) == 104);

struct PageFlip {
  uint32_t crtc;
  uint32_t picture;
  uint32_t flags;
  uint32_t unused;
  uint64_t user_data;
};
constexpr uint32_t flip_event = 1u << 0;

struct Clip {
  uint16_t left, top, right, bottom;
};

struct Damage {
  uint32_t picture;
  uint32_t flags;
  uint32_t color;
  uint32_t count;
  uint64_t clips;
};

struct Event {
  uint32_t type;
  uint32_t length;
};
constexpr uint32_t flip_complete = 2;

struct FlipEvent {
  Event event;
  uint64_t user_data;
  uint32_t seconds;
  uint32_t microseconds;
  uint32_t sequence;
  uint32_t crtc;
};

constexpr unsigned long get_resources = _IOWR('d', 0xA0, Resources);
constexpr unsigned long set_crtc = _IOWR('d', 0xA2, Crtc);
constexpr unsigned long get_encoder = _IOWR('d', 0xA6, Encoder);
constexpr unsigned long get_connector = _IOWR('d', 0xA7, Connector);
constexpr unsigned long add_picture = _IOWR('d', 0xAE, AddPicture);
constexpr unsigned long remove_picture = _IOWR('d', 0xAF, unsigned int);
constexpr unsigned long page_flip = _IOWR('d', 0xB0, PageFlip);
constexpr unsigned long tell_damage = _IOWR('d', 0xB1, Damage);
constexpr unsigned long create_memory = _IOWR('d', 0xB2, CreateMemory);
constexpr unsigned long map_memory = _IOWR('d', 0xB3, MapMemory);
constexpr unsigned long destroy_memory = _IOWR('d', 0xB4, DestroyMemory);

}  // namespace bulkhead::drm
