/** A virtual bench as a device under test: its machine's screen, keys, sound, serial line and shell. */
import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseDuration } from "../../base/quantity.js";
import { type DeviceKind, readBenchFile } from "../../bench/bench-file.js";
import { Machine } from "../../bench/machine.js";
import { BenchUnavailable } from "../../bench/programs.js";
import type { SerialEnd } from "../../bench/serial-end.js";
import { readDocument } from "../../servers/init/system-file.js";
import { type AnyProvider, type Bench, provider } from "../bench.js";
import type { ByteStream } from "../console.js";
import type { Input } from "../parts.js";
import { Picture } from "../picture.js";
import type { CommandResult, CommandRunner } from "../shell.js";
import { Sound } from "../sound.js";
import { bridgedUart } from "./devices.js";
import { sessionProviders } from "./sessions.js";

/** Whether a file describes a virtual machine, and not what is plugged in. */
export function describesMachine(file: string): boolean {
  const { value } = readDocument(readFileSync(file, "utf8"));
  return typeof value === "object" && value !== null && ("devices" in value || "machine" in value);
}

/** The machine starts with the first test that needs it, and serves all others: booting takes seconds. */
class LateMachine {
  readonly #file: string;
  #starting: Promise<Machine> | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  start(): Promise<Machine> {
    this.#starting ??= Machine.start({ bench: this.#file });
    return this.#starting;
  }

  /** Why it cannot be had here. */
  async lacking(): Promise<string | undefined> {
    try {
      await this.start();
      return undefined;
    } catch (error) {
      if (error instanceof BenchUnavailable) return error.message;
      throw error;
    }
  }

  async end(): Promise<void> {
    const machine = await this.#starting?.catch(() => undefined);
    await machine?.[Symbol.asyncDispose]();
  }
}

/** Of the files that the emulator writes. */
const wavHeaderBytes = 44;

/** How much longer than the recording a machine may take that has its processor for itself only now and then, in milliseconds. */
const soundPatience = 10_000;
const pollingPeriod = 50;

const nothing = { async [Symbol.asyncDispose]() {} };

/** The far end of the guest's serial line. */
function serialStream(end: SerialEnd): ByteStream {
  return {
    write: (bytes) => end.write(bytes),
    async *bytes({ signal }) {
      while (!signal.aborted) {
        // A line may be silent as long as it likes.
        const first = await end.read(1, { signal, within: "1d" });
        yield Buffer.concat([first, end.take()]);
      }
    },
    close: () => {},
  };
}

function picture({ width, height, pixels }: { width: number; height: number; pixels: Uint8Array }): Picture {
  const result = new Picture(width, height);
  for (let pixel = 0; pixel < width * height; ++pixel) {
    result.pixels.set(pixels.subarray(pixel * 3, pixel * 3 + 3), pixel * 4);
    result.pixels[pixel * 4 + 3] = 255;
  }
  return result;
}

/** What a card has played so far; undefined before it plays. The file grows while it does. */
function played(file: string): Sound | undefined {
  const wav = existsSync(file) ? readFileSync(file) : new Uint8Array(0);
  return wav.length <= wavHeaderBytes ? undefined : Sound.fromWav(wav);
}

function commands(machine: Machine): CommandRunner {
  const attempt: CommandRunner["try"] = async (command, { within = "30s", input } = {}): Promise<CommandResult> => {
    if (input !== undefined) throw new Error("A command of the machine has no input");
    const { code, signal, output, errors } = await machine.run(["sh", "-c", command], { within });
    return { code: code ?? 128, output, errors: signal === null ? errors : `${errors}(ended by ${signal})` };
  };
  return {
    ...nothing,
    try: attempt,
    run: async (command, options) => {
      const { code, output, errors } = await attempt(command, options);
      if (code !== 0) throw new Error(`"${command}" in the machine ended with ${code}: ${(errors + output).trim()}`);
      return output;
    },
  };
}

