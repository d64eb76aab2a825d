// Generated from resea.idl. Do not edit: change the definition and run "bulkhead idl gen".
import { SessionError } from "../../base/errors.js";
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Reader, Writer } from "../../base/message.js";
import { s } from "../../base/schema.js";

/** Why a task ended or stopped. */
export const ExceptionType = {
  GRACE_EXIT: 0,
  INVALID_MSG_FROM_PAGER: 1,
  INVALID_MEMORY_ACCESS: 2,
  INVALID_OP: 3,
  ABORTED_KERNEL_IPC: 4,
  HV_UNIMPLEMENTED: 5,
  HV_CRASHED: 6,
  HV_INVALID_STATE: 7,
} as const;
export type ExceptionType = (typeof ExceptionType)[keyof typeof ExceptionType];

export function isExceptionType(value: number): value is ExceptionType {
  switch (value) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
    case 7:
      return true;
    default:
      return false;
  }
}

export function writeExceptionType(writer: Writer, value: ExceptionType): void {
  if (!isExceptionType(value)) throw new SessionError("InvalidArgument", `Cannot encode ${String(value)} as exception_type`);
  writer.u8(value);
}

export function readExceptionType(reader: Reader): ExceptionType {
  const value = reader.u8();
  if (!isExceptionType(value)) throw new SessionError("Malformed", `exception_type has no item ${value}`);
  return value;
}

/** Registers of an x86-64 thread at a system call. */
export interface TrapFrame {
  readonly fsbase: bigint;
  readonly gsbase: bigint;
  readonly rip: bigint;
  readonly rflags: bigint;
  readonly rax: bigint;
  readonly rbx: bigint;
  readonly rbp: bigint;
  readonly rdx: bigint;
  readonly rdi: bigint;
  readonly rsi: bigint;
  readonly r8: bigint;
  readonly r9: bigint;
  readonly r10: bigint;
  readonly r12: bigint;
  readonly r13: bigint;
  readonly r14: bigint;
  readonly r15: bigint;
  readonly rsp: bigint;
}

export function writeTrapFrame(writer: Writer, value: TrapFrame): void {
  writer.bigU64(value.fsbase);
  writer.bigU64(value.gsbase);
  writer.bigU64(value.rip);
  writer.bigU64(value.rflags);
  writer.bigU64(value.rax);
  writer.bigU64(value.rbx);
  writer.bigU64(value.rbp);
  writer.bigU64(value.rdx);
  writer.bigU64(value.rdi);
  writer.bigU64(value.rsi);
  writer.bigU64(value.r8);
  writer.bigU64(value.r9);
  writer.bigU64(value.r10);
  writer.bigU64(value.r12);
  writer.bigU64(value.r13);
  writer.bigU64(value.r14);
  writer.bigU64(value.r15);
  writer.bigU64(value.rsp);
}

export function readTrapFrame(reader: Reader): TrapFrame {
  return { fsbase: reader.bigU64(), gsbase: reader.bigU64(), rip: reader.bigU64(), rflags: reader.bigU64(), rax: reader.bigU64(), rbx: reader.bigU64(), rbp: reader.bigU64(), rdx: reader.bigU64(), rdi: reader.bigU64(), rsi: reader.bigU64(), r8: reader.bigU64(), r9: reader.bigU64(), r10: reader.bigU64(), r12: reader.bigU64(), r13: reader.bigU64(), r14: reader.bigU64(), r15: reader.bigU64(), rsp: reader.bigU64() };
}

/** Registers of an x86-64 guest at an exit to its hypervisor. */
export interface HvFrame {
  readonly rax: bigint;
  readonly rbx: bigint;
  readonly rcx: bigint;
  readonly rdx: bigint;
  readonly rsi: bigint;
  readonly rdi: bigint;
  readonly rbp: bigint;
  readonly r8: bigint;
  readonly r9: bigint;
  readonly r10: bigint;
  readonly r11: bigint;
  readonly r12: bigint;
  readonly r13: bigint;
  readonly r14: bigint;
  readonly r15: bigint;
  readonly rip: bigint;
  readonly cr3: bigint;
  /** Bytes of the instruction that caused the exit. */
  readonly instLen: number;
}

export function writeHvFrame(writer: Writer, value: HvFrame): void {
  writer.bigU64(value.rax);
  writer.bigU64(value.rbx);
  writer.bigU64(value.rcx);
  writer.bigU64(value.rdx);
  writer.bigU64(value.rsi);
  writer.bigU64(value.rdi);
  writer.bigU64(value.rbp);
  writer.bigU64(value.r8);
  writer.bigU64(value.r9);
  writer.bigU64(value.r10);
  writer.bigU64(value.r11);
  writer.bigU64(value.r12);
  writer.bigU64(value.r13);
  writer.bigU64(value.r14);
  writer.bigU64(value.r15);
  writer.bigU64(value.rip);
  writer.bigU64(value.cr3);
  writer.u8(value.instLen);
}

export function readHvFrame(reader: Reader): HvFrame {
  return { rax: reader.bigU64(), rbx: reader.bigU64(), rcx: reader.bigU64(), rdx: reader.bigU64(), rsi: reader.bigU64(), rdi: reader.bigU64(), rbp: reader.bigU64(), r8: reader.bigU64(), r9: reader.bigU64(), r10: reader.bigU64(), r11: reader.bigU64(), r12: reader.bigU64(), r13: reader.bigU64(), r14: reader.bigU64(), r15: reader.bigU64(), rip: reader.bigU64(), cr3: reader.bigU64(), instLen: reader.u8() };
}

export const AbiHookType = {
  INITIAL: 1,
  SYSCALL: 2,
} as const;
export type AbiHookType = (typeof AbiHookType)[keyof typeof AbiHookType];

export function isAbiHookType(value: number): value is AbiHookType {
  switch (value) {
    case 1:
    case 2:
      return true;
    default:
      return false;
  }
}

export function writeAbiHookType(writer: Writer, value: AbiHookType): void {
  if (!isAbiHookType(value)) throw new SessionError("InvalidArgument", `Cannot encode ${String(value)} as abi_hook_type`);
  writer.u32(value);
}

export function readAbiHookType(reader: Reader): AbiHookType {
  const value = reader.u32();
  if (!isAbiHookType(value)) throw new SessionError("Malformed", `abi_hook_type has no item ${value}`);
  return value;
}

