// exclusive
// tier: machine of this architecture
// timeout: 1500s
/**
 * The default system on the screens of machines, used by their keyboards, tablets and touch screens. What the emulator
 * says that its screen shows is the witness.
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import type { Pointer } from "../../bench/input.js";
import type { Machine } from "../../bench/machine.js";
import { packageRoot } from "../../bindings/prebuilt.js";
import { expectPicture } from "../../hil/golden.js";
import { Picture, type Region } from "../../hil/picture.js";
import { encodePng } from "../../hil/png.js";
import { RunFolder } from "../../hil/run-folder.js";
import { colors } from "../../lib/drawing/look.js";
import { defaultDesktop, plainDesktop } from "../support/default-desktop.js";
import { suite } from "../support/suite.js";
import { type GuestSystem, guestSystemOf, kill, machineOf, patience } from "./guest.js";

const limits = { timeout: 600_000 };
const wait = { within: patience };
/** Names a folder for pictures that are not as they should be. */
const keptIn = "BULKHEAD_PICTURES";
const pictures = join(packageRoot(), "test/vm/pictures");

async function seen(machine: Machine, screen: string): Promise<Picture> {
  const { width, height, pixels } = await machine.display(screen).picture(wait);
  const picture = new Picture(width, height);
  for (let at = 0; at < width * height; ++at) picture.pixels.set([...pixels.subarray(3 * at, 3 * at + 3), 255], 4 * at);
  return picture;
}

