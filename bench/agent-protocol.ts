/** What the bench and its agent in the guest say to each other: JSON objects, a line each. */

/** To the agent. `id` is the sender's name for a process. */
export type AgentRequest =
  | {
      readonly start: {
        readonly command: readonly string[];
        readonly cwd: string;
        readonly environment: Readonly<Record<string, string>>;
      };
      readonly id: number;
    }
  | { readonly id: number; readonly input: string }
  | { readonly id: number; readonly endInput: true }
  | { readonly id: number; readonly signal: NodeJS.Signals }
  /** Loads kernel modules, and answers with `done`. */
  | { readonly id: number; readonly modules: readonly string[] }
  /** Sets the clock, in milliseconds since 1970, and answers with `done`. */
  | { readonly id: number; readonly clock: number }
  /** Answers with the device nodes below a folder of /sys. */
  | { readonly id: number; readonly nodes: string };

/** A device of the guest. */
export interface GuestNode {
  /** As /sys/class names it: `tty`, `block`, `net`, `input`, `sound`, `graphics`. */
  readonly subsystem: string;
  /** The kernel's name: `ttyS1`, `vda`, `eth0`. */
  readonly name: string;
  /** Below /dev; a network interface has none. */
  readonly path: string | undefined;
}

/** From the agent. */
export type AgentMessage =
  | {
      /** Sent once. Seconds since the kernel's start, by what had been reached. */
      readonly ready: Readonly<Record<string, number>>;
    }
  /** Bytes in base64. */
  | { readonly id: number; readonly output: string; readonly stream: "output" | "errors" }
  | { readonly id: number; readonly end: { readonly code: number | null; readonly signal: NodeJS.Signals | null } }
  /** The process could not be started, or the request could not be met. */
  | { readonly id: number; readonly failure: string }
  | { readonly id: number; readonly done: true }
  | { readonly id: number; readonly nodes: readonly GuestNode[] };

/** The port's name, by which the guest finds it. */
export const agentPort = "bulkhead.agent";
