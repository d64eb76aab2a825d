/** What pages see and do beside the screen: components, log, reports and system file, from the System session and ROMs. */
import { errorMessage } from "../../base/errors.js";
import { monotonic } from "../../base/monotonic.js";
import type { RomConnection } from "../../sessions/rom/index.js";
import type { SystemConnection } from "../../sessions/system/index.js";
import type { PageRequest, ServerMessage, Topic } from "./page-messages.js";

/** A page that follows topics. */
export interface Follower {
  readonly topics: ReadonlySet<Topic>;
  /** Tells it, unless it has not read what it was told before: then it begins anew with this topic when it has. */
  tell(topic: Topic, message: ServerMessage): void;
}

/** Lines that a page gets to begin with, and the most at a time. */
const mostLines = 500;
/** Least time between two messages of a topic, in milliseconds: states and logs change in bursts. */
const leastInterval = 100;
const usageInterval = 1000;
/** Asking wakes every component. */
const flowInterval = 2000;

export type OpenReport = (name: string) => Promise<RomConnection>;

/** Runs something once for all the times that it was asked for while it was waiting or running. */
class Repeated {
  #timer: NodeJS.Timeout | undefined;
  #running = false;
  #wanted = false;
  readonly #run: () => Promise<void>;

  constructor(run: () => Promise<void>) {
    this.#run = run;
  }

  /** Asks for a run, at the earliest after so many milliseconds. */
  ask(after = leastInterval): void {
    this.#wanted = true;
    if (this.#timer !== undefined || this.#running) return;
    this.#timer = setTimeout(() => void this.#go(), after);
  }

  async #go(): Promise<void> {
    this.#timer = undefined;
    this.#wanted = false;
    this.#running = true;
    try {
      await this.#run();
    } catch (error) {
      console.error(`Pages miss something: ${errorMessage(error)}`);
    } finally {
      this.#running = false;
      if (this.#wanted) this.ask();
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

export class Desk {
  readonly #followers = new Set<Follower>();
  readonly #system: SystemConnection | undefined;
  readonly #openReport: OpenReport;
  readonly #reports = new Map<string, Promise<RomConnection>>();
  /** The last line that was sent. */
  #logged = 0;
  readonly #state = new Repeated(async () => this.#tell("state", await this.#stateMessage()));
  readonly #usage = new Repeated(async () => {
    if (!this.#followed("usage") || this.#system === undefined) return;
    this.#tell("usage", { type: "usage", usage: await this.#system.usage() });
    this.#usage.ask(usageInterval);
  });
  readonly #flow = new Repeated(async () => {
    if (!this.#followed("flow") || this.#system === undefined) return;
    this.#tell("flow", { type: "flow", flows: await this.#system.flow(), time: monotonic() });
    this.#flow.ask(flowInterval);
  });
  readonly #log = new Repeated(() => this.#newLines());

  /** Without `system` there are only reports. */
  constructor(system: SystemConnection | undefined, openReport: OpenReport) {
    this.#system = system;
    this.#openReport = openReport;
    system?.onChange(() => {
      if (this.#followed("state")) this.#state.ask();
    });
    system?.onLogged(() => this.#log.ask());
  }

  get hasSystem(): boolean {
    return this.#system !== undefined;
  }

  /** Sends a follower what there is of topics that it follows from now on. */
  async begin(follower: Follower, topics: readonly Topic[], reports: readonly string[]): Promise<void> {
    this.#followers.add(follower);
    for (const topic of topics) {
      if (topic === "reports") for (const name of reports) void this.#beginReport(name);
      if (this.#system === undefined) continue;
      if (topic === "state") follower.tell(topic, await this.#stateMessage());
      else if (topic === "usage") this.#usage.ask(0);
      else if (topic === "flow") this.#flow.ask(0);
      else if (topic === "log") await this.#beginLog(follower, this.#system);
      else if (topic === "file") follower.tell(topic, { type: "file", text: await this.#system.systemFile() });
    }
  }

  leave(follower: Follower): void {
    this.#followers.delete(follower);
  }

  /** Does what a page asks for. */
  async perform(request: Exclude<PageRequest, { type: "follow" }>): Promise<ServerMessage> {
    const { id } = request;
    const system = this.#system;
    try {
      if (system === undefined) throw new Error('This console has no System session: route "System" to it');
      switch (request.type) {
        case "restart":
          await system.restart(request.component);
          return { type: "answer", id };
        case "kill":
          await system.kill(request.component);
          return { type: "answer", id };
        case "check":
          return { type: "answer", id, findings: await system.check(request.text) };
        case "apply":
          await system.apply(request.text, request.base);
          for (const follower of this.#followers)
            if (follower.topics.has("file")) follower.tell("file", { type: "file", text: request.text });
          return { type: "answer", id };
      }
    } catch (error) {
      return { type: "answer", id, failure: errorMessage(error) };
    }
  }

  #followed(topic: Topic): boolean {
    return [...this.#followers].some(({ topics }) => topics.has(topic));
  }

  #tell(topic: Topic, message: ServerMessage): void {
    for (const follower of this.#followers) if (follower.topics.has(topic)) follower.tell(topic, message);
  }

  async #stateMessage(): Promise<ServerMessage> {
    return { type: "state", state: await this.#system?.state() };
  }

  async #beginLog(follower: Follower, system: SystemConnection): Promise<void> {
    await this.#newLines();
    const logged = this.#logged;
    const { last, lines } = await system.logAfter(Math.max(0, logged - mostLines), mostLines);
    // What came since then is sent to all.
    follower.tell("log", {
      type: "log",
      first: true,
      lines: lines.slice(0, Math.max(0, lines.length - (last - logged))),
    });
  }

  async #newLines(): Promise<void> {
    if (this.#system === undefined) return;
    const { last, lines } = await this.#system.logAfter(this.#logged, mostLines);
    this.#logged = last;
    if (lines.length > 0) this.#tell("log", { type: "log", first: false, lines });
  }

  async #beginReport(name: string): Promise<void> {
    let connection = this.#reports.get(name);
    if (connection === undefined) {
      connection = this.#openReport(name);
      this.#reports.set(name, connection);
      connection.then(
        (rom) => rom.onChange(() => void this.#showReport(name, rom)),
        // Routes change: the next page tries again.
        () => this.#reports.delete(name),
      );
    }
    try {
      await this.#showReport(name, await connection);
    } catch (error) {
      this.#tell("reports", { type: "report", name, text: "", failure: errorMessage(error) });
    }
  }

  async #showReport(name: string, rom: RomConnection): Promise<void> {
    if (this.#followed("reports")) this.#tell("reports", { type: "report", name, text: await rom.text() });
  }

  close(): void {
    for (const repeated of [this.#state, this.#usage, this.#flow, this.#log]) repeated.stop();
    this.#followers.clear();
  }
}
