/** Processes in the guest, through its agent. */
import type { AgentMessage, AgentRequest, GuestNode } from "./agent-protocol.js";
import { bounded, type WaitOptions } from "./deadline.js";
import { eachLine, type Wire } from "./wire.js";

export interface ProcessOptions {
  /** In the guest; the bench's work folder when absent. */
  readonly cwd?: string;
  /** Beside PATH and HOME. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Told of bytes as they come; they are collected in any case. */
  readonly onOutput?: (bytes: Buffer, stream: "output" | "errors") => void;
}

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

const most = 16 << 20;

class Collected {
  readonly #parts: Buffer[] = [];
  #length = 0;

  add(bytes: Buffer): void {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    // The end of what a process says is what tells why.
    while (this.#length > most && this.#parts.length > 1) this.#length -= this.#parts.shift()?.length ?? 0;
  }

  text(): string {
    return Buffer.concat(this.#parts).toString("utf8");
  }
}

/** A process that runs in the guest. */
export class GuestProcess {
  readonly #send: (request: AgentRequest) => void;
  readonly #id: number;
  readonly #command: string;
  readonly #over: Promise<never>;
  readonly #onOutput: ProcessOptions["onOutput"];
  readonly output = new Collected();
  readonly errors = new Collected();
  #lines: string[] = [];
  #line = "";
  #wakeLine: () => void = () => {};
  #tellEnd: (end: Ended) => void = () => {};
  #tellFailure: (error: Error) => void = () => {};
  readonly #ended: Promise<Ended>;
  #running = true;

  constructor(
    id: number,
    command: readonly string[],
    send: (request: AgentRequest) => void,
    over: Promise<never>,
    onOutput: ProcessOptions["onOutput"],
  ) {
    this.#id = id;
    this.#command = command.join(" ");
    this.#send = send;
    this.#over = over;
    this.#onOutput = onOutput;
    this.#ended = new Promise((resolve, reject) => {
      this.#tellEnd = resolve;
      this.#tellFailure = reject;
    });
    // Whoever does not wait for the end has no use for its failure either.
    this.#ended.catch(() => {});
  }

  handle(message: AgentMessage): void {
    if ("output" in message) {
      const bytes = Buffer.from(message.output, "base64");
      (message.stream === "output" ? this.output : this.errors).add(bytes);
      if (message.stream === "output") this.#takeLines(bytes.toString("utf8"));
      this.#onOutput?.(bytes, message.stream);
    } else if ("end" in message) {
      this.#running = false;
      this.#tellEnd({ ...message.end, output: this.output.text(), errors: this.errors.text() });
      this.#wakeLine();
    } else if ("failure" in message) {
      this.#running = false;
      this.#tellFailure(new Error(`Cannot run ${this.#command} in the guest: ${message.failure}`));
      this.#wakeLine();
    }
  }

  #takeLines(text: string): void {
    const lines = (this.#line + text).split("\n");
    this.#line = lines.pop() ?? "";
    this.#lines.push(...lines);
    this.#wakeLine();
  }

  /** To its standard input. */
  write(bytes: Uint8Array | string): void {
    this.#send({ id: this.#id, input: Buffer.from(bytes).toString("base64") });
  }

  endInput(): void {
    this.#send({ id: this.#id, endInput: true });
  }

  /** To the process; SIGKILL also to all that it started. */
  kill(signal: NodeJS.Signals = "SIGTERM"): void {
    this.#send({ id: this.#id, signal });
  }

  /** Waits for a whole line of its output that `accepts` takes; lines before it are dropped. */
  async line(accepts: (line: string) => boolean = () => true, options: WaitOptions = {}): Promise<string> {
    const search = async (): Promise<string> => {
      for (;;) {
        for (let line = this.#lines.shift(); line !== undefined; line = this.#lines.shift())
          if (accepts(line)) return line;
        if (!this.#running) {
          const { code, signal, errors } = await this.#ended;
          throw new Error(`${this.#command} ended with ${signal ?? `code ${code}`} before such a line: ${errors}`);
        }
        await new Promise<void>((resolve) => {
          this.#wakeLine = resolve;
        });
      }
    };
    return bounded(`a line from ${this.#command}`, search(), options, this.#over);
  }

  /** Settles at its end, however long that takes; rejects when it could not be started. */
  get end(): Promise<Ended> {
    return this.#ended;
  }

  /** Waits for its end. When the time is over it is killed. */
  async ended(options: WaitOptions = {}): Promise<Ended> {
    try {
      return await bounded(`the end of ${this.#command}`, this.#ended, options, this.#over);
    } catch (error) {
      if (this.#running) this.kill("SIGKILL");
      throw error;
    }
  }
}

/** The agent's end of the conversation. */
export class GuestProcesses {
  readonly #wire: Wire;
  readonly #over: Promise<never>;
  readonly #cwd: string;
  readonly #handlers = new Map<number, (message: AgentMessage) => void>();
  #next = 1;
  #tellReady: (reached: Readonly<Record<string, number>>) => void = () => {};
  /** What the guest had reached, in seconds since its kernel's start. */
  readonly ready: Promise<Readonly<Record<string, number>>>;

  constructor(wire: Wire, cwd: string, over: Promise<never>) {
    this.#wire = wire;
    this.#cwd = cwd;
    this.#over = over;
    this.ready = new Promise((resolve) => {
      this.#tellReady = resolve;
    });
    void eachLine(wire, (line) => this.#handle(JSON.parse(line) as AgentMessage));
  }

  #handle(message: AgentMessage): void {
    if ("ready" in message) return this.#tellReady(message.ready);
    this.#handlers.get(message.id)?.(message);
    if (!("output" in message)) this.#handlers.delete(message.id);
  }

  #send(request: AgentRequest): void {
    // A guest that does not read any more is found by whoever waits for its answer.
    this.#wire.write(`${JSON.stringify(request)}\n`).catch(() => {});
  }

  start(
    command: readonly string[],
    { cwd = this.#cwd, environment = {}, onOutput }: ProcessOptions = {},
  ): GuestProcess {
    const id = this.#next++;
    const process = new GuestProcess(id, command, (request) => this.#send(request), this.#over, onOutput);
    this.#handlers.set(id, (message) => process.handle(message));
    this.#send({ id, start: { command, cwd, environment } });
    return process;
  }

  async #ask(what: string, request: (id: number) => AgentRequest, options: WaitOptions): Promise<AgentMessage> {
    const id = this.#next++;
    const answered = new Promise<AgentMessage>((resolve) => void this.#handlers.set(id, resolve));
    this.#send(request(id));
    const answer = await bounded(`the guest to ${what}`, answered, options, this.#over);
    if ("failure" in answer) throw new Error(`The guest cannot ${what}: ${answer.failure}`);
    return answer;
  }

  async loadModules(modules: readonly string[], options: WaitOptions = {}): Promise<void> {
    if (modules.length > 0) await this.#ask(`load ${modules.join(", ")}`, (id) => ({ id, modules }), options);
  }

  async setClock(time: Date, options: WaitOptions = {}): Promise<void> {
    await this.#ask("set its clock", (id) => ({ id, clock: time.getTime() }), options);
  }

  async nodes(folder: string, options: WaitOptions = {}): Promise<readonly GuestNode[]> {
    const answer = await this.#ask(`look below ${folder}`, (id) => ({ id, nodes: folder }), options);
    return "nodes" in answer ? answer.nodes : [];
  }
}