const globalErrors: readonly string[] = [];
const hvErrors: readonly string[] = [];
const benchmarkErrors: readonly string[] = [];
const vmErrors: readonly string[] = [];
const discoveryErrors: readonly string[] = [];
const taskErrors: readonly string[] = [];
const oolErrors: readonly string[] = [];
const fsErrors: readonly string[] = [];
const blkErrors: readonly string[] = [];
const netErrors: readonly string[] = [];
const rtcErrors: readonly string[] = [];
const timeErrors: readonly string[] = [];
const shmErrors: readonly string[] = [];
const shmTestErrors: readonly string[] = [];

export type GlobalArgs = Record<string, never>;

/**
 * A session of the service Global, as its client sees it.
 * Operations outside every namespace.
 */
export interface GlobalClient {
  /** A notification message: what happened since the last one, as bits. */
  notifications(data: number, options?: CallOptions): Promise<void>;
  /** Asks for the next pending asynchronous message. */
  async(options?: CallOptions): Promise<void>;
  /** Stands for a message that cannot be understood. */
  invalid(options?: CallOptions): Promise<void>;
  /** Tells a pager that one of its tasks ended or stopped. */
  exception(task: number, exception: ExceptionType, options?: CallOptions): Promise<void>;
  /** Asks a pager to make the page at `vaddr` present; the task goes on when it replies. */
  pageFault(task: number, vaddr: number, ip: number, fault: number, options?: CallOptions): Promise<void>;
  /** Hands a system call of a task to its server, which returns the registers to go on with. */
  abiHook(task: number, type: number, frame: TrapFrame, options?: CallOptions): Promise<TrapFrame>;
}

/** What a server of Global implements; a handler answers at once or with a promise. */
export interface GlobalHandlers {
  /** A notification message: what happened since the last one, as bits. */
  notifications(data: number, call: Call): void | Promise<void>;
  /** Asks for the next pending asynchronous message. */
  async(call: Call): void | Promise<void>;
  /** Stands for a message that cannot be understood. */
  invalid(call: Call): void | Promise<void>;
  /** Tells a pager that one of its tasks ended or stopped. */
  exception(task: number, exception: ExceptionType, call: Call): void | Promise<void>;
  /** Asks a pager to make the page at `vaddr` present; the task goes on when it replies. */
  pageFault(task: number, vaddr: number, ip: number, fault: number, call: Call): void | Promise<void>;
  /** Hands a system call of a task to its server, which returns the registers to go on with. */
  abiHook(task: number, type: number, frame: TrapFrame, call: Call): TrapFrame | Promise<TrapFrame>;
}

function decodeGlobalPageFaultReply(reader: Reader): void {
  reader.end();
}

function decodeGlobalAbiHookReply(reader: Reader): TrapFrame {
  const result = readTrapFrame(reader);
  reader.end();
  return result;
}

class GlobalProxy implements GlobalClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  notifications(data: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(0);
      writer.u8(data);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.send(options);
  }

  async(options?: CallOptions): Promise<void> {
    this.#port.begin(1);
    return this.#port.send(options);
  }

  invalid(options?: CallOptions): Promise<void> {
    this.#port.begin(2);
    return this.#port.send(options);
  }

  exception(task: number, exception: ExceptionType, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(3);
      writer.i32(task);
      writeExceptionType(writer, exception);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.send(options);
  }

  pageFault(task: number, vaddr: number, ip: number, fault: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(4);
      writer.i32(task);
      writer.u64(vaddr);
      writer.u64(ip);
      writer.u32(fault);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(globalErrors, 0, decodeGlobalPageFaultReply, options);
  }

  abiHook(task: number, type: number, frame: TrapFrame, options?: CallOptions): Promise<TrapFrame> {
    try {
      const writer = this.#port.begin(5);
      writer.i32(task);
      writer.i32(type);
      writeTrapFrame(writer, frame);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(globalErrors, 144, decodeGlobalAbiHookReply, options);
  }
}

/** Operations outside every namespace. */
export const Global: Interface<GlobalClient, GlobalHandlers, GlobalArgs> = {
  name: "Global",
  version: 1,
  ramQuota: 0,
  capQuota: 0,
  args: s.object({}),
  errors: globalErrors,
  signals: [],
  operations: new Map<number, Operation<GlobalHandlers>>([
    [0, {
      opcode: 0,
      name: "notifications",
      kind: "oneway",
      requestBytes: 1,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const data = reader.u8();
        reader.end();
        return handlers.notifications(data, call);
      },
    }],
    [1, {
      opcode: 1,
      name: "async",
      kind: "oneway",
      requestBytes: 0,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.async(call);
      },
    }],
    [2, {
      opcode: 2,
      name: "invalid",
      kind: "oneway",
      requestBytes: 0,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.invalid(call);
      },
    }],
    [3, {
      opcode: 3,
      name: "exception",
      kind: "oneway",
      requestBytes: 5,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const task = reader.i32();
        const exception = readExceptionType(reader);
        reader.end();
        return handlers.exception(task, exception, call);
      },
    }],
    [4, {
      opcode: 4,
      name: "pageFault",
      kind: "call",
      requestBytes: 24,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const task = reader.i32();
        const vaddr = reader.u64();
        const ip = reader.u64();
        const fault = reader.u32();
        reader.end();
        return handlers.pageFault(task, vaddr, ip, fault, call);
      },
    }],
    [5, {
      opcode: 5,
      name: "abiHook",
      kind: "call",
      requestBytes: 152,
      replyBytes: 144,
      invoke(handlers, reader, call) {
        const task = reader.i32();
        const type = reader.i32();
        const frame = readTrapFrame(reader);
        reader.end();
        return handlers.abiHook(task, type, frame, call);
      },
      encodeReply(writer, result: TrapFrame) {
        writeTrapFrame(writer, result);
      },
    }],
  ]),
  client: (port) => new GlobalProxy(port),
};

export type HvArgs = Record<string, never>;

/**
 * A session of the service Hv, as its client sees it.
 * A hypervisor for one guest.
 */
export interface HvClient {
  /** Asks for the state in which an x86-64 guest begins. */
  x64Start(task: number, options?: CallOptions): Promise<{ readonly guestRip: number; readonly eptPml4: number; readonly initialRbx: number }>;
  /** The guest waits for an interrupt. */
  halt(task: number, options?: CallOptions): Promise<void>;
  /** The guest touched physical memory that is not there. */
  guestPageFault(task: number, gpaddr: number, frame: HvFrame, options?: CallOptions): Promise<HvFrame>;
  /** The guest reads an I/O port. */
  ioportRead(task: number, port: number, size: number, options?: CallOptions): Promise<number>;
  /** The guest writes an I/O port. */
  ioportWrite(task: number, port: number, size: number, value: number, options?: CallOptions): Promise<void>;
  /** Waits for an event of the guest. */
  await(task: number, options?: CallOptions): Promise<void>;
  /** Raises interrupts in the guest, one a bit. */
  injectIrq(irqBitmap: number, options?: CallOptions): Promise<void>;
}

