// exclusive
// tier: machine of this architecture
// timeout: 1500s
/** The framebuffer driver on the screens of machines: what the emulator itself says that they show is the witness. */
import * as assert from "uvu/assert";
import type { Machine } from "../../bench/machine.js";
import type { Picture } from "../../bench/screen.js";
import { type Context, suite } from "../support/suite.js";
import { document, type GuestSystem, guestSystem, guestSystemOf, kill, machineOf, patience } from "./guest.js";

const limits = { timeout: 600_000 };
const wait = { within: patience };

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly color: number;
}

type Color = (x: number, y: number) => number;

/** What test/components/screen-source.ts shows. */
function colors(rectangles: readonly Rectangle[]): Color {
  return (x, y) => {
    const over = rectangles.findLast(
      (one) => x >= one.x && y >= one.y && x < one.x + one.width && y < one.y + one.height,
    );
    return over?.color ?? ((x & 255) << 16) | ((y & 255) << 8) | ((x >> 3) & 255);
  };
}

/** Pixels that differ by more than what a screen of so many bits a channel loses. */
function differences({ width, height, pixels }: Picture, color: Color, tolerance: number): number {
  let count = 0;
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const wanted = color(x, y);
      const at = 3 * (y * width + x);
      const far = [16, 8, 0].some(
        (shift, channel) => Math.abs(((wanted >> shift) & 255) - (pixels[at + channel] as number)) > tolerance,
      );
      if (far) count += 1;
    }
  return count;
}

/** Waits until the screen shows exactly that. */
async function shows(machine: Machine, screen: string, color: Color, tolerance = 0): Promise<void> {
  const end = performance.now() + 120_000;
  for (;;) {
    const picture = await machine.display(screen).picture(wait);
    const different = differences(picture, color, tolerance);
    if (different === 0) return;
    if (performance.now() > end)
      throw new Error(`${different} of ${picture.width} x ${picture.height} pixels differ after two minutes`);
  }
}

const system = (device: string, rectangles: readonly Rectangle[] = [], config: object = {}): object => ({
  source: { binary: "test/screen-source", provides: ["Capture", "Event"], ram: "32M", config: { rectangles } },
  display: {
    binary: "drivers/framebuffer",
    ram: "64M",
    grants: { device: { device, write: true } },
    config,
  },
});

/** How the console that is seen shows itself, asked of the kernel by somebody else: 0 text, 1 graphics. */
const modeProgram = `
import fcntl, struct
state = bytearray(6)
console = open("/dev/tty0", "rb", buffering=0)
fcntl.ioctl(console, 0x5603, state)
active = struct.unpack("HHH", state)[0]
mode = bytearray(4)
fcntl.ioctl(open("/dev/tty%d" % active, "rb", buffering=0), 0x4B3B, mode)
print(mode[0])
`;
async function consoleMode(machine: Machine): Promise<string> {
  return (await machine.output(["python3", "-c", modeProgram], wait)).trim() === "1" ? "graphics" : "text";
}

async function consoleComes(machine: Machine, wanted: string): Promise<void> {
  const end = performance.now() + 60_000;
  for (let mode = ""; mode !== wanted; mode = await consoleMode(machine))
    if (performance.now() > end) assert.is(mode, wanted);
}

const red: Rectangle = { x: 100, y: 50, width: 33, height: 21, color: 0xff0000 };
const white: Rectangle = { x: 0, y: 0, width: 1, height: 1, color: 0xffffff };

async function drawsAndChanges(
  context: Context,
  machine: Machine,
  device: string,
  tolerance = 0,
): Promise<GuestSystem> {
  const running = guestSystem(context, machine, system(device));
  await running.said('"screen" is ');
  await shows(machine, "screen", colors([]), tolerance);
  await running.apply(system(device, [red, white]));
  await shows(machine, "screen", colors([red, white]), tolerance);
  return running;
}

const bochs = suite("screens of a machine");
const machine = machineOf(bochs, {
  bench: { devices: { screen: { kind: "display", adapter: "bochs", width: 800, height: 600 } } },
});

