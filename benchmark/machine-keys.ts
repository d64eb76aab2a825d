/**
 * From a key press to its pixels in a machine of the virtual bench: a figure to report and not to reach, as the machine's
 * processor is a program.
 */
import { Machine } from "../bench/machine.js";
import { BenchUnavailable } from "../bench/programs.js";
import { plainDesktop } from "../test/support/default-desktop.js";
import { guestSystemOf } from "../test/vm/guest.js";
import { median } from "./row.js";

/** A keyboard of uinput, and an eye on the line of the screen where the terminal has its prompt. Prints milliseconds. */
const meter = `
import fcntl, mmap, os, struct, sys, time
keyboard = os.open("/dev/uinput", os.O_WRONLY)
set_event_type, set_key, setup, create = 0x40045564, 0x40045565, 0x405c5503, 0x5501
fcntl.ioctl(keyboard, set_event_type, 1)
for key in range(1, 120):
    fcntl.ioctl(keyboard, set_key, key)
fcntl.ioctl(keyboard, setup, struct.pack("HHHH80sI", 3, 1, 1, 1, b"meter", 0))
fcntl.ioctl(keyboard, create)
stride = int(open("/sys/class/graphics/fb0/stride").read())
lines = int(open("/sys/class/graphics/fb0/virtual_size").read().split(",")[1])
screen = mmap.mmap(os.open("/dev/fb0", os.O_RDWR), stride * lines)
def event(key, value):
    os.write(keyboard, struct.pack("llHHi", 0, 0, 1, key, value) + struct.pack("llHHi", 0, 0, 0, 0, 0))
def seen():
    return screen[80 * stride:140 * stride]
def press(key, patience):
    before, start = seen(), time.monotonic()
    event(key, 1)
    while seen() == before and time.monotonic() - start < patience:
        time.sleep(0.001)
    took = time.monotonic() - start
    event(key, 0)
    time.sleep(1)
    return took
x, backspace = 45, 14
# The first changes may be the window's own.
ready = 0
while ready < 3:
    ready = ready + 1 if press(x, 2) < 2 and press(backspace, 2) < 2 else 0
print(*[press([x, backspace][count % 2], 10) * 1000 for count in range(int(sys.argv[1]))])
`;

/** The median in milliseconds; undefined where there is no virtual bench. */
export async function keyToPixelInMachine(presses: number): Promise<number | undefined> {
  const cleanUps: (() => unknown)[] = [];
  try {
    await using machine = await Machine.start({
      bench: {
        machine: { memory: "1G", modules: ["evdev", "uinput"] },
        devices: { screen: { kind: "display", adapter: "bochs", width: 1024, height: 768 } },
      },
    });
    try {
      const defer = (cleanUp: () => unknown): void => void cleanUps.push(cleanUp);
      const system = guestSystemOf({ defer }, machine, JSON.stringify(plainDesktop()));
      await system.said('"screen" is ');
      const printed = await machine.output(["python3", "-c", meter, String(presses)], { within: "240s" });
      return median(printed.trim().split(" ").map(Number));
    } finally {
      for (const cleanUp of cleanUps.reverse()) await cleanUp();
    }
  } catch (error) {
    if (error instanceof BenchUnavailable) return undefined;
    throw error;
  }
}
