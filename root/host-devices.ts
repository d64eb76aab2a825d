/**
 * Opens devices of the host for the platform server: by name of their node or interface, within the classes that the
 * system file grants it. The server itself has neither the paths nor the rights.
 */
import { constants, existsSync, fstatSync, openSync, readlinkSync, realpathSync } from "node:fs";
import { basename, normalize } from "node:path";
import { errorMessage, SessionError } from "../base/errors.js";
import { native } from "../bindings/native.js";
import { openPacketSocket } from "../bindings/net.js";
import { setClock } from "../bindings/rtc.js";
import { openUevents } from "../bindings/uevent.js";
import { attributeClasses, type DeviceClass, deviceClasses } from "../lib/devices/device.js";
import { deviceNumber } from "../lib/devices/device-number.js";
import type { GrantSource } from "../servers/init/grants.js";
import { type PlatformGrant, PlatformKind } from "../sessions/platform/index.js";

/** What was opened for one grant of one component. */
export interface Opened {
  readonly grant: Omit<PlatformGrant, "file">;
  readonly descriptor: number;
}

export type DevicesSource = Extract<GrantSource, { readonly devices: unknown }>;

/** What a component that hands out devices sees of sysfs: the device tree, and no file system that is mounted below /sys. */
export function deviceTreeFolders(): string[] {
  return ["/sys/devices", "/sys/class", "/sys/bus", "/sys/firmware/devicetree"].filter((folder) => existsSync(folder));
}

/** Where udevd runs, devices are announced when its rules have run: before, they have other owners and modes. */
function rulesRun(): boolean {
  return existsSync("/run/udev/control");
}

/** The announcements of devices that come and go. */
export function openAnnouncements(): Opened {
  const afterRules = rulesRun();
  return {
    descriptor: openUevents({ afterRules }),
    grant: {
      kind: PlatformKind.devices,
      path: `devices, announced by ${afterRules ? "udevd" : "the kernel"}`,
      writeable: false,
      facts: JSON.stringify({ afterRules }),
    },
  };
}

function refuseClass(source: DevicesSource, what: string, deviceClass: string): void {
  const granted: readonly string[] = source.devices === true ? deviceClasses : source.devices;
  if (granted.includes(deviceClass)) return;
  throw new SessionError(
    "Denied",
    `Cannot open ${what}: its class is "${deviceClass}", and the system file grants ${granted.join(", ")}`,
  );
}

/** The kernel's class of an open device node. */
export function classOf(descriptor: number): string {
  const facts = fstatSync(descriptor);
  if (!facts.isBlockDevice() && !facts.isCharacterDevice()) return "none: it is no device";
  const number = deviceNumber(facts.rdev);
  try {
    return basename(readlinkSync(`/sys/dev/${facts.isBlockDevice() ? "block" : "char"}/${number}/subsystem`));
  } catch {
    return "none: the kernel does not list it";
  }
}

function openNode(source: DevicesSource, node: string): Opened {
  const path = `/dev/${node}`;
  if (node === "" || normalize(path) !== path)
    throw new SessionError("InvalidArgument", `Cannot open "${path}": it is no name of a device node below /dev`);
  // First without any effect on the device: opening a watchdog starts it.
  const look = openSync(path, pathOnly | constants.O_NOFOLLOW);
  try {
    const deviceClass = classOf(look);
    refuseClass(source, path, deviceClass);
    const block = fstatSync(look).isBlockDevice();
    const flags = block ? 0 : constants.O_NONBLOCK | constants.O_NOCTTY;
    // The very node that was looked at, whatever its path leads to by now.
    const { descriptor, writeable } = openBest(`/proc/self/fd/${look}`, path, flags);
    const kind =
      deviceClass === "block"
        ? PlatformKind.block_device
        : deviceClass === "tty"
          ? PlatformKind.tty
          : PlatformKind.character_device;
    return { descriptor, grant: { kind, path, writeable, facts: JSON.stringify({ class: deviceClass }) } };
  } finally {
    native.closeDescriptor(look);
  }
}

