/** Switches that need no program: a line of a serial adapter, a line of a GPIO chip, a port of a USB hub. */
import { closeSync, constants, existsSync, openSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorMessage } from "../base/errors.js";
import { requestGpioLine, setGpioActive } from "../bindings/gpio.js";
import { changeModemLines, modemLine } from "../bindings/tty.js";
import type { Switch } from "./power.js";

/** Switches by a line of a serial adapter, as boards with automatic reset have it. `active`: the level that means off. */
export function modemLineSwitch({
  tty,
  line = "dtr",
  active = true,
}: {
  readonly tty: string;
  readonly line?: "dtr" | "rts";
  readonly active?: boolean;
}): Switch {
  const descriptor = openSync(tty, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  const bit = modemLine[line];
  const set = async (level: boolean): Promise<void> => {
    try {
      changeModemLines(descriptor, level ? bit : 0, level ? 0 : bit);
    } catch (error) {
      throw new Error(`Cannot switch by ${line.toUpperCase()} of ${tty}: ${errorMessage(error)}`);
    }
  };
  return { on: () => set(!active), off: () => set(active), close: () => closeSync(descriptor) };
}

/**
 * Switches by a line of a GPIO chip, such as "/dev/gpiochip0", with a relay or transistor behind it. `active`: the level
 * that means off. The line is taken with the first switching, with its level, and given back at the end; most chips
 * leave it as it is then.
 */
export function gpioSwitch({
  chip,
  line,
  active = false,
}: {
  readonly chip: string;
  readonly line: number;
  readonly active?: boolean;
}): Switch {
  let output: number | undefined;
  const set = async (level: boolean): Promise<void> => {
    try {
      if (output === undefined) output = take(chip, line, level);
      else setGpioActive(output, level);
    } catch (error) {
      throw new Error(`Cannot switch by line ${line} of ${chip}: ${errorMessage(error)}`);
    }
  };
  return {
    on: () => set(!active),
    off: () => set(active),
    close: () => {
      if (output !== undefined) closeSync(output);
      output = undefined;
    },
  };
}

function take(chip: string, line: number, level: boolean): number {
  const descriptor = openSync(chip, constants.O_RDWR);
  try {
    return requestGpioLine(
      descriptor,
      line,
      "bulkhead",
      {
        direction: "output",
        active: level,
        activeLow: false,
        bias: "as-is",
        drive: "push-pull",
        edges: "none",
        debounce: 0,
      },
      0,
    );
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Switches a port of a USB hub, by the kernel's name for the device in it, such as "1-1.2" (`dmesg` and `lsusb -t` have
 * it). The device is gone while its port is off; whether the port has no voltage either is up to the hub. Needs Linux
 * 6.0, and the right to write to the port's `disable` file.
 */
export function usbPortSwitch({ port }: { readonly port: string }): Switch {
  const set = async (off: boolean): Promise<void> => {
    for (const file of disableFiles(port)) {
      try {
        writeFileSync(file, off ? "1" : "0");
      } catch (error) {
        const advice = "run as root, or give your group the file by a udev rule";
        throw new Error(`Cannot switch USB port ${port}: ${errorMessage(error)}; ${advice}`);
      }
    }
  };
  return { on: () => set(false), off: () => set(true) };
}

const devices = "/sys/bus/usb/devices";

/** A socket of a fast hub has two ports, one for slower devices: both are switched. */
function disableFiles(port: string): string[] {
  const folder = portFolder(port);
  if (folder === undefined)
    throw new RangeError(`"${port}" is no USB port: expected the kernel's name of the device in it, such as "1-1.2"`);
  const file = join(folder, "disable");
  if (!existsSync(file))
    throw new Error(
      `Cannot switch USB port ${port}: there is no ${file}; is the hub there, and is this Linux 6.0 or later?`,
    );
  const peer = join(folder, "peer");
  return existsSync(peer) ? [file, join(realpathSync(peer), "disable")] : [file];
}

/** Where the kernel has the port "BUS-PORT.PORT...", whose last number is of the hub that the others lead to. */
export function portFolder(port: string): string | undefined {
  const [, bus, way = "", last] = /^(\d+)-((?:\d+\.)*)(\d+)$/.exec(port) ?? [];
  if (bus === undefined) return undefined;
  const hub = `${bus}-${way.slice(0, -1)}`;
  return way === ""
    ? join(devices, `${bus}-0:1.0`, `usb${bus}-port${last}`)
    : join(devices, `${hub}:1.0`, `${hub}-port${last}`);
}
