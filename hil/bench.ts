/**
 * What a bench is: it knows what it can give a test, says why not where it cannot, gives it, and takes it back.
 *
 * A machine, a board or a rack plugs in here: by a list of {@link Provider}s.
 */
import type { Env } from "../base/env.js";
import type { NeedName, Parts } from "./parts.js";
import type { RunFolder } from "./run-folder.js";

/** The running target, as a provider sees it. */
export interface TargetSide {
  /** The test's own component in the target. */
  readonly env: Env;
  /** Where the test's files go. */
  readonly files: RunFolder;
  /** Kills a component of the target, and waits until it serves again. */
  restart(component: string): Promise<void>;
  /** Gives the test's own component another config. */
  configure(config: unknown): Promise<void>;
  /** The system's log so far. */
  log(): readonly { readonly label: string; readonly text: string }[];
}

/** What was acquired for one test. */
export interface Provision<Name extends NeedName = NeedName> {
  /** Components that the target's system gets, as a system file has them under `start`. */
  readonly start?: Readonly<Record<string, object>>;
  /** Where requests of the test's component go, as a system file has it under `route`. */
  readonly route?: Readonly<Record<string, string>>;
  /** Services that the test's component offers to others. */
  readonly provides?: readonly string[];
  /** Serial numbers, revisions and other facts for the reports. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Makes the part, once the target's components are there. The target closes it. */
  open(target: TargetSide): Promise<Parts[Name]>;
  /** Gives everything back, when the target is no more. */
  release?(): void | Promise<void>;
}

/** One way of having one thing that tests need. */
export interface Provider<Name extends NeedName = NeedName> {
  readonly need: Name;
  /** What it is, such as "loop device". */
  readonly name: string;
  /** Why it cannot be had, and how to change that: "needs root, for losetup". Undefined: it can. */
  lacking?(): string | undefined | Promise<string | undefined>;
  acquire(): Promise<Provision<Name>> | Provision<Name>;
}

export type AnyProvider = { [Name in NeedName]: Provider<Name> }[NeedName];

export interface Bench extends AsyncDisposable {
  readonly name: string;
  /** Facts about the bench for the reports, such as its place and its board's revision. */
  readonly properties: Readonly<Record<string, string>>;
  /** In order of preference: a test gets the first that is not lacking. */
  readonly providers: readonly AnyProvider[];
  /** Brings up what these needs take, before the time of the test begins: a machine boots, a board is flashed. */
  prepare?(needs: readonly NeedName[]): void | Promise<void>;
  /** Before a test gets its first part, and after it gave back the last one, such as flashing. A failure is the test's. */
  before?(): void | Promise<void>;
  after?(): void | Promise<void>;
}

/** Makes a provider of a type that lists of all kinds take. */
export function provider<Name extends NeedName>(own: Provider<Name>): AnyProvider {
  return own as unknown as AnyProvider;
}

/** What the bench gives for a need, or why it gives nothing. */
export async function choose(
  bench: Bench,
  need: NeedName,
  wanted?: string,
): Promise<{ readonly provider: AnyProvider } | { readonly lacking: string }> {
  const reasons: string[] = [];
  for (const candidate of bench.providers) {
    if (candidate.need !== need || (wanted !== undefined && candidate.name !== wanted)) continue;
    const reason = await candidate.lacking?.();
    if (reason === undefined) return { provider: candidate };
    reasons.push(`${candidate.name}: ${reason}`);
  }
  if (reasons.length > 0) return { lacking: `no "${need}" on bench "${bench.name}": ${reasons.join("; ")}` };
  return { lacking: `bench "${bench.name}" has no "${need}": ${provision[need]}` };
}

const onEveryHost = 'the benches "stand-in" and "host" have one';
/** How a need is provided for by hand, for benches that have nothing of it. */
const provision: Readonly<Record<NeedName, string>> = {
  uart: 'name a serial line in a lab file, such as "uart": { "tty": "/dev/ttyUSB0" }',
  terminal: onEveryHost,
  block: 'name a disk in a lab file, such as "block": { "device": "/dev/sdX", "write": true }',
  nic: 'name an interface in a lab file, such as "nic": { "interface": "eth1" }',
  uplink: onEveryHost,
  pins: 'name two lines that a wire joins in a lab file, such as "pins": { "chip": "/dev/gpiochip0", "output": "GPIO17", "input": "GPIO27" }',
  rom: onEveryHost,
  report: onEveryHost,
  timer: onEveryHost,
  rtc: 'name a clock in a lab file, such as "rtc": { "device": "/dev/rtc0" }',
  log: onEveryHost,
  gui: onEveryHost,
  framebuffer: onEveryHost,
  capture: onEveryHost,
  event: onEveryHost,
  power:
    'name what switches it in a lab file, such as "power": { "on": ["uhubctl", "-a", "on"], "off": ["uhubctl", "-a", "off"] }',
  shell: 'name a board in a lab file, such as "shell": { "host": "root@board" }',
  display: 'name a command that prints a PNG in a lab file: "display": { "grab": ["ffmpeg", ...] }',
  input: "name a bench file with a keyboard, tablet or touch screen, whose virtual machine has it",
  sound: 'name a command that prints a WAV in a lab file: "sound": { "record": ["arecord", "-d", "{seconds}"] }',
};