/** What a server of Hv implements; a handler answers at once or with a promise. */
export interface HvHandlers {
  /** Asks for the state in which an x86-64 guest begins. */
  x64Start(task: number, call: Call): { readonly guestRip: number; readonly eptPml4: number; readonly initialRbx: number } | Promise<{ readonly guestRip: number; readonly eptPml4: number; readonly initialRbx: number }>;
  /** The guest waits for an interrupt. */
  halt(task: number, call: Call): void | Promise<void>;
  /** The guest touched physical memory that is not there. */
  guestPageFault(task: number, gpaddr: number, frame: HvFrame, call: Call): HvFrame | Promise<HvFrame>;
  /** The guest reads an I/O port. */
  ioportRead(task: number, port: number, size: number, call: Call): number | Promise<number>;
  /** The guest writes an I/O port. */
  ioportWrite(task: number, port: number, size: number, value: number, call: Call): void | Promise<void>;
  /** Waits for an event of the guest. */
  await(task: number, call: Call): void | Promise<void>;
  /** Raises interrupts in the guest, one a bit. */
  injectIrq(irqBitmap: number, call: Call): void | Promise<void>;
}

function decodeHvX64StartReply(reader: Reader): { readonly guestRip: number; readonly eptPml4: number; readonly initialRbx: number } {
  const result = { guestRip: reader.u64(), eptPml4: reader.u64(), initialRbx: reader.u64() };
  reader.end();
  return result;
}

function decodeHvHaltReply(reader: Reader): void {
  reader.end();
}

function decodeHvGuestPageFaultReply(reader: Reader): HvFrame {
  const result = readHvFrame(reader);
  reader.end();
  return result;
}

function decodeHvIoportReadReply(reader: Reader): number {
  const result = reader.u32();
  reader.end();
  return result;
}

function decodeHvIoportWriteReply(reader: Reader): void {
  reader.end();
}

class HvProxy implements HvClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  x64Start(task: number, options?: CallOptions): Promise<{ readonly guestRip: number; readonly eptPml4: number; readonly initialRbx: number }> {
    try {
      const writer = this.#port.begin(0);
      writer.i32(task);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(hvErrors, 24, decodeHvX64StartReply, options);
  }

  halt(task: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(1);
      writer.i32(task);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(hvErrors, 0, decodeHvHaltReply, options);
  }

  guestPageFault(task: number, gpaddr: number, frame: HvFrame, options?: CallOptions): Promise<HvFrame> {
    try {
      const writer = this.#port.begin(2);
      writer.i32(task);
      writer.u64(gpaddr);
      writeHvFrame(writer, frame);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(hvErrors, 137, decodeHvGuestPageFaultReply, options);
  }

  ioportRead(task: number, port: number, size: number, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(3);
      writer.i32(task);
      writer.u16(port);
      writer.u64(size);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(hvErrors, 4, decodeHvIoportReadReply, options);
  }

  ioportWrite(task: number, port: number, size: number, value: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(4);
      writer.i32(task);
      writer.u16(port);
      writer.u64(size);
      writer.u32(value);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(hvErrors, 0, decodeHvIoportWriteReply, options);
  }

  await(task: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(5);
      writer.i32(task);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.send(options);
  }

  injectIrq(irqBitmap: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(6);
      writer.u32(irqBitmap);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.send(options);
  }
}

/** A hypervisor for one guest. */
export const Hv: Interface<HvClient, HvHandlers, HvArgs> = {
  name: "Hv",
  version: 1,
  ramQuota: 0,
  capQuota: 0,
  args: s.object({}),
  errors: hvErrors,
  signals: [],
  operations: new Map<number, Operation<HvHandlers>>([
    [0, {
      opcode: 0,
      name: "x64Start",
      kind: "call",
      requestBytes: 4,
      replyBytes: 24,
      invoke(handlers, reader, call) {
        const task = reader.i32();
        reader.end();
        return handlers.x64Start(task, call);
      },
      encodeReply(writer, result: { readonly guestRip: number; readonly eptPml4: number; readonly initialRbx: number }) {
        writer.u64(result.guestRip);
        writer.u64(result.eptPml4);
        writer.u64(result.initialRbx);
      },
    }],
    [1, {
      opcode: 1,
      name: "halt",
      kind: "call",
      requestBytes: 4,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const task = reader.i32();
        reader.end();
        return handlers.halt(task, call);
      },
    }],
    [2, {
      opcode: 2,
      name: "guestPageFault",
      kind: "call",
      requestBytes: 149,
      replyBytes: 137,
      invoke(handlers, reader, call) {
        const task = reader.i32();
        const gpaddr = reader.u64();
        const frame = readHvFrame(reader);
        reader.end();
        return handlers.guestPageFault(task, gpaddr, frame, call);
      },
      encodeReply(writer, result: HvFrame) {
        writeHvFrame(writer, result);
      },
    }],
    [3, {
      opcode: 3,
      name: "ioportRead",
      kind: "call",
      requestBytes: 14,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        const task = reader.i32();
        const port = reader.u16();
        const size = reader.u64();
        reader.end();
        return handlers.ioportRead(task, port, size, call);
      },
      encodeReply(writer, result: number) {
        writer.u32(result);
      },
    }],
    [4, {
      opcode: 4,
      name: "ioportWrite",
      kind: "call",
      requestBytes: 18,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const task = reader.i32();
        const port = reader.u16();
        const size = reader.u64();
        const value = reader.u32();
        reader.end();
        return handlers.ioportWrite(task, port, size, value, call);
      },
    }],
    [5, {
      opcode: 5,
      name: "await",
      kind: "oneway",
      requestBytes: 4,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const task = reader.i32();
        reader.end();
        return handlers.await(task, call);
      },
    }],
    [6, {
      opcode: 6,
      name: "injectIrq",
      kind: "oneway",
      requestBytes: 4,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const irqBitmap = reader.u32();
        reader.end();
        return handlers.injectIrq(irqBitmap, call);
      },
    }],
  ]),
  client: (port) => new HvProxy(port),
};

export type BenchmarkArgs = Record<string, never>;

/**
 * A session of the service Benchmark, as its client sees it.
 * What benchmarks call.
 */
