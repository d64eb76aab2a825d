/**
 * A root in a process of its own, so that it can run as another user: node system-under-attack.js FILE ISOLATION.
 * Prints JSON lines: {line, label} for what components print, and {status} when it changed. Ends when its standard input does.
 */

import { systemStatus } from "../../root/control-requests.js";
import { Root } from "../../root/root.js";
import type { IsolationLevel } from "../../servers/init/config.js";
import { slowness } from "../support/slowness.js";

const [file, isolation] = process.argv.slice(2) as [string, IsolationLevel];
const print = (record: object): void => void process.stdout.write(`${JSON.stringify(record)}\n`);
const root = new Root({ file, isolation, parked: 0, write: () => {}, exit: () => {}, environment: {} });
root.console.watch(({ label, text }) => print({ label, line: text }));
/** Telling it costs a slow machine more than what happens there. */
const period = 100 * slowness;
let changed = true;
root.onStateChanged(() => {
  changed = true;
});
const poll = setInterval(() => {
  if (changed) print({ status: systemStatus(root) });
  changed = false;
}, period);
process.stdin.on("end", () => {
  clearInterval(poll);
  void root[Symbol.asyncDispose]().then(() => process.exit(0));
});
process.stdin.resume();
