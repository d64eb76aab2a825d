/**
 * Two terminals: on "talk" it writes numbered records without end, on "echo" it writes what it reads. With `stop: true` in
 * its config it ends the records, and prints `{ done, acknowledged, errors }`: how many records were taken.
 */
import { setTimeout as delay } from "node:timers/promises";
import { component } from "../../base/component.js";
import { Rom } from "../../sessions/rom/index.js";
import { Terminal } from "../../sessions/terminal/index.js";
import { records } from "../support/numbered-records.js";

const mostRecords = 40;

component(async (env) => {
  const rom = await env.connect(Rom, { label: "config" });
  const talk = await env.connect(Terminal, { label: "talk" });
  const echo = await env.connect(Terminal, { label: "echo" });
  const errors: string[] = [];
  let stopped = false;
  const changed = async (): Promise<void> => {
    stopped ||= ((await rom.json()) as { stop?: boolean }).stop === true;
  };
  rom.onChange(() => void changed());
  const echoing = async (): Promise<void> => {
    for await (const bytes of echo) await echo.write(bytes);
  };
  echoing().catch((error: unknown) => errors.push(String(error)));
  let acknowledged = 0;
  try {
    while (!stopped) {
      const count = 1 + Math.floor(Math.random() * mostRecords);
      await talk.write(records(acknowledged, count));
      acknowledged += count;
      await delay(5);
    }
  } catch (error) {
    errors.push(String(error));
  }
  console.log(JSON.stringify({ done: true, acknowledged, errors }));
});
