/**
 * What the `bulkhead` command and a running system say to each other: JSON objects, a line each, over a Unix stream
 * socket that only its owner may open, and its group where the system was started so.
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StateDocument } from "../servers/init/state-report.js";
import type { LogLine } from "./console.js";

/** Grows when a request or an answer changes its meaning. */
export const controlVersion = 1;
/** The longest request, in bytes. */
export const largestRequest = 64 * 1024;

export interface ControlRequest {
  readonly version: number;
  /** The client's own number, repeated in every answer. */
  readonly id: number;
  readonly request: string;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** A request is answered by any number of events, and then by a result or an error. */
export type ControlAnswer =
  | { readonly version: number; readonly id: number; readonly event: unknown }
  | { readonly version: number; readonly id: number; readonly result: unknown }
  | {
      readonly version: number;
      readonly id: number;
      readonly error: { readonly code: string; readonly message: string };
    };

/** A component's process, beside what the state report says of the component. */
export interface ProcessStatus {
  /** Process id on the host. */
  readonly pid: number | undefined;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Isolation measures in force; the state report names the others. */
  readonly measures: readonly string[];
}

export interface SystemStatus {
  readonly version: number;
  readonly system: {
    /** Path of the system file. */
    readonly file: string;
    readonly pid: number;
    /** Milliseconds since 1970. */
    readonly startedAt: number;
    readonly isolation: string;
    readonly node: string;
    /** Starts in a new process, and in one that waited ready. */
    readonly starts: { readonly cold: number; readonly parked: number };
  };
  readonly state: StateDocument;
  /** By component, those of nested inits by full label; of those that run. */
  readonly processes: Readonly<Record<string, ProcessStatus>>;
  /** What the components were granted, by component and grant. */
  readonly grants: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What a running component uses. */
export interface ComponentUsage {
  readonly name: string;
  readonly pid: number | undefined;
  /** Bytes that the process holds; undefined when nothing counts them. */
  readonly memory: number | undefined;
  /** Nanoseconds of CPU time since its start. */
  readonly cpuTime: number;
  /** Times that its threads were woken since its start; undefined without /proc. */
  readonly wakeups: number | undefined;
  readonly threads: number | undefined;
  /** Sessions that it uses and serves. */
  readonly sessions: number;
  readonly ramUsed: number;
  readonly ramQuota: number;
  readonly restarts: number;
}

export interface UsageReport {
  readonly version: number;
  /** Milliseconds of a clock that only moves forward. */
  readonly time: number;
  readonly components: readonly ComponentUsage[];
}

export type LogEvent = LogLine;

/** What the request `debug` tells: first the component, then what it says to its debugger. */
export type DebugEvent =
  | {
      readonly ready: {
        /** The component's full label. */
        readonly label: string;
        /** The file that its code has in stack traces. */
        readonly file: string;
        readonly pid: number;
        /** It stands before its first line. */
        readonly waits: boolean;
        /** Version of Node.js. */
        readonly node: string;
        /** JSON text whose sources are URLs, by the URL of the script that they explain. */
        readonly sourceMaps: Readonly<Record<string, string>>;
      };
    }
  /** Bytes of framed messages, in base64. */
  | { readonly data: string };

/** What the command says during the request `debug`. */
export interface DebugInput {
  /** A debugger has come, or gone. */
  readonly attach?: true;
  readonly detach?: true;
  /** A part of a message of the inspector protocol, in base64. */
  readonly last?: boolean;
  readonly data?: string;
}

export interface DebugResult {
  readonly version: number;
  readonly component: string;
  /** How it ended, as in "was ended by SIGKILL". */
  readonly ended: string;
}

/** The control socket of the system that belongs to the machine and not to one of its users. */
export const machineSocketPath = "/run/bulkhead/control.sock";

/** Where the control socket is, unless `--socket` says otherwise. */
export function controlSocketPath(
  environment: NodeJS.ProcessEnv = process.env,
  user = process.getuid?.() ?? 0,
): string {
  if (user === 0) return machineSocketPath;
  const runtime = environment["XDG_RUNTIME_DIR"];
  return runtime === undefined || runtime === ""
    ? join(tmpdir(), `bulkhead-${user}`, "control.sock")
    : join(runtime, "bulkhead", "control.sock");
}
