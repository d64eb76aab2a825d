/** What the documents of a System session hold. Imports nothing, so that programs for browsers may use it too. */

/** One line of the log. */
export interface LogLine {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly label: string;
  readonly text: string;
}

/** What a running component uses. */
export interface ComponentUsage {
  readonly name: string;
  /** Bytes that the process holds; absent when nothing counts them. */
  readonly memory?: number;
  /** Nanoseconds of CPU time since its start. */
  readonly cpuTime: number;
  /** Times that its threads were woken since its start. */
  readonly wakeups?: number;
  /** Sessions that it uses and serves. */
  readonly sessions: number;
}

export interface Usage {
  /** Milliseconds of a clock that only moves forward. */
  readonly time: number;
  readonly components: readonly ComponentUsage[];
}

/** What went through a session since it was opened, as its client counts. */
export interface SessionFlow {
  readonly service: string;
  /** Full label of the client. */
  readonly label: string;
  readonly client: string;
  /** Absent for the root. */
  readonly server?: string;
  /** Bytes of messages, in whole slots of 64: from the client, and to it. */
  readonly sent: number;
  readonly received: number;
  /** Of packet streams, in both directions. */
  readonly packets: number;
  readonly packetBytes: number;
}

/** One thing wrong with a system file; line and column count from 1. */
export interface Finding {
  readonly severity: "error" | "warning";
  readonly rule: string;
  readonly message: string;
  readonly line: number;
  readonly column: number;
}