bochs(
  "a frame buffer shows every pixel; the console gives its screen up, and gets it back when the driver ends",
  limits,
  async (context) => {
    const guest = machine(context);
    await consoleComes(guest, "text");
    const running = await drawsAndChanges(context, guest, "/dev/fb0");
    assert.is(await consoleMode(guest), "graphics");
    await kill(guest, "display *");
    // The next driver's first picture is whole.
    await running.said('"screen" is ');
    await shows(guest, "screen", colors([red, white]));
    assert.is(await consoleMode(guest), "graphics");
    await running.apply({ source: (system("/dev/fb0", [red, white]) as { source: object }).source });
    await consoleComes(guest, "text");
  },
);

bochs(
  "a graphics card shows every pixel, in the mode that is named, and the console gets its screen back when the root is killed",
  limits,
  async (context) => {
    const guest = machine(context);
    const config = { connectors: { "Virtual-1": { mode: "640x480" } } };
    const running = guestSystem(context, guest, system("/dev/dri/card0", [], config));
    await running.said('"Virtual-1" is /dev/dri/card0 Virtual-1, 640 by 480');
    await shows(guest, "screen", colors([]));
    await running.apply(system("/dev/dri/card0", [red], config));
    await shows(guest, "screen", colors([red]));
    await kill(guest, "display *");
    await running.said('"Virtual-1" is ');
    await shows(guest, "screen", colors([red]));
    assert.is(await consoleMode(guest), "graphics");
    // The root alone: not the spawner, as the bench's own SIGKILL would.
    await kill(guest, "node *bulkhead.js up *");
    await consoleComes(guest, "text");
  },
);

/** An ordinary user's shell at the first console, which runs a program. */
const loginProgram = `
import fcntl, os, signal, sys, termios
if os.getsid(0) != os.getpid():
    os.setsid()
os.chown("/dev/tty1", 65534, 5)
os.chmod("/dev/tty1", 0o600)
os.chown("/dev/fb0", 0, 44)
os.chmod("/dev/fb0", 0o660)
os.chmod("/run", 0o1777)
os.dup2(os.open("/dev/tty1", os.O_RDWR), 0)
fcntl.ioctl(0, termios.TIOCSCTTY, 1)
os.setgroups([44])
os.setgid(65534)
os.setuid(65534)
os.environ["HOME"] = os.environ["XDG_RUNTIME_DIR"] = "/tmp"
child = os.fork()
if child == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
os.waitpid(child, 0)
`;

bochs("an ordinary user's screen goes back to the console too, when the root is killed", limits, async (context) => {
  const guest = machine(context);
  const login = ["python3", "-c", loginProgram];
  const running = guestSystemOf(context, guest, document(system("/dev/fb0")), login);
  await running.said('"screen" is ');
  await shows(guest, "screen", colors([]));
  assert.is(await consoleMode(guest), "graphics", running.output());
  await kill(guest, "node *bulkhead.js up *");
  await consoleComes(guest, "text");
});

bochs("a screen that is pulled out is let go of, and shows all again when it returns", limits, async (context) => {
  const guest = machine(context);
  const { source, display } = system("") as { source: object; display: object };
  const running = guestSystem(context, guest, {
    source,
    platform: {
      provides: ["Platform", "ROM"],
      route: { "*": "parent" },
      grants: { host: { devices: ["drm"] } },
      config: { policies: [{ label: "display", devices: { device: { class: "drm", name: "card*" } } }] },
    },
    display: { ...display, grants: {}, route: { Platform: "platform", "*": "default" } },
  });
  await running.said('"Virtual-1" is ');
  await shows(guest, "screen", colors([]));
  const card = "/sys/class/drm/card0";
  const plug = (status: string): Promise<string> =>
    guest.output(["sh", "-c", `echo ${status} >${card}-Virtual-1/status; echo change >${card}/uevent`], wait);
  await plug("off");
  await running.said('The screen at "Virtual-1" is gone');
  await plug("detect");
  await running.said('"Virtual-1" is ');
  await shows(guest, "screen", colors([]));
});

