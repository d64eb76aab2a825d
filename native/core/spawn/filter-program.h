/** Assembles a seccomp program: one block a system call, every other call gets the last answer. */
#pragma once

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace bulkhead::spawn {

/**
 * Order is cost for calls with checked arguments only: the kernel (5.11 on) remembers, by number,
 * the calls that are allowed whatever their arguments. Arguments are compared by their low 32 bits,
 * which is all that the kernel itself reads of an int.
 */
class FilterProgram {
 public:
  FilterProgram() {
    load(offsetof(seccomp_data, arch));
#if defined(__x86_64__)
    append(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
#elif defined(__aarch64__)
    append(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_AARCH64, 1, 0);
#else
#error "The system-call filters know x86-64 and arm64 alone"
#endif
    answer(SECCOMP_RET_KILL_PROCESS);
    load(offsetof(seccomp_data, nr));
#if defined(__x86_64__)
    // The x32 numbers are a second set of entries to the same calls.
    append(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1);
    answer(SECCOMP_RET_KILL_PROCESS);
#endif
  }

  void allow(int call) { decide(call, SECCOMP_RET_ALLOW); }
  void end_process(int call) { decide(call, SECCOMP_RET_KILL_PROCESS); }
  void refuse(int call, int error) { decide(call, refusal(error)); }

  /** Allows the call when argument number `argument` is one of `values`; else it fails with
   * `error`. */
  void allow_values(int call, unsigned argument, std::initializer_list<uint32_t> values,
                    int error) {
    decide_values(call, argument, values, refusal(error), SECCOMP_RET_ALLOW);
  }

  /** Allows the call except when argument number `argument` is one of `values`. */
  void refuse_values(int call, unsigned argument, std::initializer_list<uint32_t> values,
                     int error) {
    decide_values(call, argument, values, SECCOMP_RET_ALLOW, refusal(error));
  }

  /** Allows the call when `argument & mask` equals `value`. */
  void allow_masked(int call, unsigned argument, uint32_t mask, uint32_t value, int error) {
    append(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0, 5);
    load_argument(argument);
    append(BPF_ALU | BPF_AND | BPF_K, mask, 0, 0);
    append(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0);
    answer(refusal(error));
    answer(SECCOMP_RET_ALLOW);
  }

  /** Allows the call when the whole 64 bits of an argument (a pointer) are zero. */
  void allow_null(int call, unsigned argument, int error) {
    append(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0, 6);
    load_argument(argument);
    append(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2);
    load(argument_offset(argument) + 4);
    append(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
    answer(refusal(error));
    answer(SECCOMP_RET_ALLOW);
  }

  /** Closes the program with EPERM for every call not named, and installs it; 0 or -errno. */
  int install(unsigned flags) {
    answer(refusal(EPERM));
    if (overflow_) return -E2BIG;
    const sock_fprog program{length_, instructions_};
    const long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
    // With TSYNC a positive result is the thread that could not follow.
    return result < 0 ? -errno : result > 0 ? -ESRCH : 0;
  }

 private:
  static constexpr uint32_t refusal(int error) {
    return SECCOMP_RET_ERRNO | static_cast<uint32_t>(error);
  }
  static constexpr uint32_t argument_offset(unsigned argument) {
    // Both supported processors are little-endian: the low half comes first.
    return static_cast<uint32_t>(offsetof(seccomp_data, args) + argument * sizeof(uint64_t));
  }
  void decide(int call, uint32_t action) {
    append(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0, 1);
    answer(action);
  }
  void decide_values(int call, unsigned argument, std::initializer_list<uint32_t> values,
                     uint32_t for_others, uint32_t for_values) {
    const auto count = static_cast<uint8_t>(values.size());
    append(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0,
           static_cast<uint8_t>(count + 3));
    load_argument(argument);
    uint8_t left = count;
    // Each match jumps over the comparisons after it and over the answer for the others.
    for (const uint32_t value : values) append(BPF_JMP | BPF_JEQ | BPF_K, value, left--, 0);
    answer(for_others);
    answer(for_values);
  }
  void load(uint32_t offset) { append(BPF_LD | BPF_W | BPF_ABS, offset, 0, 0); }
  void load_argument(unsigned argument) { load(argument_offset(argument)); }
  void answer(uint32_t action) { append(BPF_RET | BPF_K, action, 0, 0); }
  void append(uint16_t code, uint32_t operand, uint8_t if_true, uint8_t if_false) {
    if (length_ == sizeof instructions_ / sizeof *instructions_) {
      overflow_ = true;
      return;
    }
    instructions_[length_++] = {code, if_true, if_false, operand};
  }

  sock_filter instructions_[1024];
  uint16_t length_ = 0;
  bool overflow_ = false;
};

}  // namespace bulkhead::spawn
