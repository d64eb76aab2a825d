// Received breaks and damaged characters, as a terminal with LineSettings::marks delivers them
// within the bytes: FF FF is the character FF, FF 00 00 a break (or the damaged character 00: the
// kernel writes both alike), FF 00 X the character X that came with a wrong parity or stop bit.
// Anything else stands for itself.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bulkhead {

enum class MarkKind : uint32_t {
  line_break = 1,  // before the character at `position`
  damaged = 2,     // the character at `position`
};

// Two words.
struct Mark {
  uint32_t position;  // in this call's output
  MarkKind kind;
};
static_assert(sizeof(Mark) == 8);

// A mark may be cut anywhere by the end of a read, so a decoder carries what it has not understood
// yet.
class MarkDecoder {
 public:
  enum class State : uint32_t { plain = 0, after_mark = 1, after_zero = 2 };

  explicit MarkDecoder(State state = State::plain) : state_(state) {}
  State state() const { return state_; }

  static constexpr size_t output_room(size_t input) { return input + 1; }
  static constexpr size_t mark_room(size_t input) { return (input + 2) / 3; }

  // Decodes all of `input`. `output` has room for output_room(length) bytes, `marks` for
  // mark_room(length).
  void decode(const uint8_t* input, size_t length, uint8_t* output, Mark* marks) {
    written_ = 0;
    marked_ = 0;
    for (size_t index = 0; index < length; ++index) step(input[index], output, marks);
  }

  // At the end of the line: a mark that was never completed is what it is, one or two bytes of
  // data.
  void finish(uint8_t* output) {
    written_ = 0;
    marked_ = 0;
    if (state_ != State::plain) output[written_++] = mark;
    if (state_ == State::after_zero) output[written_++] = 0;
    state_ = State::plain;
  }

  // Of the last call.
  size_t written() const { return written_; }
  size_t marked() const { return marked_; }

 private:
  static constexpr uint8_t mark = 0xff;

  void step(uint8_t byte, uint8_t* output, Mark* marks) {
    switch (state_) {
      case State::plain:
        if (byte == mark) {
          state_ = State::after_mark;
        } else {
          output[written_++] = byte;
        }
        return;
      case State::after_mark:
        if (byte == 0) {
          state_ = State::after_zero;
          return;
        }
        // No terminal sends FF before anything but FF and 00; if one does, nothing is lost.
        output[written_++] = mark;
        if (byte != mark) output[written_++] = byte;
        state_ = State::plain;
        return;
      case State::after_zero:
        marks[marked_++] = {static_cast<uint32_t>(written_),
                            byte == 0 ? MarkKind::line_break : MarkKind::damaged};
        if (byte != 0) output[written_++] = byte;
        state_ = State::plain;
        return;
    }
  }

  State state_;
  size_t written_ = 0;
  size_t marked_ = 0;
};

}  // namespace bulkhead