/** The frame of the window in front: what is in the colour of its border. */
function frame(picture: Picture): Region | undefined {
  const [red, green, blue] = [16, 8, 0].map((shift) => (colors.accent >> shift) & 255);
  let [left, top, right, bottom] = [picture.width, picture.height, -1, -1];
  // Below the status bar, which has that colour too.
  for (let y = 30; y < picture.height; ++y)
    for (let x = 0; x < picture.width; ++x) {
      const at = 4 * (y * picture.width + x);
      if (picture.pixels[at] !== red || picture.pixels[at + 1] !== green || picture.pixels[at + 2] !== blue) continue;
      [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
    }
  return right < left ? undefined : { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** What is inside the frame: without its title, and without a pointer that lies on that. */
function content(picture: Picture, { x, y, width, height }: Region): Picture {
  return picture.crop({ x: x + 4, y: y + 40, width: width - 8, height: height - 44 });
}

/** Looks again and again, each time when the machine rests: a look, and what it may type, costs the guest as well. */
async function until<Result>(
  what: string,
  machine: Machine,
  screen: string,
  look: (picture: Picture) => Result | undefined,
): Promise<Result> {
  const end = performance.now() + 120_000;
  for (;;) {
    const picture = await seen(machine, screen);
    const result = look(picture);
    if (result !== undefined) return result;
    if (performance.now() > end) {
      new RunFolder(process.env[keptIn]).write("desktop.png", encodePng(picture));
      const at = JSON.stringify(frame(picture));
      throw new Error(`Not within two minutes: ${what}. The frame is ${at}; ${keptIn}=FOLDER keeps the picture`);
    }
    await machine.rest(wait);
  }
}

/** Pixels that the list of commands has of text, at least. */
const leastOfHelp = 8000;

/** Pixels that are bright, as text is. */
function inked({ pixels }: Picture): number {
  let count = 0;
  for (let at = 0; at < pixels.length; at += 4) if ((pixels[at + 1] as number) > 100) ++count;
  return count;
}

/** What is inside the frame, once nothing changes any more. */
async function rest(machine: Machine, screen: string, region: Region): Promise<Picture> {
  await machine.rest(wait);
  return content(await seen(machine, screen), region);
}

/** Waits until the frame is there. */
function framed(machine: Machine, screen: string, what: string, at: (frame: Region) => boolean): Promise<Region> {
  return until(what, machine, screen, (picture) => {
    const found = frame(picture);
    return found !== undefined && at(found) ? found : undefined;
  });
}

/** The emulator joins what comes while a slow machine leaves a report unread to one, a press with what follows. */
async function grab(machine: Machine, tablet: Pointer, [x, y]: readonly [number, number]): Promise<void> {
  await tablet.point(x, y);
  await machine.rest(wait);
  await tablet.press();
  await machine.rest(wait);
}

/** The middle of a window's title, in shares of the screen. */
function title({ x, y, width }: Region, [wide, high]: readonly [number, number]): [number, number] {
  return [(x + width / 2) / wide, (y + 12) / high];
}

function same(moved: Picture, before: Picture): void {
  const { different } = moved.compare(before);
  if (different === 0) return;
  const kept = new RunFolder(process.env[keptIn]);
  kept.write("before.png", encodePng(before));
  kept.write("moved.png", encodePng(moved));
  assert.unreachable(`the window's content came along, but for ${different} pixels`);
}

/** What the system said tells why its screen is not as it should be. */
async function told(system: GuestSystem, use: () => Promise<void>): Promise<void> {
  try {
    await use();
  } catch (error) {
    throw new Error(`${(error as Error).message}\nAt last the system said:\n${system.output().slice(-4000)}`, {
      cause: error,
    });
  }
}

/** `output` is what the driver calls the screen. */
async function usedByHand(system: GuestSystem, machine: Machine, screen: string, output: string): Promise<void> {
  await system.said("The screen is used by");
  await system.said(`"${output}" is `);
  const first = await framed(machine, screen, "a window has the focus", () => true);
  const { width, height } = await seen(machine, screen);

  // Typed at the machine's keyboard, once its driver is there too, and seen in the window.
  const keys = machine.keyboard("keys");
  // Twice, since the first change may be the monitor's greeting.
  for (let change = 0; change < 2; ++change) {
    const before = await rest(machine, screen, first);
    await until("a key is seen", machine, screen, (picture) => {
      if (content(picture, first).compare(before).different > 0) return true;
      void keys.type("ret");
      return undefined;
    });
  }
  await rest(machine, screen, first);
  // One by one: the emulated keyboard holds 16 of what comes at once.
  for (const key of ["c", "l", "e", "a", "r", "ret", "h", "e", "l", "p", "ret"]) {
    await keys.type(key);
    await delay(100);
  }
  await until("the commands are listed", machine, screen, (picture) =>
    inked(content(picture, first)) > leastOfHelp ? true : undefined,
  );
  const typed = await rest(machine, screen, first);
  expectPicture(typed, join(pictures, "help.png"), new RunFolder(process.env[keptIn]));

  // Dragged by a tablet.
  const tablet = machine.pointer("tablet");
  const [fromX, fromY] = title(first, [width, height]);
  const [stepX, stepY] = [60 / width, 40 / height];
  await grab(machine, tablet, [fromX, fromY]);
  for (let step = 1; step <= 4; ++step) {
    await tablet.point(fromX + (stepX * step) / 4, fromY + (stepY * step) / 4);
    await machine.rest(wait);
  }
  await tablet.release();
  const dragged = await framed(machine, screen, "the window was dragged", ({ x }) => Math.abs(x - (first.x + 60)) <= 1);
  assert.ok(Math.abs(dragged.y - (first.y + 40)) <= 1, `from ${first.y} to ${dragged.y}`);
  assert.equal([dragged.width, dragged.height], [first.width, first.height]);
  same(await rest(machine, screen, dragged), typed);

  // And by a finger.
  const touch = machine.touch("panel");
  const [x, y] = title(dragged, [width, height]);
  touch.touch({ finger: 0, x, y });
  for (let step = 1; step <= 4; ++step) {
    touch.touch({ finger: 0, x: x + (80 / width) * (step / 4), y: y + (50 / height) * (step / 4) });
    await delay(50);
  }
  touch.lift();
  const pulled = await framed(
    machine,
    screen,
    "a finger pulled the window",
    (now) => Math.abs(now.x - dragged.x - 80) <= 1,
  );
  assert.ok(Math.abs(pulled.y - dragged.y - 50) <= 1, `from ${dragged.y} to ${pulled.y}`);
  same(await rest(machine, screen, pulled), typed);
}

const devices = {
  keys: { kind: "keyboard", display: "screen" },
  tablet: { kind: "tablet", display: "screen" },
  panel: { kind: "touch" },
} as const;

/** With this graphics card. */
function benchWith(adapter: "bochs" | "virtio") {
  const screen = { kind: "display", adapter, width: 1024, height: 768 } as const;
  return { bench: { machine: { memory: "1G" }, devices: { screen, ...devices } } };
}

const bochs = suite("desktop of a machine");
const machine = machineOf(bochs, benchWith("bochs"));

bochs("text is typed, windows are dragged, and drivers may die meanwhile", limits, async (context) => {
  const guest = machine(context);
  const system = guestSystemOf(context, guest, JSON.stringify(defaultDesktop()));
  await told(system, async () => {
    await usedByHand(system, guest, "screen", "Virtual-1");
    await diesInDrag(system, guest);
  });
});

/** Kills what drives the machine's screen and its input, in the middle of a drag. */
async function diesInDrag(system: GuestSystem, guest: Machine): Promise<void> {
  const before = await framed(guest, "screen", "the window is there", () => true);
  const { width, height } = await seen(guest, "screen");
  const tablet = guest.pointer("tablet");
  const [x, y] = title(before, [width, height]);
  await grab(guest, tablet, [x, y]);
  await tablet.point(x - 40 / width, y);
  const half = await framed(guest, "screen", "the window follows", (now) => Math.abs(now.x - before.x + 40) <= 1);
  // What drives the screen is seen among the other components.
  const { state, processes } = await system.status();
  assert.is(state.children["drivers"]?.children?.["screen"]?.state, "alive");
  assert.ok(processes["drivers -> screen"]?.pid);
  await kill(guest, "drivers -> *");
  await system.said('"screen" was ended by SIGKILL');
  await tablet.release();
  // The picture is whole again, and what is typed comes.
  const whole = await framed(guest, "screen", "the picture is whole again", ({ width: now }) => now === half.width);
  assert.equal(whole, half);
  const still = content(await seen(guest, "screen"), half);
  const keys = guest.keyboard("keys");
  await until("a key is seen again", guest, "screen", (picture) => {
    if (content(picture, half).compare(still).different > 0) return true;
    void keys.type("x");
    return undefined;
  });
  const after = await rest(guest, "screen", half);
  await delay(1000);
  assert.is(content(await seen(guest, "screen"), half).compare(after).different, 0, "no key is stuck");
}
bochs.run();

const virtio = suite("desktop on a virtual card");
const virtual = machineOf(virtio, benchWith("virtio"));
virtio("text is typed, and windows are dragged", limits, async (context) => {
  const guest = virtual(context);
  const system = guestSystemOf(context, guest, JSON.stringify(defaultDesktop()));
  await told(system, () => usedByHand(system, guest, "screen", "Virtual-1"));
});
virtio.run();

const plain = suite("desktop on a plain frame buffer");
const cardless = machineOf(plain, benchWith("bochs"));
plain("text is typed, and windows are dragged", limits, async (context) => {
  const guest = cardless(context);
  const system = guestSystemOf(context, guest, JSON.stringify(plainDesktop()));
  await told(system, () => usedByHand(system, guest, "screen", "screen"));
});
plain.run();
