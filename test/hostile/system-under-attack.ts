/**
 * A root in a process of its own, so that it can run as another user: node system-under-attack.js FILE ISOLATION.
 * Prints JSON lines: {line, label} for what components print, {children} for every change of a component's phase or sandbox.
 * Ends when its standard input does.
 */

import { Root } from "../../root/root.js";
import type { IsolationLevel } from "../../servers/init/config.js";

const [file, isolation] = process.argv.slice(2) as [string, IsolationLevel];
const print = (record: object): void => void process.stdout.write(`${JSON.stringify(record)}\n`);
const root = new Root({ file, isolation, parked: 0, write: () => {}, exit: () => {}, environment: {} });
root.console.watch(({ label, text }) => print({ label, line: text }));
let printed = "";
const poll = setInterval(() => {
  const children = Object.fromEntries(
    [...root.init.children].map(([name, { phase, instance }]) => [
      name,
      {
        phase,
        isolation: instance?.process?.isolation,
        measures: instance?.process?.measures,
        missing: instance?.process?.missing,
      },
    ]),
  );
  const now = JSON.stringify(children);
  if (now !== printed) print({ children });
  printed = now;
}, 100);
process.stdin.on("end", () => {
  clearInterval(poll);
  void root[Symbol.asyncDispose]().then(() => process.exit(0));
});
process.stdin.resume();
