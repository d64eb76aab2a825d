/** The bench file: which devices a machine has. Its schema is its documentation. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { errorMessage } from "../base/errors.js";
import { suggestion } from "../base/nearest.js";
import {
  checked,
  described,
  type Infer,
  type Problem,
  parsed,
  problemText,
  reject,
  type Schema,
  s,
  shown,
} from "../base/schema.js";
import { diagnosticText, readDocument } from "../servers/init/system-file.js";

const seat = {
  display: s
    .string({ doc: "The display that it belongs to. Each has at most one keyboard and one device that points." })
    .optional(),
};

const injectedErrorSchema = s.object({
  sector: s.integer({ min: 0, doc: "Which sector of 512 bytes fails; every one when absent." }).optional(),
  operation: s.enumeration(["read", "write", "flush", "discard"], { doc: "What fails." }),
  error: s.enumeration(["EIO", "ENOSPC", "EPERM"], { default: "EIO", doc: "A guest sees EIO for each." }),
  once: s.boolean({ default: false, doc: "Whether only the first time fails." }),
});
export type InjectedError = Infer<typeof injectedErrorSchema>;

const displaySchema = s.object({
  kind: s.literal("display"),
  adapter: s.enumeration(["virtio", "bochs", "vga", "cirrus", "firmware"], {
    default: "virtio",
    doc: "`cirrus` has 16 bits a pixel, the others 32. `firmware`: a board's own, of 640 by 480 pixels of 16 bits.",
  }),
  width: s.integer({ min: 320, max: 4096, default: 1024, doc: "Pixels; a board's screen has its own." }),
  height: s.integer({ min: 200, max: 4096, default: 768, doc: "Pixels." }),
});
const keyboardSchema = s.object({
  kind: s.literal("keyboard"),
  bus: s.enumeration(["usb", "virtio"], { default: "usb" }),
  ...seat,
});
const pointerSchema = s.object({
  kind: s.literal("pointer"),
  bus: s.enumeration(["usb", "virtio"], { default: "usb", doc: "A mouse, which tells how far it moved." }),
  ...seat,
});
const tabletSchema = s.object({
  kind: s.literal("tablet"),
  bus: s.enumeration(["usb", "virtio", "wacom"], { default: "usb", doc: "It tells where it points." }),
  ...seat,
});
const touchSchema = s.object({
  kind: s.literal("touch", { doc: "A screen or pad that feels ten fingers; it belongs to no display." }),
  surface: s.enumeration(["screen", "pad"], { default: "screen" }),
  width: s.integer({ min: 10, max: 3000, default: 160, doc: "Millimetres." }),
  height: s.integer({ min: 10, max: 3000, default: 100, doc: "Millimetres." }),
});
const gamepadSchema = s.object({
  kind: s.literal("gamepad", { doc: "15 buttons, a cross and two sticks." }),
});
const hidSchema = s.object({
  kind: s.literal("hid", { doc: "A HID device that the test plays, report by report." }),
  descriptor: s.string({
    doc: "Its report descriptor: bytes as hexadecimal digits, such as `06 00 ff 09 01 a1 01 ...`.",
  }),
  vendor: s.integer({ min: 0, max: 0xffff, default: 0x1d6b }),
  product: s.integer({ min: 0, max: 0xffff, doc: "Another one for each device by default." }).optional(),
});
const soundSchema = s.object({
  kind: s.literal("sound"),
  card: s.enumeration(["ac97", "hda", "usb"], { default: "ac97", doc: "`ac97` is heard without any loss." }),
});
const diskSchema = s.object({
  kind: s.literal("disk"),
  bus: s.enumeration(["virtio", "nvme", "usb", "scsi", "sd"], { default: "virtio" }),
  size: s.size({ min: 2 ** 20, default: "64M", doc: "Of a disk that is empty at first." }),
  image: s.string({ doc: "A file that the disk begins with, a copy of it, instead of an empty one." }).optional(),
  sectorSize: s.enumeration(["512", "4096"], { default: "512", doc: "Bytes; only on virtio and scsi." }),
  errors: s.array(injectedErrorSchema, { default: [], doc: "Accesses that fail." }),
});
const networkSchema = s.object({
  kind: s.literal("network"),
  card: s.enumeration(["virtio", "e1000", "e1000e", "rtl8139", "usb"], { default: "virtio" }),
  mac: s.string({ doc: "Such as `02:00:00:00:00:01`." }).optional(),
  capture: s.boolean({ default: true, doc: "Whether every frame goes into NAME.pcap of the results." }),
});
const uartSchema = s.object({
  kind: s.literal("uart"),
  port: s.enumeration(["16550", "pci", "usb", "mini"], {
    default: "16550",
    doc: "`16550`: one of the three beside the console. `usb`: an adapter of FTDI's kind. `mini`: a board's own.",
  }),
});
const usbSchema = s.object({
  kind: s.literal("usb"),
  device: s.enumeration(["ccid", "braille", "hub"], { doc: "A card reader, a Braille display, or a hub." }),
});
const gadgetSchema = s.object({
  kind: s.literal("gadget", { doc: "A USB device whose both ends are in the guest." }),
  functions: s.array(s.enumeration(["acm", "ecm", "ncm", "hid", "Loopback", "SourceSink"]), {
    doc: "What it does, in the kernel's words.",
  }),
  vendor: s.integer({ min: 0, max: 0xffff, default: 0x1d6b }),
  product: s.integer({ min: 0, max: 0xffff, default: 0x0104 }),
});
const i2cSchema = s.object({
  kind: s.literal("i2c", { doc: "A bus with chips that are memory of 256 bytes each." }),
  addresses: s.array(s.integer({ min: 3, max: 0x77 }), { doc: "Of the chips." }),
});
const watchdogSchema = s.object({
  kind: s.literal("watchdog"),
  model: s.enumeration(["i6300esb", "software", "bcm2835"], {
    default: "i6300esb",
    doc: "`bcm2835`: a board's own, which counts no time where it is emulated: it bites when it is started.",
  }),
  action: s.enumeration(["none", "pause", "reset", "poweroff"], {
    default: "none",
    doc: "What happens when nobody feeds it; it is told in any case.",
  }),
});

const kinds = {
  display: displaySchema,
  keyboard: keyboardSchema,
  pointer: pointerSchema,
  tablet: tabletSchema,
  touch: touchSchema,
  gamepad: gamepadSchema,
  hid: hidSchema,
  sound: soundSchema,
  disk: diskSchema,
  network: networkSchema,
  uart: uartSchema,
  usb: usbSchema,
  gadget: gadgetSchema,
  i2c: i2cSchema,
  watchdog: watchdogSchema,
} as const;
export type DeviceKind = keyof typeof kinds;
export type DeviceConfig<Kind extends DeviceKind = DeviceKind> = { [K in Kind]: Infer<(typeof kinds)[K]> }[Kind];
/** A device as a program writes it: what is absent has its default. */
export type DeviceDocument = { readonly kind: DeviceKind } & Readonly<Record<string, unknown>>;

