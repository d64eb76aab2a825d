/** The spawner, the one process that makes components, as the root sees it. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { getSystemErrorName } from "node:util";
import {
  type ComponentExit,
  type CreateRequest,
  decodeAnswer,
  encodeCreate,
  encodeGrantDevice,
  encodePlain,
  encodeResources,
  encodeWithdrawDevice,
  type IsolationLevel,
  type Limits,
  type Measure,
  maximumMessage,
  type Scheduling,
  type SpawnerAnswer,
} from "./spawner-protocol.js";

/** What Node lacks for a packet socket that passes descriptors; the addon provides it. */
export interface PacketSockets {
  /** Two connected SOCK_SEQPACKET sockets, close-on-exec, non-blocking. */
  socketPair(): [number, number];
  /** Sends one packet with descriptors; the bytes sent. Throws a system error. */
  sendMessage(socket: number, bytes: Uint8Array, descriptors: readonly number[]): number;
  /** The next packet, undefined when there is none now; no bytes: the other end is closed. */
  receiveMessage(socket: number, maximumBytes: number): { bytes: Uint8Array; descriptors: number[] } | undefined;
  /** Calls back in the event loop whenever the socket has something to read, until closed. */
  watchReadable(socket: number, callback: () => void): { close(): void };
}

/** The spawner refused a request or could not do it; `stage` says where, `missing` what would have been absent anyway. */
export class SpawnError extends Error {
  override readonly name = "SpawnError";
  readonly code: string;
  readonly errno: number;
  readonly stage: string;
  readonly missing: readonly string[];

  constructor(facts: { errno: number; stage: string; message: string; missing?: readonly string[] }) {
    super(facts.message);
    this.errno = facts.errno;
    this.code = getSystemErrorName(facts.errno);
    this.stage = facts.stage;
    this.missing = facts.missing ?? [];
  }
}

/** A component that runs, or has run. */
export interface SpawnedComponent {
  readonly id: number;
  /** Process id on the host. */
  readonly process: number;
  readonly level: IsolationLevel;
  /** The measures in force. */
  readonly measures: readonly Measure[];
  /** What could not be applied, as "measure: reason". */
  readonly missing: readonly string[];
  readonly exited: Promise<ComponentExit>;
}

export interface Usage {
  /** Bytes; undefined where no memory control group counts them. */
  readonly memory: bigint | undefined;
  /** Nanoseconds of CPU time so far. */
  readonly cpuTime: bigint;
}

interface Pending {
  resolve(answer: SpawnerAnswer): void;
  reject(error: Error): void;
}

/** A spawner that ended without having been told to. */
export interface LostSpawner {
  /** How, for people, such as `was ended by SIGKILL`; known a little later than the fact. */
  readonly how: Promise<string>;
  /** Processes of its components. They die with it, in their own time. */
  readonly processes: readonly number[];
}

const connectionReset = -104;
const noSuchProcess = -3;

export class Spawner implements AsyncDisposable {
  readonly #sockets: PacketSockets;
  readonly #socket: number;
  readonly #process: ChildProcess | undefined;
  readonly #watch: { close(): void };
  readonly #pending = new Map<number, Pending>();
  readonly #exits = new Map<number, (exit: ComponentExit) => void>();
  /** Processes of the components that run. */
  readonly #processes = new Map<number, number>();
  /** Called before anybody learns that the components are gone. */
  onLost: ((lost: LostSpawner) => void) | undefined;
  #sequence = 0;
  #lastId = 0;
  #closed = false;

  /** Starts `program` (bulkhead-spawn) as a child of this process. */
  static start(sockets: PacketSockets, program: string): Spawner {
    const [own, other] = sockets.socketPair();
    // An empty environment: the spawner reads none, and hands none on.
    const process = spawn(program, [], { stdio: ["ignore", "inherit", "inherit", other], env: {} });
    // Our copy of its end would hide its death.
    closeSync(other);
    return new Spawner(sockets, own, process);
  }