const pathOnly = 0o10000000; // O_PATH, which node:fs does not name

/**
 * Sets a clock that was granted to a component: the kernel asks for a right that nobody in a sandbox can have.
 * @throws SessionError `Denied` (not granted for writing), `InvalidArgument` (no clock), `Device` (the host may not either)
 */
export function setHostClock({ descriptor, grant }: Opened, seconds: number): void {
  const { path } = grant;
  if (!grant.writeable)
    throw new SessionError("Denied", `Cannot set ${path}: it is granted for reading; add "write": true to the grant`);
  // Of other devices the same request may mean anything, and would be made with rights that the component lacks.
  if (classOf(descriptor) !== "rtc")
    throw new SessionError("InvalidArgument", `Cannot set ${path}: it is no real-time clock`);
  try {
    setClock(descriptor, seconds);
  } catch (error) {
    const advice =
      (error as NodeJS.ErrnoException).code === "EACCES"
        ? `; start "bulkhead up" as root, or with CAP_SYS_TIME in the first user namespace`
        : "";
    throw new SessionError("Device", `${path}: ${errorMessage(error)}${advice}`);
  }
}

/** Opens for writing too where that is possible. */
function openBest(path: string, shown: string, flags: number): { descriptor: number; writeable: boolean } {
  try {
    return { descriptor: openSync(path, constants.O_RDWR | flags), writeable: true };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EACCES" && code !== "EROFS" && code !== "EPERM")
      throw new Error(errorMessage(error).replace(path, shown));
  }
  try {
    return { descriptor: openSync(path, constants.O_RDONLY | flags), writeable: false };
  } catch (error) {
    throw new Error(errorMessage(error).replace(path, shown));
  }
}

export function hexAddress(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** A packet socket on a network interface. */
export function openInterface(name: string): Opened {
  const socket = openPacketSocket(name);
  return {
    descriptor: socket.descriptor,
    grant: {
      kind: PlatformKind.packet_socket,
      path: name,
      writeable: true,
      facts: JSON.stringify({ macAddress: hexAddress(socket.address), mtu: socket.mtu }),
    },
  };
}

/** The directory of a device that is used through its files, `CLASS/NAME` below /sys/class. */
function openAttributes(source: DevicesSource, name: string): Opened {
  const [deviceClass = "", device = "", ...rest] = name.split("/");
  // The kernel has IIO as a bus, not as a class.
  const path = `/sys/${deviceClass === "iio" ? "bus/iio/devices" : `class/${deviceClass}`}/${device}`;
  if (rest.length > 0 || device === "" || normalize(path) !== path || !attributeClasses.has(deviceClass as DeviceClass))
    throw new SessionError("InvalidArgument", `Cannot open "${path}": its files are not what the device is used by`);
  refuseClass(source, path, deviceClass);
  const place = realpathSync(path);
  const descriptor = openSync(place, constants.O_RDONLY | constants.O_DIRECTORY);
  const facts = JSON.stringify({ class: deviceClass });
  return { descriptor, grant: { kind: PlatformKind.directory, path: place, writeable: true, facts } };
}

/**
 * Opens `dev/NODE`, `net/INTERFACE` or `sys/CLASS/NAME`.
 * @throws SessionError `Denied` (of another class than granted), `NotFound` (no such kind of name), and what the host says
 */
export function openHostDevice(source: DevicesSource, name: string): Opened {
  const at = name.indexOf("/");
  const rest = name.slice(at + 1);
  switch (name.slice(0, at)) {
    case "dev":
      return openNode(source, rest);
    case "net":
      refuseClass(source, `network interface "${rest}"`, "net");
      return openInterface(rest);
    case "sys":
      return openAttributes(source, rest);
    default:
      throw new SessionError(
        "NotFound",
        `Cannot open "${name}": write "dev/NODE", "net/INTERFACE" or "sys/CLASS/NAME"`,
      );
  }
}
