/**
 * The first line of every component: `component(async (env) => { ... })`.
 */
import { native } from "../bindings/native.js";
import { Env } from "./env.js";
import { watchDescriptor } from "./event-loop.js";
import { type Start, startKey } from "./start.js";

/**
 * Runs `main` with the component's env. When it fails, the failure is printed (its parent puts that into the log and
 * the state report) and the component exits with value 1; when it returns, the component goes on serving. A system-call
 * filter that waits for that (`filterAfterMain` of its sandbox.json) is installed then.
 */
export function component(main: (env: Env) => void | Promise<void>): void {
  const start = (globalThis as { [startKey]?: Start })[startKey];
  if (start === undefined) {
    console.error('A component runs under a parent: name it in a system file and start that with "bulkhead up"');
    process.exit(2);
  }
  const { filter, filterAfterMain = false } = start.message;
  const shutOff = (): void => {
    if (filterAfterMain && filter !== undefined) native.installTightFilter(filter);
  };
  if (start.message.processor !== undefined) native.pinToProcessor(start.message.processor);
  const env = new Env(start);
  if (start.debuggee !== undefined) watchDescriptor(start.debuggee.socket, "readable", start.debuggee.onReadable);
  const fail = (error: unknown): void => {
    console.error(error instanceof Error ? (error.stack ?? error.message) : error);
    native.exitNow(1);
  };
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  // A rejection is reported by the handler above, like any other.
  void Promise.resolve(env).then(main).then(shutOff);
}
