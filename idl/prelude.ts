/** The names that every definition knows without an import, in the language itself. */

/** Shown as the place of a built-in definition. */
export const preludePath = "(built in)";

/**
 * The vocabulary of Resea and of C. Sizes and addresses are 64 bits wide and numbers in TypeScript, which are exact
 * to 2^53; registers use all 64 bits. The frames are those of x86-64.
 */
export const prelude = `
type int = int32;
type uint = uint32;
type short = int16;
type long = int64;
type float = float32;
type double = float64;

/// Bytes; as a session argument it also takes texts such as "128K".
type size = uint64;
/// Distance from a start, in the unit of its context.
type offset = uint64;
/// An address in the caller's own dataspaces.
type vaddr = uint64;
type paddr = uint64;
/// A physical address of a guest.
type gpaddr = uint64;
/// Index of a task in the caller's own table; nobody else's table is reachable by it.
type task = int32;
/// An open object of the session that gave it out.
type handle = int32;
/// Bits: timer 1, IRQ 2, aborted 4, async 8.
type notifications = uint8;

/// Why a task ended or stopped.
enum exception_type : uint8 {
  GRACE_EXIT = 0,
  INVALID_MSG_FROM_PAGER = 1,
  INVALID_MEMORY_ACCESS = 2,
  INVALID_OP = 3,
  ABORTED_KERNEL_IPC = 4,
  HV_UNIMPLEMENTED = 5,
  HV_CRASHED = 6,
  HV_INVALID_STATE = 7,
}

/// Registers of an x86-64 thread at a system call.
struct trap_frame {
  fsbase: [bigint] uint64; gsbase: [bigint] uint64;
  rip: [bigint] uint64; rflags: [bigint] uint64;
  rax: [bigint] uint64; rbx: [bigint] uint64; rbp: [bigint] uint64;
  rdx: [bigint] uint64; rdi: [bigint] uint64; rsi: [bigint] uint64;
  r8: [bigint] uint64; r9: [bigint] uint64; r10: [bigint] uint64; r12: [bigint] uint64;
  r13: [bigint] uint64; r14: [bigint] uint64; r15: [bigint] uint64; rsp: [bigint] uint64;
}

/// Registers of an x86-64 guest at an exit to its hypervisor.
struct hv_frame {
  rax: [bigint] uint64; rbx: [bigint] uint64; rcx: [bigint] uint64; rdx: [bigint] uint64;
  rsi: [bigint] uint64; rdi: [bigint] uint64; rbp: [bigint] uint64;
  r8: [bigint] uint64; r9: [bigint] uint64; r10: [bigint] uint64; r11: [bigint] uint64;
  r12: [bigint] uint64; r13: [bigint] uint64; r14: [bigint] uint64; r15: [bigint] uint64;
  rip: [bigint] uint64; cr3: [bigint] uint64;
  /// Bytes of the instruction that caused the exit.
  inst_len: uint8;
}
`;
