/** What a running system does for `bulkhead debug`: passes the inspector protocol between the command and a component. */
import { pathToFileURL } from "node:url";
import { SessionError } from "../base/errors.js";
import type { ProcessExit } from "../servers/init/core.js";
import type { ControlCall } from "./control.js";
import { controlVersion, type DebugEvent, type DebugInput, type DebugResult } from "./control-protocol.js";
import type { DebugLine } from "./debug-line.js";
import { frameworkSourceMap } from "./modules.js";

function endText({ value, signal, outOfMemory }: ProcessExit): string {
  if (outOfMemory) return "ran out of memory";
  return signal === undefined ? `exited with value ${value ?? 0}` : `was ended by ${signal}`;
}

/** By the URL of a script in the component. */
function sourceMaps({ facts }: DebugLine): Readonly<Record<string, string>> {
  const maps: readonly (readonly [string, string | undefined])[] = [
    [facts.file, facts.sourceMap()],
    [facts.framework, frameworkSourceMap()],
  ];
  return Object.fromEntries(
    maps.flatMap(([file, map]) => (map === undefined ? [] : [[pathToFileURL(file).href, map]])),
  );
}

/** One input of the command; throws `InvalidArgument` when it is none. */
function obey(line: DebugLine, input: unknown): void {
  const { attach, detach, last, data } = input as Partial<Record<keyof DebugInput, unknown>>;
  if (attach === true) line.attach();
  else if (detach === true) line.detach();
  else if (typeof data === "string") line.send(last === true, Buffer.from(data, "base64"));
  else throw new SessionError("InvalidArgument", "An input of the request debug attaches, detaches or has data");
}

/** Answers when the component has ended. The line is given back when the command has gone. */
export async function debug(call: ControlCall, line: DebugLine): Promise<DebugResult | undefined> {
  const event = (value: DebugEvent): boolean => call.event(value);
  line.take((bytes) => (event({ data: Buffer.from(bytes).toString("base64") }) ? undefined : call.drained()));
  try {
    const { label, file, pid, waits } = line.facts;
    event({ ready: { label, file, pid, waits, node: process.version, sourceMaps: sourceMaps(line) } });
    const wrong = new Promise<never>((_resolve, reject) => {
      call.onInput((input) => {
        try {
          obey(line, input);
        } catch (error) {
          reject(error);
        }
      });
    });
    const gone = new Promise<undefined>((resolve) => {
      if (call.signal.aborted) resolve(undefined);
      else call.signal.addEventListener("abort", () => resolve(undefined));
    });
    const exit = await Promise.race([line.ended, gone, wrong]);
    return exit === undefined ? undefined : { version: controlVersion, component: label, ended: endText(exit) };
  } finally {
    line.release();
  }
}
