/** The emulator's own control channel (QMP): commands with answers, and events. */
import { bounded, type WaitOptions } from "./deadline.js";
import { eachLine, type Wire } from "./wire.js";

export type Arguments = Readonly<Record<string, unknown>>;

export interface MonitorEvent {
  readonly event: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

interface Answer {
  readonly id?: number;
  readonly return?: unknown;
  readonly error?: { readonly class: string; readonly desc: string };
}

/** The emulator refused a command. */
export class MonitorError extends Error {
  override readonly name = "MonitorError";
}

export class Monitor {
  readonly #wire: Wire;
  readonly #pending = new Map<number, (answer: Answer) => void>();
  readonly #events: MonitorEvent[] = [];
  readonly #watchers = new Set<(event: MonitorEvent) => void>();
  readonly #over: Promise<never>;
  #next = 1;

  /** `over` rejects when the emulator ends. */
  constructor(wire: Wire, over: Promise<never>) {
    this.#wire = wire;
    this.#over = over;
    void eachLine(wire, (line) => this.#handle(JSON.parse(line) as Answer | MonitorEvent));
  }

  #handle(message: Answer | MonitorEvent): void {
    if ("event" in message) {
      this.#events.push(message);
      for (const watcher of [...this.#watchers]) watcher(message);
    } else if ("id" in message && message.id !== undefined) {
      this.#pending.get(message.id)?.(message);
      this.#pending.delete(message.id);
    }
  }

  /** @throws MonitorError with the emulator's reason. */
  async execute(command: string, args: Arguments = {}, options: WaitOptions = {}): Promise<unknown> {
    const id = this.#next++;
    const answered = new Promise<Answer>((resolve) => void this.#pending.set(id, resolve));
    // What the monitor executes is little; what it waits for is told by events.
    const wait = { within: "30s", ...options };
    await this.#wire.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`, wait);
    const answer = await bounded(`the emulator's answer to ${command}`, answered, wait, this.#over);
    if (answer.error !== undefined)
      throw new MonitorError(`The emulator refuses ${command} ${JSON.stringify(args)}: ${answer.error.desc}`);
    return answer.return;
  }

  /** Waits for an event that `accepts` takes, and that came after the `from`-th of all. */
  async event(
    name: string,
    accepts: (data: Readonly<Record<string, unknown>>) => boolean = () => true,
    options: WaitOptions = {},
    from = 0,
  ): Promise<MonitorEvent> {
    const fits = (event: MonitorEvent): boolean => event.event === name && accepts(event.data ?? {});
    const past = this.#events.slice(from).find(fits);
    if (past !== undefined) return past;
    let watcher: (event: MonitorEvent) => void = () => {};
    const arrived = new Promise<MonitorEvent>((resolve) => {
      watcher = (event) => {
        if (fits(event)) resolve(event);
      };
    });
    this.#watchers.add(watcher);
    try {
      return await bounded(`the emulator's event ${name}`, arrived, options, this.#over);
    } finally {
      this.#watchers.delete(watcher);
    }
  }

  /** How many events have come: a place to wait from. */
  get eventCount(): number {
    return this.#events.length;
  }
}