/** By the names of what the machine has. */
function inputOf(
  machine: Machine,
  hands: Readonly<Record<"keyboard" | "tablet" | "touch", string | undefined>>,
): Input {
  const named = (kind: keyof typeof hands): string => {
    const name = hands[kind];
    if (name === undefined) throw new Error(`The bench file has no device of the kind "${kind}", which this needs`);
    return name;
  };
  return {
    ...nothing,
    press: async (...names) => {
      const keys = machine.keyboard(named("keyboard"));
      await keys.press(...names);
      await keys.release(...[...names].reverse());
    },
    point: async (x, y) => machine.pointer(named("tablet")).point(x, y),
    touch: async (...contacts) => machine.touch(named("touch")).touch(...contacts),
    lift: async (...fingers) => machine.touch(named("touch")).lift(...fingers),
  };
}

/** `file`: the bench file; the first device of each kind is what tests get. */
export function machineBench(file: string): Bench {
  const { devices } = readBenchFile(file);
  const machine = new LateMachine(file);
  const lacking = (): Promise<string | undefined> => machine.lacking();
  const first = (...kinds: readonly DeviceKind[]): string | undefined =>
    Object.entries(devices).find(([, { kind }]) => kinds.includes(kind))?.[0];
  const providers: AnyProvider[] = [
    provider({
      need: "shell",
      name: "machine",
      lacking,
      acquire: () => ({ open: async () => commands(await machine.start()) }),
    }),
  ];
  const display = first("display");
  if (display !== undefined)
    providers.push(
      provider({
        need: "display",
        name: display,
        lacking,
        acquire: () => ({
          open: async () => {
            const screen = (await machine.start()).display(display);
            return { ...nothing, screenshot: async () => picture(await screen.picture()) };
          },
        }),
      }),
    );
  const hands = { keyboard: first("keyboard"), tablet: first("tablet"), touch: first("touch") };
  const hand = hands.keyboard ?? hands.tablet ?? hands.touch;
  if (hand !== undefined)
    providers.push(
      provider({
        need: "input",
        name: hand,
        lacking,
        acquire: () => ({ open: async () => inputOf(await machine.start(), hands) }),
      }),
    );
  const speaker = first("sound");
  if (speaker !== undefined)
    providers.push(
      provider({
        need: "sound",
        name: speaker,
        lacking,
        acquire: () => ({
          open: async ({ files }) => {
            const recording = (await machine.start()).soundFile(speaker);
            return {
              ...nothing,
              record: async (duration) => {
                const milliseconds = parseDuration(duration);
                const before = played(recording)?.seconds ?? 0;
                const deadline = performance.now() + milliseconds + soundPatience;
                let all = played(recording);
                // The file stands still while the card does not play.
                while ((all?.seconds ?? 0) < before + milliseconds / 1000 && performance.now() < deadline) {
                  await delay(pollingPeriod);
                  all = played(recording);
                }
                if (all === undefined || all.seconds === before)
                  throw new Error(
                    `The machine has played nothing on "${speaker}" for ${soundPatience + milliseconds} ms`,
                  );
                const heard = all.part(before, Math.min(all.seconds, before + milliseconds / 1000));
                files.write("sound.wav", heard.toWav());
                return heard;
              },
            };
          },
        }),
      }),
    );
  const line = first("uart");
  if (line !== undefined)
    providers.push(
      provider({
        need: "uart",
        name: line,
        lacking,
        acquire: async () => {
          const running = await machine.start();
          return bridgedUart({ stream: () => serialStream(running.serial(line)) });
        },
      }),
    );
  return {
    name: basename(file).replace(/\.jsonc?$/, ""),
    properties: {},
    providers: [...providers, ...sessionProviders],
    prepare: async (needs) => {
      if (providers.some(({ need }) => needs.includes(need))) await machine.lacking();
    },
    [Symbol.asyncDispose]: () => machine.end(),
  };
}
