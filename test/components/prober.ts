/** Calls a server that answers late or never, and prints how each call ended: one JSON object a line. */
import { component, type Env, SessionError } from "../../base/index.js";
import type { CallOptions } from "../../base/interface.js";
import { Timer as TimerInterface } from "../../sessions/timer/timer.generated.js";

/** How a call ended, and when, in milliseconds since 1970. */
export interface Outcome {
  readonly call: string;
  readonly code: string;
  readonly value?: number;
  readonly took: number;
  readonly at: number;
}

async function report(call: string, run: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  const outcome = (code: string, value?: number): Outcome => ({
    call,
    code,
    ...(value !== undefined && { value }),
    took: performance.now() - start,
    at: performance.timeOrigin + performance.now(),
  });
  try {
    const value = await run();
    console.log(JSON.stringify(outcome("ok", typeof value === "number" ? value : undefined)));
  } catch (error) {
    console.log(JSON.stringify(outcome(error instanceof SessionError ? error.code : String(error))));
  }
}

async function main(env: Env): Promise<void> {
  const { client } = await env.session(TimerInterface, {}, {});
  const elapsed = (options?: CallOptions): Promise<number> => client.elapsed(options);
  await report("deadline", () => elapsed({ within: "50ms" }));
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  await report("abort", () => elapsed({ signal: controller.signal }));
  await report("aborted before", () => elapsed({ signal: controller.signal }));
  // By now the answers to the first two come, to nobody.
  await new Promise((resolve) => setTimeout(resolve, 300));
  await report("after late answers", () => elapsed({ within: "1s" }));
  await report("at once", () => client.triggerOnce(0));
  // One call a kind: several pending calls learn of the death.
  await Promise.all([report("pending", elapsed), report("pending too", () => elapsed({ within: "10s" }))]);
  await report("reopened", () => client.triggerOnce(0, { within: "5s" }));
}

component(main);