export interface BenchmarkClient {
  /** Returns `value`. */
  nop(value: number, options?: CallOptions): Promise<number>;
  /** Returns `data`. */
  nopWithOol(data: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
}

/** What a server of Benchmark implements; a handler answers at once or with a promise. */
export interface BenchmarkHandlers {
  /** Returns `value`. */
  nop(value: number, call: Call): number | Promise<number>;
  /** Returns `data`. */
  nopWithOol(data: Uint8Array, call: Call): Uint8Array | Promise<Uint8Array>;
}

function decodeBenchmarkNopReply(reader: Reader): number {
  const result = reader.i32();
  reader.end();
  return result;
}

function decodeBenchmarkNopWithOolReply(reader: Reader): Uint8Array {
  const result = reader.data(896);
  reader.end();
  return result;
}

class BenchmarkProxy implements BenchmarkClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  nop(value: number, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(0);
      writer.i32(value);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(benchmarkErrors, 4, decodeBenchmarkNopReply, options);
  }

  nopWithOol(data: Uint8Array, options?: CallOptions): Promise<Uint8Array> {
    try {
      const writer = this.#port.begin(1);
      writer.data(data, 896);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(benchmarkErrors, 898, decodeBenchmarkNopWithOolReply, options);
  }
}

/** What benchmarks call. */
export const Benchmark: Interface<BenchmarkClient, BenchmarkHandlers, BenchmarkArgs> = {
  name: "Benchmark",
  version: 1,
  ramQuota: 0,
  capQuota: 0,
  args: s.object({}),
  errors: benchmarkErrors,
  signals: [],
  operations: new Map<number, Operation<BenchmarkHandlers>>([
    [0, {
      opcode: 0,
      name: "nop",
      kind: "call",
      requestBytes: 4,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        const value = reader.i32();
        reader.end();
        return handlers.nop(value, call);
      },
      encodeReply(writer, result: number) {
        writer.i32(result);
      },
    }],
    [1, {
      opcode: 1,
      name: "nopWithOol",
      kind: "call",
      requestBytes: 898,
      replyBytes: 898,
      invoke(handlers, reader, call) {
        const data = reader.data(896);
        reader.end();
        return handlers.nopWithOol(data, call);
      },
      encodeReply(writer, result: Uint8Array) {
        writer.data(result, 896);
      },
    }],
  ]),
  client: (port) => new BenchmarkProxy(port),
};

export type VmArgs = Record<string, never>;

/**
 * A session of the service Vm, as its client sees it.
 * Memory of a task.
 */
export interface VmClient {
  /** Allocates pages: those at `paddr`, or any when it is zero. */
  allocPages(numPages: number, paddr: number, options?: CallOptions): Promise<{ readonly vaddr: number; readonly paddr: number }>;
}

/** What a server of Vm implements; a handler answers at once or with a promise. */
export interface VmHandlers {
  /** Allocates pages: those at `paddr`, or any when it is zero. */
  allocPages(numPages: number, paddr: number, call: Call): { readonly vaddr: number; readonly paddr: number } | Promise<{ readonly vaddr: number; readonly paddr: number }>;
}

function decodeVmAllocPagesReply(reader: Reader): { readonly vaddr: number; readonly paddr: number } {
  const result = { vaddr: reader.u64(), paddr: reader.u64() };
  reader.end();
  return result;
}

class VmProxy implements VmClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  allocPages(numPages: number, paddr: number, options?: CallOptions): Promise<{ readonly vaddr: number; readonly paddr: number }> {
    try {
      const writer = this.#port.begin(0);
      writer.u64(numPages);
      writer.u64(paddr);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(vmErrors, 16, decodeVmAllocPagesReply, options);
  }
}

/** Memory of a task. */
export const Vm: Interface<VmClient, VmHandlers, VmArgs> = {
  name: "Vm",
  version: 1,
  ramQuota: 0,
  capQuota: 0,
  args: s.object({}),
  errors: vmErrors,
  signals: [],
  operations: new Map<number, Operation<VmHandlers>>([
    [0, {
      opcode: 0,
      name: "allocPages",
      kind: "call",
      requestBytes: 16,
      replyBytes: 16,
      invoke(handlers, reader, call) {
        const numPages = reader.u64();
        const paddr = reader.u64();
        reader.end();
        return handlers.allocPages(numPages, paddr, call);
      },
      encodeReply(writer, result: { readonly vaddr: number; readonly paddr: number }) {
        writer.u64(result.vaddr);
        writer.u64(result.paddr);
      },
    }],
  ]),
  client: (port) => new VmProxy(port),
};

export type DiscoveryArgs = Record<string, never>;

/**
 * A session of the service Discovery, as its client sees it.
 * Finds services by name.
 */
export interface DiscoveryClient {
  /** Announces a service. */
  serve(name: string, options?: CallOptions): Promise<void>;
  /** Waits until a service of this name is there. */
  lookup(name: string, options?: CallOptions): Promise<number>;
}

/** What a server of Discovery implements; a handler answers at once or with a promise. */
export interface DiscoveryHandlers {
  /** Announces a service. */
  serve(name: string, call: Call): void | Promise<void>;
  /** Waits until a service of this name is there. */
  lookup(name: string, call: Call): number | Promise<number>;
}

function decodeDiscoveryServeReply(reader: Reader): void {
  reader.end();
}

function decodeDiscoveryLookupReply(reader: Reader): number {
  const result = reader.i32();
  reader.end();
  return result;
}

class DiscoveryProxy implements DiscoveryClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  serve(name: string, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(0);
      writer.str(name, 256);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(discoveryErrors, 0, decodeDiscoveryServeReply, options);
  }

  lookup(name: string, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(1);
      writer.str(name, 256);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(discoveryErrors, 4, decodeDiscoveryLookupReply, options);
  }
}

/** Finds services by name. */
export const Discovery: Interface<DiscoveryClient, DiscoveryHandlers, DiscoveryArgs> = {
  name: "Discovery",
  version: 1,
  ramQuota: 0,
  capQuota: 0,
  args: s.object({}),
  errors: discoveryErrors,
  signals: [],
  operations: new Map<number, Operation<DiscoveryHandlers>>([
    [0, {
      opcode: 0,
      name: "serve",
      kind: "call",
      requestBytes: 258,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const name = reader.str(256);
        reader.end();
        return handlers.serve(name, call);
      },
    }],
    [1, {
      opcode: 1,
      name: "lookup",
      kind: "call",
      requestBytes: 258,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        const name = reader.str(256);
        reader.end();
        return handlers.lookup(name, call);
      },
      encodeReply(writer, result: number) {
        writer.i32(result);
      },
    }],
  ]),
  client: (port) => new DiscoveryProxy(port),
};

export type TaskArgs = Record<string, never>;

/**
 * A session of the service Task, as its client sees it.
 * Starts and watches tasks.
 */