export const machineSchema = s.object(
  {
    board: s.enumeration(["any", "raspberry-pi-3"], {
      default: "any",
      doc: "`raspberry-pi-3` is one board of arm64, with what is on it: 1 GiB, a mini UART, an SD slot, a screen, a watchdog, and one USB port.",
    }),
    memory: s.size({ min: 192 * 2 ** 20, default: "512M", doc: "A board has its own." }),
    processors: s.integer({ min: 1, max: 16, default: 1, doc: "A board runs on one." }),
    clock: s
      .string({ doc: "What the real-time clock shows at first, such as `2026-02-28T23:59:50Z`; else now." })
      .optional(),
    timing: s.enumeration(["host", "counted"], {
      default: "host",
      doc: "`counted`: time is the number of instructions, and waiting takes none. For tests of time that nothing outside answers.",
    }),
    modules: s.array(s.string({ maxBytes: 64 }), { default: [], doc: "Kernel modules beside those of the devices." }),
    spare: s.integer({ min: 0, max: 8, default: 2, doc: "Free slots for PCI devices that come while it runs." }),
  },
  { default: {} },
);

/** Names are the emulator's as well. */
const namePattern = "^[a-z][a-z0-9-]{0,30}$";
/** What every machine has: its buses, shares, channels and free slots. */
const takenName = /^(usb|host|work|results|agents?|console|monitor|spare\d+)$/;