  /** Speaks to a spawner at the other end of `socket`, which this object then owns. */
  constructor(sockets: PacketSockets, socket: number, process?: ChildProcess) {
    this.#sockets = sockets;
    this.#socket = socket;
    this.#process = process;
    process?.once("error", (error) => this.#lose(error));
    this.#watch = sockets.watchReadable(socket, () => this.#receive());
  }

  /** Makes a component. Resolves once its program runs; rejects with {@link SpawnError}. */
  async create(order: CreateRequest): Promise<SpawnedComponent> {
    const id = ++this.#lastId;
    let tellExit: (exit: ComponentExit) => void = () => {};
    const exited = new Promise<ComponentExit>((resolve) => {
      tellExit = resolve;
    });
    const sequence = ++this.#sequence;
    const { bytes, descriptors } = encodeCreate(sequence, id, order);
    // Before the answer: a short-lived component's exit may arrive in the same turn.
    this.#exits.set(id, tellExit);
    try {
      const answer = await this.#ask(sequence, bytes, descriptors);
      if (answer.type !== "created") throw new TypeError(`Cannot use the answer "${answer.type}" to a create request`);
      if (this.#exits.has(id)) this.#processes.set(id, answer.process);
      return {
        id,
        process: answer.process,
        level: answer.level,
        measures: answer.measures,
        missing: answer.missing,
        exited,
      };
    } catch (error) {
      this.#exits.delete(id);
      throw error;
    }
  }

  /** Ends a component and all that it nests; their `exited` tell when. */
  async kill(id: number): Promise<void> {
    const sequence = ++this.#sequence;
    await this.#ask(sequence, encodePlain("kill", sequence, id));
  }

  /** Changes limits and scheduling of a running component; what is absent stays, a limit of 0 is taken away. */
  async resources(id: number, limits: Limits, scheduling: Scheduling = {}): Promise<void> {
    const sequence = ++this.#sequence;
    await this.#ask(sequence, encodeResources(sequence, id, limits, scheduling));
  }

  /** Makes the host's device `source` appear as `/dev/${name}` in a running component. */
  async grantDevice(id: number, source: string, name: string, options: { writable?: boolean } = {}): Promise<void> {
    const sequence = ++this.#sequence;
    await this.#ask(sequence, encodeGrantDevice(sequence, id, source, name, options.writable ?? true));
  }

  /** Removes `/dev/${name}`; what the component has already opened stays open. */
  async withdrawDevice(id: number, name: string): Promise<void> {
    const sequence = ++this.#sequence;
    await this.#ask(sequence, encodeWithdrawDevice(sequence, id, name));
  }

  /** Has the spawner let a console show its text again when the system ends, also when this process cannot. Undefined: none. */
  async keepConsole(descriptor: number | undefined): Promise<void> {
    const sequence = ++this.#sequence;
    await this.#ask(sequence, encodePlain("console", sequence, 0), descriptor === undefined ? [] : [descriptor]);
  }

  async usage(id: number): Promise<Usage> {
    const sequence = ++this.#sequence;
    const answer = await this.#ask(sequence, encodePlain("usage", sequence, id));
    if (answer.type !== "usageReport") throw new TypeError(`Cannot use the answer "${answer.type}" to a usage request`);
    return { memory: answer.memory, cpuTime: answer.cpuTime };
  }

  /** Resolves to whether the spawner still serves requests. Whoever may not wait for ever bounds the wait. */
  async answers(): Promise<boolean> {
    const sequence = ++this.#sequence;
    try {
      // No component has the number 0: what counts is that it says so.
      await this.#ask(sequence, encodePlain("usage", sequence, 0));
      return true;
    } catch (error) {
      return error instanceof SpawnError && error.errno === noSuchProcess;
    }
  }

  /** Ends every component and the spawner; resolves when its process is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    const process = this.#process;
    const gone =
      process === undefined || process.exitCode !== null || process.signalCode !== null || process.pid === undefined
        ? undefined
        : new Promise((resolve) => process.once("exit", resolve));
    this.#end(
      new SpawnError({ errno: connectionReset, stage: "socket", message: "Cannot ask the spawner: it was closed" }),
    );
    await gone;
  }

  #ask(sequence: number, bytes: Uint8Array, descriptors: readonly number[] = []): Promise<SpawnerAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(
          new SpawnError({ errno: connectionReset, stage: "socket", message: "Cannot ask the spawner: it has ended" }),
        );
        return;
      }
      this.#pending.set(sequence, { resolve, reject });
      try {
        this.#sockets.sendMessage(this.#socket, bytes, descriptors);
      } catch (error) {
        this.#pending.delete(sequence);
        reject(error);
      }
    });
  }

  #receive(): void {
    while (!this.#closed) {
      const message = this.#sockets.receiveMessage(this.#socket, maximumMessage);
      if (message === undefined) return;
      for (const descriptor of message.descriptors) closeSync(descriptor);
      if (message.bytes.length === 0) {
        this.#lose(
          new SpawnError({
            errno: connectionReset,
            stage: "socket",
            message: "Cannot reach the spawner: it has ended",
          }),
        );
        return;
      }
      this.#accept(decodeAnswer(message.bytes));
    }
  }

  #accept(answer: SpawnerAnswer): void {
    if (answer.type === "exited") {
      this.#exits.get(answer.component)?.(answer.exit);
      this.#exits.delete(answer.component);
      this.#processes.delete(answer.component);
      return;
    }
    const pending = this.#pending.get(answer.sequence);
    this.#pending.delete(answer.sequence);
    if (answer.type === "failed") {
      const { errno, stage, detail, missing } = answer;
      pending?.reject(new SpawnError({ errno, stage, message: detail, missing }));
    } else {
      pending?.resolve(answer);
    }
  }

  #lose(error: Error): void {
    if (this.#closed) return;
    this.onLost?.({ how: this.#howEnded(error), processes: [...this.#processes.values()] });
    this.#end(error);
  }

  async #howEnded(error: Error): Promise<string> {
    const process = this.#process;
    if (process?.pid === undefined) return `could not be started: ${error.message}`;
    if (process.exitCode === null && process.signalCode === null)
      await new Promise((resolve) => process.once("exit", resolve));
    return process.signalCode === null ? `exited with value ${process.exitCode}` : `was ended by ${process.signalCode}`;
  }

  /** The components die with the spawner, so each `exited` still tells: by SIGKILL. */
  #end(error: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch.close();
    closeSync(this.#socket);
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
    const killed: ComponentExit = { status: undefined, signal: 9, coreDumped: false, outOfMemory: false, cpuTime: 0n };
    for (const tell of this.#exits.values()) tell(killed);
    this.#exits.clear();
  }
}
