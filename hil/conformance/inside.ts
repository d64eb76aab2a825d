/**
 * The part of the conformance run that is inside of a virtual machine: `node inside.js BENCH DEVICES`, the latter a JSON
 * array. Prints {outcome} for each case and {done} at the end, beside what passes to far ends (see far-ends.ts).
 */
import { createInterface } from "node:readline";
import { insideBench, type MachineDevice } from "../benches/inside.js";
import { FarEnds, type Passed } from "../far-ends.js";
import { conform } from "./run.js";

const print = (record: object): void => void process.stdout.write(`${JSON.stringify(record)}\n`);
const [bench = "", list = "[]"] = process.argv.slice(2);
const devices = JSON.parse(list) as MachineDevice[];
const ends = new FarEnds(print);
const input = createInterface({ input: process.stdin });
input.on("line", (line) => ends.came(JSON.parse(line) as Passed));
try {
  await conform(insideBench(bench, devices, ends), { told: (outcome) => print({ outcome }), shared: true });
  print({ done: true });
} finally {
  input.close();
}
