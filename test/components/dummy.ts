/**
 * A guinea pig: its config is a program. One step after another; a step is an object with one key.
 *
 *     { "steps": [{ "announce": { "service": "LOG", "prefix": "> " } }, { "log": "ready" }, { "sleep": 100 }, { "exit": 3 }] }
 *
 * What it does shows in the state report: sessions by their labels, quota, how it ended.
 */

import { denialPath } from "../../base/denial.js";
import type { OwnedDataspace } from "../../base/env.js";
import { component, type Env, SessionError } from "../../base/index.js";
import type { Interface } from "../../base/interface.js";
import { checked, type Infer, s } from "../../base/schema.js";
import type { Session, SessionOptions } from "../../base/session.js";
import { LOG, type LOGArgs, type LOGClient, type LOGHandlers } from "../../sessions/log/log.generated.js";
import { Rom } from "../../sessions/rom/index.js";
import {
  type TimerArgs,
  type TimerClient,
  type TimerHandlers,
  Timer as TimerInterface,
} from "../../sessions/timer/timer.generated.js";

type LogSession = Session<LOGClient, LOGHandlers, LOGArgs>;
type TimerSession = Session<TimerClient, TimerHandlers, TimerArgs>;

const log = s.object({
  service: s.literal("LOG"),
  /** Before each line that is passed on. */
  prefix: s.string({ default: "" }),
  /** Refuses every session with this reason. */
  refuse: s.string().optional(),
  /** So many requests meet the death of what it would serve them with. */
  lost: s.integer({ default: 0 }),
  /** Bytes that a session must donate beside its own cost. */
  needs: s.size({ default: 0 }),
  /** Bytes to allocate from each donation. */
  uses: s.size({ default: 0 }),
  /** Never answers a request for a session; or only not those of this label. */
  mute: s.union([s.boolean(), s.string()], { default: false }),
});
const timer = s.object({
  service: s.literal("Timer"),
  /** Milliseconds before each answer to `elapsed`; a negative number: no answer. */
  answerAfter: s.number({ default: 0 }),
});

const step = s.object({
  log: s.string().optional(),
  announce: s.union([log, timer]).optional(),
  open: s
    .object({
      service: s.enumeration(["LOG", "Timer"]),
      label: s.string({ default: "" }),
      count: s.integer({ default: 1 }),
      ram: s.size({ default: 0 }),
      caps: s.integer({ default: 0 }),
      /** Whether a refusal is no failure. */
      optional: s.boolean({ default: false }),
      /** Whether to go on before it is open. */
      behind: s.boolean({ default: false }),
    })
    .optional(),
  /** Closes so many of the sessions that were opened last. */
  close: s.integer().optional(),
  /** Writes a line to every LOG session. */
  say: s.string().optional(),
  upgrade: s.object({ ram: s.size({ default: 0 }), caps: s.integer({ default: 0 }) }).optional(),
  /** Allocates memory, in pieces of this size. */
  consume: s.object({ ram: s.size(), pieces: s.integer({ default: 1 }) }).optional(),
  /** What it does when it is asked to yield: frees pieces until the request is met, or nothing. */
  yield: s.enumeration(["answer", "ignore"]).optional(),
  /** Asks for more quota and waits for it. */
  request: s.object({ ram: s.size({ default: 0 }), caps: s.integer({ default: 0 }) }).optional(),
  /** Whether a step that fails for want of quota asks for more and is done again. */
  insist: s.boolean().optional(),
  /** Opens a LOG session, labelled with the number of the config's version, at every version. */
  count: s.boolean().optional(),
  sleep: s.integer().optional(),
  /** Answers nothing for so many milliseconds; 0: for ever. */
  block: s.integer().optional(),
  exit: s.integer().optional(),
  crash: s.enumeration(["throw", "abort"]).optional(),
  /** Does the steps before it again, so often. */
  repeat: s.integer().optional(),
});
type Step = Infer<typeof step>;
const program = s.object({ steps: s.array(step, { default: [], max: 1000 }) });

class Dummy {
  readonly #env: Env;
  readonly #logs: LogSession[] = [];
  readonly #timers: TimerSession[] = [];
  readonly #opened: { close(): Promise<void>; upgrade(amount: { ram?: number; caps?: number }): Promise<void> }[] = [];
  readonly #pieces: OwnedDataspace[] = [];
  #versions = 0;
  #insists = false;
  #counting = false;
  #counted: LogSession | undefined;

