#include "drm.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "control.h"
#include "drm-interface.h"

namespace bulkhead {

namespace {

static_assert(sizeof(drm::Mode) == drm_mode_bytes);

constexpr uint32_t color_bits = 24;
constexpr uint32_t pixel_bits = 32;

template <typename Element>
uint64_t address(std::vector<Element>& elements) {
  return reinterpret_cast<uint64_t>(elements.data());
}

// The CRTCs that an encoder can take its picture from.
uint32_t crtcs_of(int card, uint32_t encoder) {
  drm::Encoder request = {};
  request.encoder = encoder;
  return control(card, drm::get_encoder, &request) < 0 ? 0 : request.possible_crtcs;
}

DrmMode mode_of(const drm::Mode& info) {
  DrmMode mode;
  memcpy(mode.description.data(), &info, sizeof info);
  const char* const end = info.name + sizeof info.name;
  mode.name.assign(info.name, std::find(static_cast<const char*>(info.name), end, '\0'));
  mode.width = info.width;
  mode.height = info.height;
  mode.refresh = info.refresh;
  mode.preferred = (info.type & drm::mode_preferred) != 0;
  return mode;
}

}  // namespace

int read_drm_resources(int card, std::vector<uint32_t>& crtcs, std::vector<uint32_t>& connectors) {
  // What is there may change between asking how much it is and asking for it.
  for (;;) {
    drm::Resources request = {};
    const uint32_t known_crtcs = static_cast<uint32_t>(crtcs.size());
    const uint32_t known_connectors = static_cast<uint32_t>(connectors.size());
    request.crtc_count = known_crtcs;
    request.connector_count = known_connectors;
    request.crtcs = address(crtcs);
    request.connectors = address(connectors);
    const int error = control(card, drm::get_resources, &request);
    if (error < 0) return error;
    crtcs.resize(request.crtc_count);
    connectors.resize(request.connector_count);
    if (request.crtc_count <= known_crtcs && request.connector_count <= known_connectors) return 0;
  }
}

int read_drm_connector(int card, uint32_t connector, bool probe, DrmConnector& facts) {
  std::vector<drm::Mode> modes(probe ? 0 : 1);
  std::vector<uint32_t> encoders;
  drm::Connector request;
  for (;;) {
    request = {};
    request.connector = connector;
    // Asking for no modes is what makes the kernel look at the hardware.
    const uint32_t known_modes = static_cast<uint32_t>(modes.size());
    const uint32_t known_encoders = static_cast<uint32_t>(encoders.size());
    request.mode_count = known_modes;
    request.encoder_count = known_encoders;
    request.modes = address(modes);
    request.encoders = address(encoders);
    const int error = control(card, drm::get_connector, &request);
    if (error < 0) return error;
    modes.resize(request.mode_count);
    encoders.resize(request.encoder_count);
    if (request.mode_count <= known_modes && request.encoder_count <= known_encoders) break;
  }
  facts = {};
  facts.type = request.type;
  facts.type_number = request.type_number;
  facts.connected = request.connection == drm::connected;
  facts.width_mm = request.width_mm;
  facts.height_mm = request.height_mm;
  for (const uint32_t encoder : encoders) facts.crtcs |= crtcs_of(card, encoder);
  for (const drm::Mode& mode : modes) facts.modes.push_back(mode_of(mode));
  return 0;
}

int make_drm_buffer(int card, uint32_t width, uint32_t height, DrmBuffer& buffer) {
  drm::CreateMemory memory = {};
  memory.width = width;
  memory.height = height;
  memory.bits = pixel_bits;
  int error = control(card, drm::create_memory, &memory);
  if (error < 0) return error;
  buffer = {memory.memory, 0, memory.stride, memory.bytes, 0};
  drm::AddPicture picture = {};
  picture.width = width;
  picture.height = height;
  picture.stride = memory.stride;
  picture.bits = pixel_bits;
  picture.depth = color_bits;
  picture.memory = memory.memory;
  error = control(card, drm::add_picture, &picture);
  if (error >= 0) {
    buffer.picture = picture.picture;
    drm::MapMemory map = {};
    map.memory = memory.memory;
    error = control(card, drm::map_memory, &map);
    buffer.offset = map.offset;
  }
  if (error < 0) drop_drm_buffer(card, buffer);
  return std::min(error, 0);
}

void drop_drm_buffer(int card, const DrmBuffer& buffer) {
  uint32_t picture = buffer.picture;
  if (picture != 0) control(card, drm::remove_picture, &picture);
  const drm::DestroyMemory memory = {buffer.memory};
  control(card, drm::destroy_memory, &memory);
}

int set_drm_mode(int card, uint32_t crtc, uint32_t connector, uint32_t picture,
                 std::span<const uint8_t, drm_mode_bytes> mode) {
  drm::Crtc request = {};
  request.crtc = crtc;
  request.picture = picture;
  request.connectors = reinterpret_cast<uint64_t>(&connector);
  request.connector_count = 1;
  request.mode_valid = 1;
  memcpy(&request.mode, mode.data(), mode.size());
  return std::min(control(card, drm::set_crtc, &request), 0);
}

int stop_drm_crtc(int card, uint32_t crtc) {
  drm::Crtc request = {};
  request.crtc = crtc;
  return std::min(control(card, drm::set_crtc, &request), 0);
}

int flip_drm(int card, uint32_t crtc, uint32_t picture) {
  drm::PageFlip request = {};
  request.crtc = crtc;
  request.picture = picture;
  request.flags = drm::flip_event;
  request.user_data = crtc;
  return std::min(control(card, drm::page_flip, &request), 0);
}

int take_drm_flips(int card, std::span<uint32_t> crtcs) {
  std::array<std::byte, 1024> events;
  ssize_t bytes;
  do bytes = read(card, events.data(), events.size());
  while (bytes < 0 && errno == EINTR);
  if (bytes < 0) return errno == EAGAIN ? 0 : -errno;
  int taken = 0;
  for (size_t at = 0; at + sizeof(drm::Event) <= static_cast<size_t>(bytes);) {
    drm::Event event;
    memcpy(&event, events.data() + at, sizeof event);
    if (event.length < sizeof event) break;
    if (event.type == drm::flip_complete && at + sizeof(drm::FlipEvent) <= events.size() &&
        static_cast<size_t>(taken) < crtcs.size()) {
      drm::FlipEvent flip;
      memcpy(&flip, events.data() + at, sizeof flip);
      crtcs[taken++] = static_cast<uint32_t>(flip.user_data);
    }
    at += event.length;
  }
  return taken;
}

int tell_drm_damage(int card, uint32_t picture, std::span<const DrmRectangle> rectangles) {
  std::vector<drm::Clip> clips;
  clips.reserve(rectangles.size());
  for (const DrmRectangle& one : rectangles)
    clips.push_back({one.left, one.top, one.right, one.bottom});
  drm::Damage request = {};
  request.picture = picture;
  request.count = static_cast<uint32_t>(clips.size());
  request.clips = address(clips);
  return std::min(control(card, drm::tell_damage, &request), 0);
}

}  // namespace bulkhead