export interface TaskClient {
  /** Reserves an unused task. */
  alloc(pager: number, options?: CallOptions): Promise<number>;
  /** Gives a task back. */
  free(task: number, options?: CallOptions): Promise<void>;
  /** Starts a program: its name, then its arguments. */
  launch(nameAndCmdline: string, options?: CallOptions): Promise<number>;
  /** From now on the caller is told when `task` exits. */
  watch(task: number, options?: CallOptions): Promise<void>;
  /** Ends a watch. */
  unwatch(task: number, options?: CallOptions): Promise<void>;
  /** Tells a watcher that a task exited. */
  exited(task: number, options?: CallOptions): Promise<void>;
}

/** What a server of Task implements; a handler answers at once or with a promise. */
export interface TaskHandlers {
  /** Reserves an unused task. */
  alloc(pager: number, call: Call): number | Promise<number>;
  /** Gives a task back. */
  free(task: number, call: Call): void | Promise<void>;
  /** Starts a program: its name, then its arguments. */
  launch(nameAndCmdline: string, call: Call): number | Promise<number>;
  /** From now on the caller is told when `task` exits. */
  watch(task: number, call: Call): void | Promise<void>;
  /** Ends a watch. */
  unwatch(task: number, call: Call): void | Promise<void>;
  /** Tells a watcher that a task exited. */
  exited(task: number, call: Call): void | Promise<void>;
}

function decodeTaskAllocReply(reader: Reader): number {
  const result = reader.i32();
  reader.end();
  return result;
}

function decodeTaskFreeReply(reader: Reader): void {
  reader.end();
}

function decodeTaskLaunchReply(reader: Reader): number {
  const result = reader.i32();
  reader.end();
  return result;
}

function decodeTaskWatchReply(reader: Reader): void {
  reader.end();
}

function decodeTaskUnwatchReply(reader: Reader): void {
  reader.end();
}

class TaskProxy implements TaskClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  alloc(pager: number, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(0);
      writer.i32(pager);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(taskErrors, 4, decodeTaskAllocReply, options);
  }

  free(task: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(1);
      writer.i32(task);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(taskErrors, 0, decodeTaskFreeReply, options);
  }

  launch(nameAndCmdline: string, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(2);
      writer.str(nameAndCmdline, 256);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(taskErrors, 4, decodeTaskLaunchReply, options);
  }

  watch(task: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(3);
      writer.i32(task);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(taskErrors, 0, decodeTaskWatchReply, options);
  }

  unwatch(task: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(4);
      writer.i32(task);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(taskErrors, 0, decodeTaskUnwatchReply, options);
  }

  exited(task: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(5);
      writer.i32(task);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.send(options);
  }
}

/** Starts and watches tasks. */
export const Task: Interface<TaskClient, TaskHandlers, TaskArgs> = {
  name: "Task",
  version: 1,
  ramQuota: 0,
  capQuota: 0,
  args: s.object({}),
  errors: taskErrors,
  signals: [],
  operations: new Map<number, Operation<TaskHandlers>>([
    [0, {
      opcode: 0,
      name: "alloc",
      kind: "call",
      requestBytes: 4,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        const pager = reader.i32();
        reader.end();
        return handlers.alloc(pager, call);
      },
      encodeReply(writer, result: number) {
        writer.i32(result);
      },
    }],
    [1, {
      opcode: 1,
      name: "free",
      kind: "call",
      requestBytes: 4,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const task = reader.i32();
        reader.end();
        return handlers.free(task, call);
      },
    }],
    [2, {
      opcode: 2,
      name: "launch",
      kind: "call",
      requestBytes: 258,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        const nameAndCmdline = reader.str(256);
        reader.end();
        return handlers.launch(nameAndCmdline, call);
      },
      encodeReply(writer, result: number) {
        writer.i32(result);
      },
    }],
    [3, {
      opcode: 3,
      name: "watch",
      kind: "call",
      requestBytes: 4,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const task = reader.i32();
        reader.end();
        return handlers.watch(task, call);
      },
    }],
    [4, {
      opcode: 4,
      name: "unwatch",
      kind: "call",
      requestBytes: 4,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const task = reader.i32();
        reader.end();
        return handlers.unwatch(task, call);
      },
    }],
    [5, {
      opcode: 5,
      name: "exited",
      kind: "oneway",
      requestBytes: 4,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const task = reader.i32();
        reader.end();
        return handlers.exited(task, call);
      },
    }],
  ]),
  client: (port) => new TaskProxy(port),
};

export type OolArgs = Record<string, never>;

/**
 * A session of the service Ool, as its client sees it.
 * Payloads that are larger than a message.
 */
export interface OolClient {
  /** Names the buffer for the next payload. */
  recv(addr: number, len: number, options?: CallOptions): Promise<void>;
  /** Copies a payload into the buffer that `dst` named; `id` is where it lies there. */
  send(dst: number, addr: number, len: number, options?: CallOptions): Promise<number>;
  /** Whether the caller has a payload `id` of `len` bytes from `src`; returns its address. */
  verify(src: number, id: number, len: number, options?: CallOptions): Promise<number>;
}

/** What a server of Ool implements; a handler answers at once or with a promise. */
export interface OolHandlers {
  /** Names the buffer for the next payload. */
  recv(addr: number, len: number, call: Call): void | Promise<void>;
  /** Copies a payload into the buffer that `dst` named; `id` is where it lies there. */
  send(dst: number, addr: number, len: number, call: Call): number | Promise<number>;
  /** Whether the caller has a payload `id` of `len` bytes from `src`; returns its address. */
  verify(src: number, id: number, len: number, call: Call): number | Promise<number>;
}

function decodeOolRecvReply(reader: Reader): void {
  reader.end();
}

function decodeOolSendReply(reader: Reader): number {
  const result = reader.u64();
  reader.end();
  return result;
}

function decodeOolVerifyReply(reader: Reader): number {
  const result = reader.u64();
  reader.end();
  return result;
}

class OolProxy implements OolClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  recv(addr: number, len: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(0);
      writer.u64(addr);
      writer.u64(len);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(oolErrors, 0, decodeOolRecvReply, options);
  }

  send(dst: number, addr: number, len: number, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(1);
      writer.i32(dst);
      writer.u64(addr);
      writer.u64(len);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(oolErrors, 8, decodeOolSendReply, options);
  }

  verify(src: number, id: number, len: number, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(2);
      writer.i32(src);
      writer.u64(id);
      writer.u64(len);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(oolErrors, 8, decodeOolVerifyReply, options);
  }
}

