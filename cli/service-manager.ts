/**
 * What `bulkhead up` tells the service manager that started it, in systemd's words (sd_notify(3)): that the system
 * runs, how it is, that it still answers, and that it ends. The manager names its socket in NOTIFY_SOCKET.
 */
import { errorMessage } from "../base/errors.js";
import { native } from "../bindings/native.js";
import type { Root } from "../root/root.js";

/** Milliseconds after which the system counts as started, although one of its components still waits for something. */
const patience = 30_000;
/** Least time between two lines about the components, in milliseconds: states change in bursts. */
const statusInterval = 250;

/** Whether no component is only starting any more. */
export function hasStarted({ init }: Root): boolean {
  if (init.children.size < init.model.start.size) return false;
  return ![...init.children.values()].some(({ phase }) => phase === "starting" || phase === "waiting");
}

/** In one line: how many of the components that are to run are alive, and what the others are. */
function summary({ init }: Root): string {
  const children = [...init.children.values()].filter(({ phase }) => phase !== "disabled");
  const others = children.filter(({ phase }) => phase !== "alive").map(({ name, phase }) => `${name} (${phase})`);
  const alive = `${children.length - others.length} of ${children.length} components alive`;
  return others.length === 0 ? alive : `${alive}; not ${others.join(", ")}`;
}

/** How often the manager wants to hear of this process, in milliseconds; undefined when it does not ask. */
function watchdogPeriod(environment: NodeJS.ProcessEnv): number | undefined {
  const { WATCHDOG_USEC: period, WATCHDOG_PID: meant } = environment;
  if (meant !== undefined && meant !== String(process.pid)) return undefined;
  const milliseconds = Number(period) / 1000;
  return milliseconds >= 1 ? milliseconds : undefined;
}

export class ServiceManager implements Disposable {
  readonly #address: string;
  readonly #root: Root;
  readonly #unwatch: () => void;
  readonly #timers: NodeJS.Timeout[] = [];
  #ready = false;
  #ended = false;
  #saying: NodeJS.Timeout | undefined;
  #said = "";

  private constructor(address: string, root: Root, period: number | undefined) {
    this.#address = address;
    this.#root = root;
    this.#unwatch = root.onStateChanged(() => this.#look());
    void root.init.applied.then(() => {
      if (!this.#ended) this.#timers.push(setTimeout(() => this.#begin(), patience));
    });
    if (period !== undefined) this.#timers.push(setInterval(() => void this.#beat(), period / 2));
    this.#look();
  }

  /** The manager that waits to hear of this system; undefined where there is none. */
  static of(root: Root, environment: NodeJS.ProcessEnv = process.env): ServiceManager | undefined {
    const address = environment["NOTIFY_SOCKET"] ?? "";
    return address === "" ? undefined : new ServiceManager(address, root, watchdogPeriod(environment));
  }

  #look(): void {
    if (hasStarted(this.#root)) this.#begin();
    this.#saying ??= setTimeout(() => this.#say(), statusInterval);
  }

  #begin(): void {
    if (this.#ready) return;
    this.#ready = true;
    this.#said = summary(this.#root);
    this.#tell("READY=1", `STATUS=${this.#said}`);
  }

  #say(): void {
    this.#saying = undefined;
    const status = summary(this.#root);
    if (status !== this.#said) this.#tell(`STATUS=${status}`);
    this.#said = status;
  }

  /** This process is alive when this runs at all. Without its spawner it could start and end nothing. */
  async #beat(): Promise<void> {
    if (await this.#root.core.answers()) this.#tell("WATCHDOG=1");
  }

  #tell(...lines: readonly string[]): void {
    try {
      native.notifyManager(this.#address, lines.join("\n"));
    } catch (error) {
      // The system does not depend on whoever watches it.
      this.#root.console.line("init", errorMessage(error));
    }
  }

  /** Says that the system ends. */
  [Symbol.dispose](): void {
    this.#ended = true;
    this.#unwatch();
    clearTimeout(this.#saying);
    for (const timer of this.#timers) clearInterval(timer);
    this.#tell("STOPPING=1");
  }
}