/** A device of any kind; its `kind` decides which keys it has. */
export const deviceSchema = described<DeviceConfig>({
  type: Object.keys(kinds)
    .join(", ")
    .replace(/, (\w+)$/, " or $1"),
  matches: (value) => typeof value === "object" && value !== null,
  takesObjects: () => true,
  parse(value, path, problems) {
    if (typeof value !== "object" || value === null || !("kind" in value))
      return reject(problems, path, 'Expected an object with a "kind"');
    const { kind } = value;
    const chosen = typeof kind === "string" && Object.hasOwn(kinds, kind) ? kinds[kind as DeviceKind] : undefined;
    if (chosen !== undefined) return chosen.parse(value, path, problems) as DeviceConfig;
    const hint = typeof kind === "string" ? suggestion(kind, Object.keys(kinds)) : "";
    return reject(problems, [...path, "kind"], `There is no kind of device ${shown(kind)}${hint}`);
  },
  jsonSchema: (definitions) => ({ anyOf: Object.values(kinds).map((schema) => schema.jsonSchema(definitions)) }),
});

/** The whole file. */
export const benchSchema = s.object({
  $schema: s.string({ doc: "For editors." }).optional(),
  machine: machineSchema,
  devices: s.record(deviceSchema, {
    keyPattern: namePattern,
    keyName: "NAME",
    default: {},
    doc: "By the names that the test uses.",
  }),
});
export type Bench = Infer<typeof benchSchema>;

/** The tables of the documentation: of the machine, then of each kind. */
export const documentedSchemas: Readonly<Record<string, Schema<unknown>>> = { machine: machineSchema, ...kinds };

/** The bench file has mistakes: each with file, line and column. */
export class BenchFileError extends Error {
  override readonly name = "BenchFileError";
}

/** Parses a bench as a program writes it. @throws SessionError `InvalidArgument` */
export function benchOf(document: unknown): Bench {
  const bench = checked(benchSchema, document, "the bench");
  const problems = contradictions(bench);
  if (problems.length > 0) throw new BenchFileError(`Cannot use the bench: ${problems.map(problemText).join("; ")}`);
  return bench;
}

/** Reads a bench file; images are found beside it. @throws BenchFileError */
export function readBenchFile(file: string): Bench {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new BenchFileError(`Cannot read the bench file: ${errorMessage(error)}`);
  }
  const document = readDocument(text);
  const diagnostics = [...document.diagnostics];
  if (diagnostics.length === 0) {
    const { value, problems } = parsed(benchSchema, document.value);
    const all = problems.length > 0 ? problems : contradictions(value);
    if (all.length === 0) return withImages(value, dirname(resolve(file)));
    for (const { path, message, at } of all)
      diagnostics.push({ severity: "error", rule: "schema", message, path, ...document.place(path, at) });
  }
  throw new BenchFileError(diagnostics.map((diagnostic) => diagnosticText(file, diagnostic)).join("\n"));
}

function withImages(bench: Bench, folder: string): Bench {
  const devices = Object.entries(bench.devices).map(([name, device]) => [
    name,
    device.kind === "disk" && device.image !== undefined ? { ...device, image: resolve(folder, device.image) } : device,
  ]);
  return { ...bench, devices: Object.fromEntries(devices) as Bench["devices"] };
}

const pointing = new Set<DeviceKind>(["pointer", "tablet"]);
/** Bytes in hexadecimal, with or without spaces. */
const hexadecimalBytes = /^\s*([0-9a-f]{2}\s*)+$/i;

