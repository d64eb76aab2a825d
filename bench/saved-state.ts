/**
 * The state of a machine whose agent runs, in a file: a machine that loads it is there in a moment, and as if it had
 * just been booted. It is taken before the guest sees any of the host's files, which no file could keep.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import type { WaitOptions } from "./deadline.js";
import { type Emulator, stateDescriptor } from "./emulator.js";
import { type MachineFacts, machineWords } from "./machine-arguments.js";
import { type Monitor, MonitorError } from "./monitor.js";
import { quoted } from "./programs.js";

/** Each takes some 250 MB. */
const keptStates = 4;

/** The file for machines that are made just so, whether it is there or not. `agent` names what runs in them. */
export function stateFile(facts: MachineFacts, emulator: string, kernelFolder: string, agent: string): string {
  // The far ends of devices are no part of the state, and lie elsewhere each time.
  const plans = facts.plans.map((plan) => ({ ...plan, backends: [] }));
  const words = machineWords({ ...facts, plans, initramfs: "", folder: "", work: "" });
  const { mtimeMs, size } = statSync(emulator);
  const all = [...words, JSON.stringify(facts.bench), emulator, mtimeMs, size, agent];
  const name = createHash("sha256").update(all.join("\0")).digest("hex").slice(0, 16);
  return join(kernelFolder, "states", name);
}

/** Whether there is this state. It counts as used now, and stays while others go. */
export function takeState(file: string): boolean {
  const now = new Date();
  try {
    utimesSync(file, now, now);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/** Makes `file` by `save`, which writes to the path that it is given. States that were not used for the longest time go. */
export async function createState(file: string, save: (partial: string) => Promise<void>): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  const partial = `${file}.${process.pid}.partial`;
  try {
    await save(partial);
    renameSync(partial, file);
  } finally {
    rmSync(partial, { force: true });
  }
  const used = (name: string): number => statSync(join(dirname(file), name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const states = readdirSync(dirname(file)).sort((first, second) => used(second) - used(first));
  for (const name of states.slice(keptStates)) rmSync(join(dirname(file), name), { force: true });
}

/**
 * Writes the machine's state to `file`. The machine stands still from then on.
 * @throws MonitorError when it has a device that cannot be saved.
 */
export async function saveState({ monitor }: Emulator, file: string, options: WaitOptions): Promise<void> {
  await monitor.execute("stop", {}, options);
  await monitor.execute("migrate-set-parameters", { "max-bandwidth": 2 ** 40 }, options);
  try {
    await transfer(monitor, "migrate", `exec:umask 077; exec cat >${quoted(file)}`, options);
  } catch (error) {
    if (!(error instanceof MonitorError)) throw error;
    throw new MonitorError(`This machine cannot be saved; boot it each time, without "saved". ${error.message}`);
  }
}

/** The reverse, in an emulator that was started with a state. */
export async function loadState({ monitor }: Emulator, options: WaitOptions): Promise<void> {
  await transfer(monitor, "migrate-incoming", `fd:${stateDescriptor}`, options);
  await monitor.execute("cont", {}, options);
}

async function transfer(monitor: Monitor, command: string, uri: string, options: WaitOptions): Promise<void> {
  const capabilities = [{ capability: "events", state: true }];
  await monitor.execute("migrate-set-capabilities", { capabilities }, options);
  await monitor.execute(command, { uri }, options);
  const isOver = ({ status }: Readonly<Record<string, unknown>>): boolean =>
    status === "completed" || status === "failed";
  const { data } = await monitor.event("MIGRATION", isOver, options);
  if (data?.["status"] !== "completed") throw new MonitorError(`The emulator failed at ${command} ${uri}`);
}