/** Payloads that are larger than a message. */
export const Ool: Interface<OolClient, OolHandlers, OolArgs> = {
  name: "Ool",
  version: 1,
  ramQuota: 0,
  capQuota: 0,
  args: s.object({}),
  errors: oolErrors,
  signals: [],
  operations: new Map<number, Operation<OolHandlers>>([
    [0, {
      opcode: 0,
      name: "recv",
      kind: "call",
      requestBytes: 16,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const addr = reader.u64();
        const len = reader.u64();
        reader.end();
        return handlers.recv(addr, len, call);
      },
    }],
    [1, {
      opcode: 1,
      name: "send",
      kind: "call",
      requestBytes: 20,
      replyBytes: 8,
      invoke(handlers, reader, call) {
        const dst = reader.i32();
        const addr = reader.u64();
        const len = reader.u64();
        reader.end();
        return handlers.send(dst, addr, len, call);
      },
      encodeReply(writer, result: number) {
        writer.u64(result);
      },
    }],
    [2, {
      opcode: 2,
      name: "verify",
      kind: "call",
      requestBytes: 20,
      replyBytes: 8,
      invoke(handlers, reader, call) {
        const src = reader.i32();
        const id = reader.u64();
        const len = reader.u64();
        reader.end();
        return handlers.verify(src, id, len, call);
      },
      encodeReply(writer, result: number) {
        writer.u64(result);
      },
    }],
  ]),
  client: (port) => new OolProxy(port),
};

export type FsArgs = Record<string, never>;

/**
 * A session of the service Fs, as its client sees it.
 * A file system.
 */
export interface FsClient {
  /** Opens a file. */
  open(path: string, options?: CallOptions): Promise<number>;
  /** Creates a file. One that exists already is no failure when `exist_ok` is true. */
  create(path: string, existOk: boolean, options?: CallOptions): Promise<number>;
  /** Closes a file. */
  close(handle: number, options?: CallOptions): Promise<void>;
  /** Reads up to `len` bytes at `offset`. */
  read(handle: number, offset: number, len: number, options?: CallOptions): Promise<Uint8Array>;
  /** Writes bytes at `offset`. */
  write(handle: number, offset: number, data: Uint8Array, options?: CallOptions): Promise<void>;
  /** The size of a file, in bytes. */
  stat(path: string, options?: CallOptions): Promise<number>;
}

/** What a server of Fs implements; a handler answers at once or with a promise. */
export interface FsHandlers {
  /** Opens a file. */
  open(path: string, call: Call): number | Promise<number>;
  /** Creates a file. One that exists already is no failure when `exist_ok` is true. */
  create(path: string, existOk: boolean, call: Call): number | Promise<number>;
  /** Closes a file. */
  close(handle: number, call: Call): void | Promise<void>;
  /** Reads up to `len` bytes at `offset`. */
  read(handle: number, offset: number, len: number, call: Call): Uint8Array | Promise<Uint8Array>;
  /** Writes bytes at `offset`. */
  write(handle: number, offset: number, data: Uint8Array, call: Call): void | Promise<void>;
  /** The size of a file, in bytes. */
  stat(path: string, call: Call): number | Promise<number>;
}

function decodeFsOpenReply(reader: Reader): number {
  const result = reader.i32();
  reader.end();
  return result;
}

function decodeFsCreateReply(reader: Reader): number {
  const result = reader.i32();
  reader.end();
  return result;
}

function decodeFsCloseReply(reader: Reader): void {
  reader.end();
}

function decodeFsReadReply(reader: Reader): Uint8Array {
  const result = reader.data(896);
  reader.end();
  return result;
}

function decodeFsWriteReply(reader: Reader): void {
  reader.end();
}

function decodeFsStatReply(reader: Reader): number {
  const result = reader.u64();
  reader.end();
  return result;
}

class FsProxy implements FsClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  open(path: string, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(0);
      writer.str(path, 256);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(fsErrors, 4, decodeFsOpenReply, options);
  }

  create(path: string, existOk: boolean, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(1);
      writer.str(path, 256);
      writer.bool(existOk);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(fsErrors, 4, decodeFsCreateReply, options);
  }

  close(handle: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(2);
      writer.i32(handle);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(fsErrors, 0, decodeFsCloseReply, options);
  }

  read(handle: number, offset: number, len: number, options?: CallOptions): Promise<Uint8Array> {
    try {
      const writer = this.#port.begin(3);
      writer.i32(handle);
      writer.u64(offset);
      writer.u64(len);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(fsErrors, 898, decodeFsReadReply, options);
  }

  write(handle: number, offset: number, data: Uint8Array, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(4);
      writer.i32(handle);
      writer.u64(offset);
      writer.data(data, 896);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(fsErrors, 0, decodeFsWriteReply, options);
  }

  stat(path: string, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(5);
      writer.str(path, 256);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(fsErrors, 8, decodeFsStatReply, options);
  }
}

/** A file system. */
export const Fs: Interface<FsClient, FsHandlers, FsArgs> = {
  name: "Fs",
  version: 1,
  ramQuota: 0,
  capQuota: 0,
  args: s.object({}),
  errors: fsErrors,
  signals: [],
  operations: new Map<number, Operation<FsHandlers>>([
    [0, {
      opcode: 0,
      name: "open",
      kind: "call",
      requestBytes: 258,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        const path = reader.str(256);
        reader.end();
        return handlers.open(path, call);
      },
      encodeReply(writer, result: number) {
        writer.i32(result);
      },
    }],
    [1, {
      opcode: 1,
      name: "create",
      kind: "call",
      requestBytes: 259,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        const path = reader.str(256);
        const existOk = reader.bool();
        reader.end();
        return handlers.create(path, existOk, call);
      },
      encodeReply(writer, result: number) {
        writer.i32(result);
      },
    }],
    [2, {
      opcode: 2,
      name: "close",
      kind: "call",
      requestBytes: 4,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const handle = reader.i32();
        reader.end();
        return handlers.close(handle, call);
      },
    }],
    [3, {
      opcode: 3,
      name: "read",
      kind: "call",
      requestBytes: 20,
      replyBytes: 898,
      invoke(handlers, reader, call) {
        const handle = reader.i32();
        const offset = reader.u64();
        const len = reader.u64();
        reader.end();
        return handlers.read(handle, offset, len, call);
      },
      encodeReply(writer, result: Uint8Array) {
        writer.data(result, 896);
      },
    }],
    [4, {
      opcode: 4,
      name: "write",
      kind: "call",
      requestBytes: 910,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const handle = reader.i32();
        const offset = reader.u64();
        const data = reader.data(896);
        reader.end();
        return handlers.write(handle, offset, data, call);
      },
    }],
    [5, {
      opcode: 5,
      name: "stat",
      kind: "call",
      requestBytes: 258,
      replyBytes: 8,
      invoke(handlers, reader, call) {
        const path = reader.str(256);
        reader.end();
        return handlers.stat(path, call);
      },
      encodeReply(writer, result: number) {
        writer.u64(result);
      },
    }],
  ]),
  client: (port) => new FsProxy(port),
};

