/**
 * What an init needs from below: memory, channels and processes. The root has them from the native layer and the
 * spawner; a nested init has them from its parent.
 */
import type { Capability } from "../../base/message.js";
import type { StartMessage } from "../../base/start.js";
import type { IsolationLevel } from "./config.js";
import type { GrantSource } from "./grants.js";

/** What a component's process is made from. */
export interface ProcessRequest {
  /** Full label, for people and for the process list. */
  readonly label: string;
  /** The module that the code came from; the root knows what sandbox it needs. */
  readonly binary: string;
  /** The core knows the file. */
  readonly start: Omit<StartMessage, "file">;
  /** The component's end of the channel to its parent; moves to the process. */
  readonly channel: Capability;
  /** Its code; moves to the process. */
  readonly code: Capability;
  readonly isolation: IsolationLevel | undefined;
  /** Hard limit of the process in bytes, code included. */
  readonly memory: number | undefined;
  /** CPUs that it may run on; empty means all. */
  readonly processors: readonly number[];
  /** 0 is the highest of `levels`; each step down is one level. */
  readonly priority: number;
  readonly levels: number;
  /** Whether a parked process may be used. */
  readonly pool: boolean;
  /** Grants that need something in the sandbox itself, such as a device node. */
  readonly grants: readonly GrantSource[];
  /** Called with every line that the process prints. */
  readonly output: (line: string) => void;
}

/** How a process ended. */
export interface ProcessExit {
  /** The exit value; undefined after death by a signal. */
  readonly value: number | undefined;
  /** The name of the signal, such as "SIGSEGV". */
  readonly signal: string | undefined;
  /** The memory limit was reached. */
  readonly outOfMemory: boolean;
}

export interface Process {
  /** Process id on the host; undefined where it is not known. */
  readonly pid: number | undefined;
  readonly isolation: IsolationLevel;
  /** What protects the host from it, and what could not be applied, each with its reason. */
  readonly measures: readonly string[];
  readonly missing: readonly string[];
  readonly exited: Promise<ProcessExit>;
  /**
   * Resolves when a signal ends it, some milliseconds before `exited`: the kernel still takes it down. Absent where
   * nobody can tell.
   */
  readonly dying?: Promise<void>;
  kill(): void;
  /** Memory in bytes (undefined where nothing counts it) and CPU time in nanoseconds. */
  usage(): Promise<{ readonly memory: bigint | undefined; readonly cpuTime: bigint }>;
  /** Whether a debugger has it, or had it since this was asked last: it then stood for as long as a person thought. */
  debugged(): Promise<boolean>;
}

/**
 * Memory or a channel; `free` gives back what the maker was charged for it, once nobody uses it. Memory is emptied: at once
 * when its owner gave it back, else as soon as whoever had a last answer there has read it.
 */
export type Made<Facts> = Facts & { readonly free: (atOnce?: boolean) => void };

export interface Core {
  /**
   * A dataspace of whole pages, sealed against resizing. `payer` is the parent's number of the forwarded session that
   * pays for it; 0: this init pays.
   */
  dataspace(name: string, bytes: number, payer?: number): Promise<Made<{ readonly dataspace: Capability }>>;
  channel(): Promise<Made<{ readonly client: Capability; readonly server: Capability }>>;
  /** Takes over the channel and the code, also when it fails. */
  start(request: ProcessRequest): Promise<Process>;
}
