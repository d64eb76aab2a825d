/** Benches by name, or by the path of a lab file, or of the bench file of a virtual machine. */
import { existsSync } from "node:fs";
import { suggestion } from "../base/nearest.js";
import type { Bench } from "./bench.js";
import { hostBench } from "./benches/host.js";
import { openLabFile } from "./benches/lab-file.js";
import { describesMachine, machineBench } from "./benches/machine.js";
import { standInBench } from "./benches/stand-in.js";

/** Benches that need no file. Whoever has another kind adds it here. */
export const benchNames: Readonly<Record<string, () => Bench | Promise<Bench>>> = {
  "stand-in": standInBench,
  host: hostBench,
};

/** @throws Error for a name that is none, and for a file with errors, with lines and columns */
export async function openBench(name: string): Promise<Bench> {
  const make = Object.hasOwn(benchNames, name) ? benchNames[name] : undefined;
  if (make !== undefined) return make();
  if (existsSync(name)) return describesMachine(name) ? machineBench(name) : openLabFile(name);
  const names = Object.keys(benchNames);
  throw new Error(
    `Cannot find the bench "${name}": it is neither ${names.join(" nor ")} nor the path of a lab file${suggestion(name, names)}`,
  );
}
