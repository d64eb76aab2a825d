/** Reads requests and writes answers in the layout of protocol.h. */
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "protocol.h"

namespace bulkhead::spawn {

/**
 * Takes numbers and strings from a packet. A short or wrong packet makes `valid()` false and every
 * later value 0 or "": the caller decodes everything first and looks once.
 * Strings point into the packet, which must outlive them.
 */
class Reader {
 public:
  explicit Reader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  uint32_t u32() { return number<uint32_t>(); }
  uint64_t u64() { return number<uint64_t>(); }
  int32_t i32() { return number<int32_t>(); }

  const char* string() {
    const uint32_t length = u32();
    // "<" and not "<=": the closing zero byte must be there as well.
    if (!valid_ || !(length < bytes_.size()) || bytes_[length] != 0 ||
        memchr(bytes_.data(), 0, length) != nullptr) {
      valid_ = false;
      return "";
    }
    const char* text = reinterpret_cast<const char*>(bytes_.data());
    bytes_ = bytes_.subspan(length + 1);
    return text;
  }

  /** The number of items of a list, at most `limit`. */
  uint32_t count(size_t limit) {
    const uint32_t items = u32();
    if (items > limit) valid_ = false;
    return valid_ ? items : 0;
  }

  bool valid() const { return valid_; }
  /** True when every byte was understood. */
  bool complete() const { return valid_ && bytes_.empty(); }
  void reject() { valid_ = false; }

 private:
  template <typename Number>
  Number number() {
    Number value{};
    if (!valid_ || bytes_.size() < sizeof value) {
      valid_ = false;
      return value;
    }
    memcpy(&value, bytes_.data(), sizeof value);
    bytes_ = bytes_.subspan(sizeof value);
    return value;
  }

  std::span<const uint8_t> bytes_;
  bool valid_ = true;
};

/** Builds one answer; texts that do not fit are cut. */
class Writer {
 public:
  Writer(Message type, uint32_t sequence, uint32_t component) {
    u32(static_cast<uint32_t>(type));
    u32(sequence);
    u32(component);
  }

  void u32(uint32_t value) { append(&value, sizeof value); }
  void u64(uint64_t value) { append(&value, sizeof value); }
  void i32(int32_t value) { append(&value, sizeof value); }
  void string(const char* text) {
    size_t length = strlen(text);
    const size_t room = sizeof bytes_ - length_ - sizeof(uint32_t) - 1;
    if (length > room) length = room;
    u32(static_cast<uint32_t>(length));
    append(text, length);
    append("", 1);
  }

  std::span<const uint8_t> bytes() const { return {bytes_, length_}; }

 private:
  void append(const void* from, size_t length) {
    if (length > sizeof bytes_ - length_) return;
    memcpy(bytes_ + length_, from, length);
    length_ += length;
  }

  uint8_t bytes_[4096];
  size_t length_ = 0;
};

}  // namespace bulkhead::spawn