bochs.run();

const cirrus = suite("a screen of 16 bits");
const narrow = machineOf(cirrus, { bench: { devices: { screen: { kind: "display", adapter: "cirrus" } } } });

cirrus("colours lose their lower bits, and nothing else", limits, async (context) => {
  // Five bits of eight, spread over all of eight again.
  await drawsAndChanges(context, narrow(context), "/dev/fb0", 8);
});

cirrus.run();

const virtio = suite("a screen of a virtual card");
const virtual = machineOf(virtio, {
  bench: {
    devices: { screen: { kind: "display", adapter: "virtio", width: 1024, height: 768 } },
  },
});

virtio("its frame buffer, and its card with one picture and with two", limits, async (context) => {
  const guest = virtual(context);
  const first = await drawsAndChanges(context, guest, "/dev/fb0");
  first.process.kill("SIGTERM");
  await first.process.ended(wait);
  for (const doubleBuffer of [true, false]) {
    const config = { connectors: { "Virtual-1": { doubleBuffer } } };
    const running = guestSystem(context, guest, system("/dev/dri/card0", [], config));
    await running.said('"Virtual-1" is ');
    await shows(guest, "screen", colors([]));
    await running.apply(system("/dev/dri/card0", [red], config));
    await shows(guest, "screen", colors([red]));
    running.process.kill("SIGTERM");
    await running.process.ended(wait);
  }
});

/** Compares some of the pixels of /dev/fb1, red in the lowest byte, with the colours of the source and one rectangle. */
const memoryProgram = `
import sys
first = int(open("/sys/class/graphics/fb1/pan").read().split(",")[1])
x, y, width, height, color = map(int, sys.argv[1:])
data = open("/dev/fb1", "rb").read()
wrong = 0
for place in list(range(0, 800 * 600, 97)) + [x + y * 800, x + width - 1 + (y + height - 1) * 800]:
  column, row = place % 800, place // 800
  inside = x <= column < x + width and y <= row < y + height
  wanted = color if inside else (column & 255) << 16 | (row & 255) << 8 | (column >> 3 & 255)
  at = 4 * (place + 800 * first)
  if (data[at] << 16 | data[at + 1] << 8 | data[at + 2]) != wanted: wrong += 1
print(first, wrong)
`;

/** Gives /dev/fb1 twice as many lines as it shows. */
const doubleProgram = `
import fcntl, struct
screen = open("/dev/fb1", "r+b", buffering=0)
form = bytearray(160)
fcntl.ioctl(screen, 0x4600, form)
struct.pack_into("I", form, 12, 1200)
fcntl.ioctl(screen, 0x4601, form)
`;

virtio(
  "a screen with red in the lowest byte, and memory for two pictures, which take turns",
  limits,
  async (context) => {
    const guest = virtual(context);
    await guest.output(["modprobe", "vfb", "vfb_enable=1", "videomemorysize=8388608", "mode_option=800x600-32"], wait);
    await guest.output(["python3", "-c", doubleProgram], wait);
    const running = guestSystem(context, guest, system("/dev/fb1"));
    assert.match(await running.said('"screen" is '), /two pictures/);
    assert.is(await consoleMode(guest), "text", "the console is on another screen");
    for (const [count, over] of [red, { ...red, color: 0x336699 }].entries()) {
      await running.apply(system("/dev/fb1", [over]));
      const { x, y, width, height, color } = over;
      const numbers = [x, y, width, height, color].map(String);
      const end = performance.now() + 60_000;
      for (let said = ""; !/ 0$/.test(said); ) {
        said = (await guest.output(["python3", "-c", memoryProgram, ...numbers], wait)).trim();
        if (performance.now() > end) assert.unreachable(`${said} pixels differ at change ${count}`);
      }
    }
  },
);

virtio.run();