  constructor(env: Env) {
    this.#env = env;
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const [index, one] of steps.entries()) {
      if (one.repeat === undefined) await this.#do(one);
      else for (let round = 0; round < one.repeat; ++round) await this.run(steps.slice(0, index));
    }
  }

  async configured(): Promise<void> {
    this.#versions += 1;
    if (!this.#counting) return;
    await this.#counted?.close();
    this.#counted = await this.#env.session(LOG, {}, { label: `version ${this.#versions}` });
  }

  async #do(one: Step): Promise<void> {
    const env = this.#env;
    if (one.log !== undefined) console.log(one.log);
    if (one.announce !== undefined) await this.#announce(one.announce);
    if (one.open !== undefined) await this.#open(one.open);
    if (one.insist !== undefined) this.#insists = one.insist;
    for (let n = one.close ?? 0; n > 0; --n) await this.#close();
    if (one.say !== undefined) for (const session of this.#logs) await session.client.write(one.say);
    if (one.upgrade !== undefined) await this.#insist(async () => this.#opened.at(-1)?.upgrade(one.upgrade ?? {}));
    for (let n = one.consume?.pieces ?? 0; n > 0; --n)
      this.#pieces.push(await this.#insist(() => env.alloc(one.consume?.ram ?? 0)));
    if (one.yield !== undefined)
      env.onYieldRequest(one.yield === "answer" ? (wanted) => this.#yield(wanted.ram) : () => {});
    if (one.request !== undefined) await env.requestResources(one.request);
    if (one.count === true) {
      this.#counting = true;
      this.#counted = await env.session(LOG, {}, { label: `version ${this.#versions}` });
    }
    if (one.sleep !== undefined) await new Promise((resolve) => setTimeout(resolve, one.sleep));
    if (one.block !== undefined) block(one.block);
    if (one.exit !== undefined) await env.exit(one.exit);
    if (one.crash === "throw") throw new Error("thrown as told");
    if (one.crash === "abort") process.abort();
  }

  async #insist<Result>(attempt: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (!this.#insists || !(error instanceof SessionError)) throw error;
        if (error.code === "OutOfRam") await this.#env.requestResources({ ram: 256 * 1024 });
        else if (error.code === "OutOfCaps") await this.#env.requestResources({ caps: 10 });
        else throw error;
      }
    }
  }

  /** Frees pieces for so many bytes. What cannot be mapped back to a piece stays. */
  #yield(ram: number): void {
    for (let freed = 0; freed < ram; ) {
      const piece = this.#pieces.pop();
      if (piece === undefined) return;
      freed += piece.dataspace.size;
      piece.close();
    }
  }

  async #open({ service, label, count, ram, caps, optional, behind }: NonNullable<Step["open"]>): Promise<void> {
    const options: SessionOptions = { label, ...(ram > 0 && { ram }), ...(caps > 0 && { caps }) };
    for (let n = 0; n < count; ++n) {
      const opening = this.#insist(() => this.#session(service, options)).catch((error: unknown) => {
        if (!optional || !(error instanceof SessionError)) throw error;
        console.log(`refused: ${error.code}: ${error.message}`);
        const path = denialPath(error);
        if (path.length > 0) console.log(`denied along ${JSON.stringify(path)}`);
      });
      if (!behind) await opening;
    }
  }

  async #session(service: "LOG" | "Timer", options: SessionOptions): Promise<void> {
    if (service === "LOG") {
      const session = await this.#env.session(LOG as Interface<LOGClient, LOGHandlers, LOGArgs>, {}, options);
      this.#logs.push(session);
      this.#opened.push(session);
    } else {
      const session = await this.#env.session(TimerInterface, {}, options);
      this.#timers.push(session);
      this.#opened.push(session);
    }
  }

  async #close(): Promise<void> {
    const session = this.#opened.pop();
    if (session === undefined) return;
    for (const list of [this.#logs, this.#timers] as unknown[][]) {
      const at = list.indexOf(session);
      if (at >= 0) list.splice(at, 1);
    }
    await session.close();
  }

  #announce(announcement: NonNullable<Step["announce"]>): Promise<void> {
    if (announcement.service === "Timer") return this.#announceTimer(announcement.answerAfter);
    const { prefix, refuse, needs, uses, mute } = announcement;
    let { lost } = announcement;
    return this.#env.announce(LOG, async ({ label, quota, alloc }) => {
      if (mute === true || mute === label) await new Promise(() => {});
      if (lost-- > 0) throw new SessionError("Disconnected", "what it needs for a session is gone");
      if (refuse !== undefined) throw new SessionError("Denied", refuse);
      if (quota.ram < needs)
        throw new SessionError("InsufficientRam", `A session needs ${needs} bytes, not ${quota.ram}`);
      if (uses > 0) await alloc(uses);
      return {
        write: (text: string) => {
          for (const session of this.#logs) void session.client.write(`${prefix}[${label}] ${text}`);
        },
      };
    });
  }

  #announceTimer(answerAfter: number): Promise<void> {
    return this.#env.announce(TimerInterface, () => {
      let calls = 0;
      return {
        triggerOnce: () => {},
        triggerPeriodic: () => {},
        // The number of the call tells the client whose answer it got.
        elapsed: () => {
          const number = ++calls;
          return new Promise<number>((resolve) => {
            if (answerAfter >= 0) setTimeout(() => resolve(number), answerAfter);
          });
        },
      };
    });
  }
}

function block(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (milliseconds === 0 || performance.now() < end);
}

component(async (env) => {
  const config = await env.connect(Rom, { label: "config" });
  const dummy = new Dummy(env);
  await dummy.configured();
  config.onChange(() => void dummy.configured());
  await dummy.run(checked(program, (await config.json()) ?? {}, "the configuration").steps);
});