/** Which key of a device says what it is attached to, and its values on a board. What is not here needs a PCI bus. */
const onBoards: { readonly [Kind in DeviceKind]?: readonly [key: string, values: readonly string[]] } = {
  display: ["adapter", ["firmware"]],
  keyboard: ["bus", ["usb"]],
  pointer: ["bus", ["usb"]],
  tablet: ["bus", ["usb", "wacom"]],
  disk: ["bus", ["sd", "usb"]],
  network: ["card", ["usb"]],
  uart: ["port", ["mini", "usb"]],
  usb: ["device", ["ccid", "braille", "hub"]],
  watchdog: ["model", ["bcm2835", "software"]],
};

/** Values that only a board has. */
const onlyOnBoards = new Set(["firmware", "mini", "bcm2835"]);

/** Why a machine, or a board of this name, cannot have a device; undefined when it can. */
export function misplaced(
  device: DeviceConfig,
  board: string | undefined,
): { readonly key: string; readonly message: string } | undefined {
  const [key = "kind", values = []] = onBoards[device.kind] ?? [];
  const value = (device as unknown as Readonly<Record<string, string>>)[key] as string;
  if (board === undefined)
    return onlyOnBoards.has(value)
      ? { key, message: `Only the machine of a "board" has ${key} "${value}"` }
      : undefined;
  if (values.length === 0) return { key: "kind", message: `A ${board} has no ${device.kind}` };
  if ("display" in device && device.display !== undefined)
    return { key: "display", message: `On a ${board} this belongs to no display: leave it out` };
  if (values.includes(value)) return undefined;
  return { key, message: `A ${board} has no ${device.kind} of ${key} "${value}", but of: ${values.join(", ")}` };
}

/** What each device alone is right about, and all together are not. */
function contradictions({ devices, machine }: Bench): Problem[] {
  const problems: Problem[] = [];
  const seats = new Map<string, string>();
  const counts = new Map<string, number>();
  const limit = (name: string, what: string, most: number): void => {
    const count = (counts.get(what) ?? 0) + 1;
    counts.set(what, count);
    if (count > most) problems.push({ path: ["devices", name], message: `A machine has at most ${most} of ${what}` });
  };
  for (const [name, device] of Object.entries(devices)) {
    if (takenName.test(name))
      problems.push({ path: ["devices", name], message: `The machine itself has a "${name}": choose another name` });
    const problem = misplaced(device, machine.board === "any" ? undefined : machine.board);
    if (problem !== undefined) problems.push({ path: ["devices", name, problem.key], message: problem.message });
    if ("display" in device && device.display !== undefined && devices[device.display]?.kind !== "display")
      problems.push({
        path: ["devices", name, "display"],
        message: `There is no display "${device.display}"${suggestion(device.display, Object.keys(devices))}`,
      });
    if (device.kind === "keyboard" || pointing.has(device.kind)) {
      const { display = "" } = device as DeviceConfig<"keyboard">;
      const seat = `${device.kind === "keyboard" ? "keyboard" : "pointing device"} ${display}`;
      const other = seats.get(seat);
      if (other !== undefined)
        problems.push({
          path: ["devices", name],
          message: `"${other}" is in the same place: events could not be told to go to one of them. Give each a "display" of its own`,
        });
      seats.set(seat, name);
    }
    if (device.kind === "uart" && device.port === "16550") limit(name, "port 16550", 3);
    if (device.kind === "uart" && device.port === "mini") limit(name, "port mini", 1);
    if (device.kind === "display" && device.adapter === "firmware") limit(name, "adapter firmware", 1);
    if (device.kind === "disk" && device.bus === "sd") limit(name, "bus sd", 1);
    if (device.kind === "hid" && !hexadecimalBytes.test(device.descriptor))
      problems.push({
        path: ["devices", name, "descriptor"],
        message: "Expected bytes as pairs of hexadecimal digits",
      });
    if (device.kind === "watchdog" || device.kind === "i2c") limit(name, `kind ${device.kind}`, 1);
  }
  if (machine.clock !== undefined && Number.isNaN(Date.parse(machine.clock)))
    problems.push({ path: ["machine", "clock"], message: `${shown(machine.clock)} is no date and time` });
  return problems;
}
