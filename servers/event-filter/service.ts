/** The Event service, in front of an Event session of somebody else. */
import { isDeepStrictEqual } from "node:util";
import type { Env } from "../../base/env.js";
import { errorMessage, SessionError } from "../../base/errors.js";
import { monotonic } from "../../base/monotonic.js";
import { policyFor } from "../../base/policy.js";
import type { SessionRequest } from "../../base/server.js";
import { Event, type EventArgs, type EventConnection, EventSession } from "../../sessions/event/index.js";
import { Report, type Reporter } from "../../sessions/report/index.js";
import type { EventFilterConfig, FilterNode } from "./config.js";
import { EventFilter } from "./event-filter.js";
import type { Surroundings } from "./filters/filter.js";
import { resolve } from "./includes.js";
import { Modules } from "./modules.js";

/** The ROMs that decide on modifiers. */
function switches(node: FilterNode): string[] {
  if ("input" in node) return [];
  if ("merge" in node) return node.merge.flatMap(switches);
  const { modifiers = {} } = node.filter.options as { modifiers?: Readonly<Record<string, { rom?: string }>> };
  return [...Object.values(modifiers).flatMap(({ rom = [] }) => rom), ...switches(node.filter.input)];
}

export class EventFilterService implements AsyncDisposable {
  readonly #env: Env;
  readonly #modules: Modules;
  readonly #reports = new Map<string, Promise<Reporter>>();
  readonly #filter: EventFilter;
  readonly #output: EventConnection;
  #config: EventFilterConfig;
  /** What was last brought into force, or waits for it. */
  #tree: FilterNode | undefined;
  /** What was left out of it, as it was said. */
  #problems: readonly string[] = [];
  #last: Promise<void> = Promise.resolve();

  private constructor(env: Env, config: EventFilterConfig, output: EventConnection) {
    this.#env = env;
    this.#config = config;
    this.#output = output;
    this.#modules = new Modules(env, () => void this.#apply());
    this.#filter = new EventFilter(this.#surroundings(), (events) => output.submit(events));
  }

  /** Opens the output, and brings the configuration into force. */
  static async start(env: Env, config: EventFilterConfig): Promise<EventFilterService> {
    const service = new EventFilterService(env, config, await env.connect(Event));
    await service.#apply();
    return service;
  }

  #surroundings(): Surroundings {
    return {
      now: monotonic,
      after(milliseconds, handler) {
        const timer = setTimeout(handler, milliseconds);
        return { cancel: () => clearTimeout(timer) };
      },
      enabled: (rom) => this.#modules.enabled(rom),
      locks: new Set(),
      print: (line) => console.log(line),
      publish: (report, document) => void this.#publish(report, document),
    };
  }

  async #publish(label: string, document: unknown): Promise<void> {
    try {
      const report = this.#reports.get(label) ?? this.#env.connect(Report, { label });
      this.#reports.set(label, report);
      await (await report).publish(document);
    } catch (error) {
      this.#reports.delete(label);
      console.error(`Cannot report "${label}": ${errorMessage(error)}`);
    }
  }

  /** For all sessions, those that are open too. Filters are exchanged as {@link EventFilter.configure} says. */
  configure(config: EventFilterConfig): Promise<void> {
    this.#config = config;
    return this.#apply();
  }

  /** One after another: a ROM may change while others are opened. */
  #apply(): Promise<void> {
    this.#last = this.#last.then(() => this.#resolve());
    return this.#last;
  }

  async #resolve(): Promise<void> {
    const { output, force } = this.#config;
    const named = new Set(switches(output));
    for (const rom of named) await this.#modules.open(rom);
    for (;;) {
      const { tree, roms, problems } = resolve(output, (rom) => this.#modules.text(rom));
      const missing = [...roms].filter((rom) => !named.has(rom));
      if (missing.length > 0) {
        // What is opened now may include more.
        for (const rom of missing) {
          named.add(rom);
          await this.#modules.open(rom);
        }
        continue;
      }
      this.#modules.keep(named);
      if (!isDeepStrictEqual(problems, this.#problems)) for (const problem of problems) console.error(problem);
      this.#problems = problems;
      if (isDeepStrictEqual(tree, this.#tree)) return;
      this.#tree = tree;
      this.#filter.configure(tree, force);
      return;
    }
  }

  /** @throws SessionError `Denied` for a label without a policy */
  open(request: SessionRequest<EventArgs>): Promise<EventSession> {
    policyFor(this.#config, "Event", request.label);
    return EventSession.open(request, {
      submit: (events) => this.#filter.submit(this.#input(request.label), events),
    });
  }

  /** The input that a session feeds; without a policy any more, none. */
  #input(label: string): string {
    try {
      return policyFor(this.#config, "Event", label).input;
    } catch (error) {
      if (error instanceof SessionError) return "";
      throw error;
    }
  }

  /** Ends what the filters have under way, and the sessions that the service has of others. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    this.#filter.close();
    this.#modules.keep(new Set());
    for (const report of this.#reports.values()) await (await report).close();
    await this.#output.close();
  }
}
