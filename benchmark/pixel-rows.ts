/** The screen: how fast pixels are copied and composed, beside memcpy and pixman. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Dataspace } from "../base/dataspace.js";
import { native } from "../bindings/native.js";
import { composeRectangle, copyRectangle, pixelKernels } from "../bindings/pixel.js";
import { PixelBuffer } from "../lib/pixel-buffer.js";
import { type DesktopSystem, defaultDesktop } from "../test/support/default-desktop.js";
import { keyToPixelInMachine } from "./machine-keys.js";
import { limit } from "./processes.js";
import { interleave, type Row } from "./row.js";
import { BenchmarkSystem, figures } from "./systems.js";

const area = { width: 1920, height: 1080 };
const screen = { x: 0, y: 0, ...area };
/** As large as a window, so that much of a line is not copied. The C program has the same. */
const damaged = { x: 200, y: 150, width: 1024, height: 768 };

function buffer(alpha: boolean): PixelBuffer {
  const bytes = area.width * area.height * (alpha ? 6 : 4);
  const dataspace = Dataspace.map(native.createDataspace("screen", bytes), { writable: true });
  const made = new PixelBuffer(dataspace, { area, alpha });
  made.pixels.forEach((_, at) => {
    made.pixels[at] = Math.imul(at, 2654435761) & 0xffffff;
  });
  // Neither opaque nor transparent anywhere: nothing can be left out.
  made.opacity?.forEach((_, at) => {
    (made.opacity as Uint8Array)[at] = 1 + (at % 254);
  });
  return made;
}

/** How often a second something is done, without a turn of the event loop in between. */
function perSecond(milliseconds: number, operation: () => void): number {
  const start = performance.now();
  let count = 0;
  let took: number;
  do {
    operation();
    count += 1;
    took = performance.now() - start;
  } while (took < milliseconds);
  return (count * 1000) / took;
}

function pixmanMissing(): string | undefined {
  const program = fileURLToPath(new URL("../../build/limit/limit-pixels", import.meta.url));
  return spawnSync(program, ["--mode", "probe"]).status === 0 ? undefined : "it needs the package libpixman-1-0";
}

/** The part of the default system that is seen, with the stand-in of a keyboard, and the meter behind that and as display. */
function typing(): DesktopSystem {
  const { start, ...rest } = defaultDesktop();
  const { platform: _platform, "driver-manager": _manager, ...others } = start;
  const route = { Event: "event-filter", Capture: "gui", Terminal: "line", "*": "parent" };
  const stand = {
    line: { binary: "servers/terminal-crosslink", provides: ["Terminal"] },
    // By these names the event filter knows devices.
    "drivers-keyboard": { binary: "drivers/input", config: { source: "terminal" }, route },
    drivers: { binary: "benchmark/key-meter", ram: "16M", route },
  };
  return { ...rest, start: { ...others, ...stand } };
}

async function keyToPixel(rounds: number): Promise<number> {
  await using system = new BenchmarkSystem({ system: typing(), parked: 0 });
  await figures(system, 30_000);
  return (await interleave(rounds, { ours: async () => (await figures(system)).latency / 1000 })).ours;
}

export const pixelRows: readonly Row[] = [
  {
    name: "screen-copy",
    title: "copy of a damaged rectangle of 1024 by 768 pixels between two buffers of 1920 by 1080",
    unit: "GB/s",
    better: "higher",
    limitName: "C, memcpy of the same lines",
    goal: { ofLimit: 0.9 },
    async measure({ rounds, milliseconds }) {
      using target = buffer(false);
      using source = buffer(false);
      const bytes = damaged.width * damaged.height * 4;
      const memcpy = async (mode: string): Promise<number> =>
        (await limit("limit-pixels", ["--mode", mode, "--milliseconds", String(milliseconds)])).gigabytesPerSecond ??
        Number.NaN;
      const { piece, ...figures } = await interleave(rounds, {
        ours: async () =>
          (perSecond(milliseconds, () => copyRectangle(target, damaged, source, damaged)) * bytes) / 1e9,
        limit: () => memcpy("lines"),
        piece: () => memcpy("piece"),
      });
      return { ...figures, beside: { "memcpy of as many bytes in one piece": piece } };
    },
  },
  {
    name: "screen-compose",
    title: `a translucent view of 1920 by 1080 pixels over an opaque one, composed into a third buffer (here by ${pixelKernels()})`,
    unit: "pictures/s",
    better: "higher",
    peerName: "pixman",
    goal: { ofPeer: 1 },
    obstacle: pixmanMissing,
    async measure({ rounds, milliseconds }) {
      using target = buffer(false);
      using front = buffer(true);
      using behind = buffer(false);
      const origin = { x: 0, y: 0 };
      const layers = [front, behind].map((picture) => ({ picture, rect: screen, origin }));
      return await interleave(rounds, {
        ours: async () => perSecond(milliseconds, () => composeRectangle(target, screen, layers, 0)),
        peer: async () => {
          const args = ["--mode", "compose", "--milliseconds", String(milliseconds)];
          return (await limit("limit-pixels", args)).perSecond ?? Number.NaN;
        },
      });
    },
  },
  {
    name: "key-to-pixel",
    title:
      "median from a key press at the keyboard of the default system, a stand-in, to its character in a display's buffer, drawn by a terminal as its shell echoes it",
    unit: "ms",
    better: "lower",
    // A picture of 60 a second, and 3 ms.
    goal: { figure: 1000 / 60 + 3 },
    async measure({ rounds }) {
      const ours = await keyToPixel(rounds);
      // Half a minute, for a figure that is only told.
      const inMachine = rounds > 3 ? await keyToPixelInMachine(9) : undefined;
      const from = "in a machine of the virtual bench, from its keyboard to its frame buffer";
      return { ours, ...(inMachine !== undefined && { beside: { [from]: inMachine } }) };
    },
  },
];