export type BlkArgs = Record<string, never>;

/**
 * A session of the service Blk, as its client sees it.
 * A block device; the size of a sector is the device's own.
 */
export interface BlkClient {
  /** Reads sectors. */
  read(sector: number, numSectors: number, options?: CallOptions): Promise<Uint8Array>;
  /** Writes sectors. */
  write(sector: number, data: Uint8Array, options?: CallOptions): Promise<void>;
}

/** What a server of Blk implements; a handler answers at once or with a promise. */
export interface BlkHandlers {
  /** Reads sectors. */
  read(sector: number, numSectors: number, call: Call): Uint8Array | Promise<Uint8Array>;
  /** Writes sectors. */
  write(sector: number, data: Uint8Array, call: Call): void | Promise<void>;
}

function decodeBlkReadReply(reader: Reader): Uint8Array {
  const result = reader.data(896);
  reader.end();
  return result;
}

function decodeBlkWriteReply(reader: Reader): void {
  reader.end();
}

class BlkProxy implements BlkClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  read(sector: number, numSectors: number, options?: CallOptions): Promise<Uint8Array> {
    try {
      const writer = this.#port.begin(0);
      writer.u64(sector);
      writer.u64(numSectors);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(blkErrors, 898, decodeBlkReadReply, options);
  }

  write(sector: number, data: Uint8Array, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(1);
      writer.u64(sector);
      writer.data(data, 896);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(blkErrors, 0, decodeBlkWriteReply, options);
  }
}

/** A block device; the size of a sector is the device's own. */
export const Blk: Interface<BlkClient, BlkHandlers, BlkArgs> = {
  name: "Blk",
  version: 1,
  ramQuota: 0,
  capQuota: 0,
  args: s.object({}),
  errors: blkErrors,
  signals: [],
  operations: new Map<number, Operation<BlkHandlers>>([
    [0, {
      opcode: 0,
      name: "read",
      kind: "call",
      requestBytes: 16,
      replyBytes: 898,
      invoke(handlers, reader, call) {
        const sector = reader.u64();
        const numSectors = reader.u64();
        reader.end();
        return handlers.read(sector, numSectors, call);
      },
      encodeReply(writer, result: Uint8Array) {
        writer.data(result, 896);
      },
    }],
    [1, {
      opcode: 1,
      name: "write",
      kind: "call",
      requestBytes: 906,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const sector = reader.u64();
        const data = reader.data(896);
        reader.end();
        return handlers.write(sector, data, call);
      },
    }],
  ]),
  client: (port) => new BlkProxy(port),
};

export type NetArgs = Record<string, never>;

/**
 * A session of the service Net, as its client sees it.
 * A network device.
 */
export interface NetClient {
  /** A frame that came in. */
  rx(payload: Uint8Array, options?: CallOptions): Promise<void>;
  /** A frame to send. */
  tx(payload: Uint8Array, options?: CallOptions): Promise<void>;
}

/** What a server of Net implements; a handler answers at once or with a promise. */
export interface NetHandlers {
  /** A frame that came in. */
  rx(payload: Uint8Array, call: Call): void | Promise<void>;
  /** A frame to send. */
  tx(payload: Uint8Array, call: Call): void | Promise<void>;
}

class NetProxy implements NetClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  rx(payload: Uint8Array, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(0);
      writer.data(payload, 896);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.send(options);
  }

  tx(payload: Uint8Array, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(1);
      writer.data(payload, 896);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.send(options);
  }
}

/** A network device. */
export const Net: Interface<NetClient, NetHandlers, NetArgs> = {
  name: "Net",
  version: 1,
  ramQuota: 0,
  capQuota: 0,
  args: s.object({}),
  errors: netErrors,
  signals: [],
  operations: new Map<number, Operation<NetHandlers>>([
    [0, {
      opcode: 0,
      name: "rx",
      kind: "oneway",
      requestBytes: 898,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const payload = reader.data(896);
        reader.end();
        return handlers.rx(payload, call);
      },
    }],
    [1, {
      opcode: 1,
      name: "tx",
      kind: "oneway",
      requestBytes: 898,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const payload = reader.data(896);
        reader.end();
        return handlers.tx(payload, call);
      },
    }],
  ]),
  client: (port) => new NetProxy(port),
};

export type RtcArgs = Record<string, never>;

/**
 * A session of the service Rtc, as its client sees it.
 * The clock of the machine.
 */
export interface RtcClient {
  read(options?: CallOptions): Promise<{ readonly year: number; readonly month: number; readonly day: number; readonly dayOfWeek: number; readonly hour: number; readonly minute: number; readonly second: number }>;
}

/** What a server of Rtc implements; a handler answers at once or with a promise. */
export interface RtcHandlers {
  read(call: Call): { readonly year: number; readonly month: number; readonly day: number; readonly dayOfWeek: number; readonly hour: number; readonly minute: number; readonly second: number } | Promise<{ readonly year: number; readonly month: number; readonly day: number; readonly dayOfWeek: number; readonly hour: number; readonly minute: number; readonly second: number }>;
}

function decodeRtcReadReply(reader: Reader): { readonly year: number; readonly month: number; readonly day: number; readonly dayOfWeek: number; readonly hour: number; readonly minute: number; readonly second: number } {
  const result = { year: reader.u32(), month: reader.u8(), day: reader.u8(), dayOfWeek: reader.u8(), hour: reader.u8(), minute: reader.u8(), second: reader.u8() };
  reader.end();
  return result;
}

class RtcProxy implements RtcClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  read(options?: CallOptions): Promise<{ readonly year: number; readonly month: number; readonly day: number; readonly dayOfWeek: number; readonly hour: number; readonly minute: number; readonly second: number }> {
    this.#port.begin(0);
    return this.#port.call(rtcErrors, 10, decodeRtcReadReply, options);
  }
}

/** The clock of the machine. */
export const Rtc: Interface<RtcClient, RtcHandlers, RtcArgs> = {
  name: "Rtc",
  version: 1,
  ramQuota: 0,
  capQuota: 0,
  args: s.object({}),
  errors: rtcErrors,
  signals: [],
  operations: new Map<number, Operation<RtcHandlers>>([
    [0, {
      opcode: 0,
      name: "read",
      kind: "call",
      requestBytes: 0,
      replyBytes: 10,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.read(call);
      },
      encodeReply(writer, result: { readonly year: number; readonly month: number; readonly day: number; readonly dayOfWeek: number; readonly hour: number; readonly minute: number; readonly second: number }) {
        writer.u32(result.year);
        writer.u8(result.month);
        writer.u8(result.day);
        writer.u8(result.dayOfWeek);
        writer.u8(result.hour);
        writer.u8(result.minute);
        writer.u8(result.second);
      },
    }],
  ]),
  client: (port) => new RtcProxy(port),
};

