// Native objects behind plain integers: a call with an integer costs a quarter of one on a wrapped
// object.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace bulkhead {

// A handle is a slot number and the slot's generation, so that a closed handle never reaches its
// successor. One table per thread: a handle belongs to the JavaScript thread that opened it.
template <typename Object>
class HandleTable {
 public:
  uint32_t add(std::unique_ptr<Object> object) {
    for (uint32_t slot = 0; slot < entries_.size(); ++slot) {
      if (entries_[slot].object == nullptr) {
        entries_[slot].object = std::move(object);
        return handle(slot);
      }
    }
    entries_.push_back({std::move(object), 1});
    return handle(static_cast<uint32_t>(entries_.size() - 1));
  }

  // Null when the handle was closed, or never opened.
  Object* find(uint32_t handle) const {
    const uint32_t slot = handle & slot_mask;
    if (slot >= entries_.size() || entries_[slot].generation != handle >> slot_bits) return nullptr;
    return entries_[slot].object.get();
  }

  std::unique_ptr<Object> remove(uint32_t handle) {
    if (find(handle) == nullptr) return nullptr;
    Entry& entry = entries_[handle & slot_mask];
    entry.generation = (entry.generation + 1) & generation_mask;
    return std::move(entry.object);
  }

 private:
  static constexpr uint32_t slot_bits = 12;
  static constexpr uint32_t slot_mask = (1u << slot_bits) - 1;
  static constexpr uint32_t generation_mask = 0xfffff;

  struct Entry {
    std::unique_ptr<Object> object;
    uint32_t generation;
  };

  uint32_t handle(uint32_t slot) const { return entries_[slot].generation << slot_bits | slot; }

  std::vector<Entry> entries_;
};

}  // namespace bulkhead
