/**
 * A root in a process of its own, so that it can run as another user: node system-under-attack.js FILE ISOLATION.
 * Prints JSON lines: {line, label} for what components print, and {status} every 100 ms. Ends when its standard input does.
 */

import { systemStatus } from "../../root/control-requests.js";
import { Root } from "../../root/root.js";
import type { IsolationLevel } from "../../servers/init/config.js";

const [file, isolation] = process.argv.slice(2) as [string, IsolationLevel];
const print = (record: object): void => void process.stdout.write(`${JSON.stringify(record)}\n`);
const root = new Root({ file, isolation, parked: 0, write: () => {}, exit: () => {}, environment: {} });
root.console.watch(({ label, text }) => print({ label, line: text }));
const poll = setInterval(() => print({ status: systemStatus(root) }), 100);
process.stdin.on("end", () => {
  clearInterval(poll);
  void root[Symbol.asyncDispose]().then(() => process.exit(0));
});
process.stdin.resume();