export type TimeArgs = Record<string, never>;

/**
 * A session of the service Time, as its client sees it.
 * The time of day.
 */
export interface TimeClient {
  /** Seconds since 1970, UTC. */
  gettimeofday(options?: CallOptions): Promise<number>;
}

/** What a server of Time implements; a handler answers at once or with a promise. */
export interface TimeHandlers {
  /** Seconds since 1970, UTC. */
  gettimeofday(call: Call): number | Promise<number>;
}

function decodeTimeGettimeofdayReply(reader: Reader): number {
  const result = reader.u64();
  reader.end();
  return result;
}

class TimeProxy implements TimeClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  gettimeofday(options?: CallOptions): Promise<number> {
    this.#port.begin(0);
    return this.#port.call(timeErrors, 8, decodeTimeGettimeofdayReply, options);
  }
}

/** The time of day. */
export const Time: Interface<TimeClient, TimeHandlers, TimeArgs> = {
  name: "Time",
  version: 1,
  ramQuota: 0,
  capQuota: 0,
  args: s.object({}),
  errors: timeErrors,
  signals: [],
  operations: new Map<number, Operation<TimeHandlers>>([
    [0, {
      opcode: 0,
      name: "gettimeofday",
      kind: "call",
      requestBytes: 0,
      replyBytes: 8,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.gettimeofday(call);
      },
      encodeReply(writer, result: number) {
        writer.u64(result);
      },
    }],
  ]),
  client: (port) => new TimeProxy(port),
};

export type ShmArgs = Record<string, never>;

/**
 * A session of the service Shm, as its client sees it.
 * Shared memory.
 */
export interface ShmClient {
  /** Creates `size` bytes of it. */
  create(size: number, options?: CallOptions): Promise<number>;
  /** Maps it into the caller. */
  map(shmId: number, writable: boolean, options?: CallOptions): Promise<number>;
  /** Gives it back; mappings stay valid. */
  close(shmId: number, options?: CallOptions): Promise<void>;
}

/** What a server of Shm implements; a handler answers at once or with a promise. */
export interface ShmHandlers {
  /** Creates `size` bytes of it. */
  create(size: number, call: Call): number | Promise<number>;
  /** Maps it into the caller. */
  map(shmId: number, writable: boolean, call: Call): number | Promise<number>;
  /** Gives it back; mappings stay valid. */
  close(shmId: number, call: Call): void | Promise<void>;
}

function decodeShmCreateReply(reader: Reader): number {
  const result = reader.i32();
  reader.end();
  return result;
}

function decodeShmMapReply(reader: Reader): number {
  const result = reader.u64();
  reader.end();
  return result;
}

function decodeShmCloseReply(reader: Reader): void {
  reader.end();
}

class ShmProxy implements ShmClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  create(size: number, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(0);
      writer.u64(size);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(shmErrors, 4, decodeShmCreateReply, options);
  }

  map(shmId: number, writable: boolean, options?: CallOptions): Promise<number> {
    try {
      const writer = this.#port.begin(1);
      writer.i32(shmId);
      writer.bool(writable);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(shmErrors, 8, decodeShmMapReply, options);
  }

  close(shmId: number, options?: CallOptions): Promise<void> {
    try {
      const writer = this.#port.begin(2);
      writer.i32(shmId);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#port.call(shmErrors, 0, decodeShmCloseReply, options);
  }
}

/** Shared memory. */
export const Shm: Interface<ShmClient, ShmHandlers, ShmArgs> = {
  name: "Shm",
  version: 1,
  ramQuota: 0,
  capQuota: 0,
  args: s.object({}),
  errors: shmErrors,
  signals: [],
  operations: new Map<number, Operation<ShmHandlers>>([
    [0, {
      opcode: 0,
      name: "create",
      kind: "call",
      requestBytes: 8,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        const size = reader.u64();
        reader.end();
        return handlers.create(size, call);
      },
      encodeReply(writer, result: number) {
        writer.i32(result);
      },
    }],
    [1, {
      opcode: 1,
      name: "map",
      kind: "call",
      requestBytes: 5,
      replyBytes: 8,
      invoke(handlers, reader, call) {
        const shmId = reader.i32();
        const writable = reader.bool();
        reader.end();
        return handlers.map(shmId, writable, call);
      },
      encodeReply(writer, result: number) {
        writer.u64(result);
      },
    }],
    [2, {
      opcode: 2,
      name: "close",
      kind: "call",
      requestBytes: 4,
      replyBytes: 0,
      invoke(handlers, reader, call) {
        const shmId = reader.i32();
        reader.end();
        return handlers.close(shmId, call);
      },
    }],
  ]),
  client: (port) => new ShmProxy(port),
};

export type ShmTestArgs = Record<string, never>;

/**
 * A session of the service ShmTest, as its client sees it.
 * The other side of the test of shared memory.
 */
export interface ShmTestClient {
  read(options?: CallOptions): Promise<number>;
}

/** What a server of ShmTest implements; a handler answers at once or with a promise. */
export interface ShmTestHandlers {
  read(call: Call): number | Promise<number>;
}

function decodeShmTestReadReply(reader: Reader): number {
  const result = reader.i32();
  reader.end();
  return result;
}

class ShmTestProxy implements ShmTestClient {
  readonly #port: RpcPort;

  constructor(port: RpcPort) {
    this.#port = port;
  }

  read(options?: CallOptions): Promise<number> {
    this.#port.begin(0);
    return this.#port.call(shmTestErrors, 4, decodeShmTestReadReply, options);
  }
}

/** The other side of the test of shared memory. */
export const ShmTest: Interface<ShmTestClient, ShmTestHandlers, ShmTestArgs> = {
  name: "ShmTest",
  version: 1,
  ramQuota: 0,
  capQuota: 0,
  args: s.object({}),
  errors: shmTestErrors,
  signals: [],
  operations: new Map<number, Operation<ShmTestHandlers>>([
    [0, {
      opcode: 0,
      name: "read",
      kind: "call",
      requestBytes: 0,
      replyBytes: 4,
      invoke(handlers, reader, call) {
        reader.end();
        return handlers.read(call);
      },
      encodeReply(writer, result: number) {
        writer.i32(result);
      },
    }],
  ]),
  client: (port) => new ShmTestProxy(port),
};
