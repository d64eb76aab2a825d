/**
 * Benches that a file describes: what is plugged in here, or on a board that ssh reaches.
 *
 * ```jsonc
 * {
 *   "uart": { "tty": "/dev/ttyUSB0", "line": { "baudRate": 115200 } },
 *   "power": { "on": ["uhubctl", "-a", "on"], "off": ["uhubctl", "-a", "off"] }
 * }
 * ```
 */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parseDuration } from "../../base/quantity.js";
import { type Infer, type Problem, s } from "../../base/schema.js";
import { lineSchema } from "../../drivers/uart/config.js";
import { readDocument } from "../../servers/init/system-file.js";
import { type AnyProvider, type Bench, provider } from "../bench.js";
import { decodePng } from "../png.js";
import { type CommandLine, commandSwitch, modemLineSwitch, Power, runCommand, type Switch } from "../power.js";
import { Shell, type ShellOptions } from "../shell.js";
import { Sound } from "../sound.js";
import { blockProvision, bridgedUart, nicProvision, rtcProvision, uartProvision, uplinkProvision } from "./devices.js";
import { sessionProviders } from "./sessions.js";

const facts = s.record(s.string({ maxBytes: 200 }), {
  keyName: "FACT",
  default: {},
  doc: "Serial numbers, revisions and the like, for the reports.",
});
const command = (doc: string) => s.array(s.string({ maxBytes: 1000 }), { min: 1, max: 64, doc });
const path = (doc: string) => s.string({ maxBytes: 1000, doc });

const uart = s.union([
  s.object({
    tty: path("Path of the serial line; one of /dev/serial/by-id stays the same."),
    line: lineSchema.doc("How the line is set, as the uart driver has it.").optional(),
    facts,
  }),
  s.object({
    remote: path("Command on the `shell` board whose input and output are the line, such as `picocom -q /dev/ttyS1`."),
    facts,
  }),
]);
const block = s.object({
  device: path("Path of the disk."),
  write: s.boolean({ default: false, doc: "Whether tests may overwrite it." }),
  facts,
});
const nic = s.object({ interface: path("Name of the network interface."), facts });
const rtc = s.object({
  device: path("Path of the clock, such as `/dev/rtc0`."),
  write: s.boolean({ default: false, doc: "Whether tests may set it." }),
  facts,
});
const power = s.union([
  s.object({
    on: command("Program and arguments that switch it on."),
    off: command("Program and arguments that switch it off."),
    pause: s.duration({ default: "500ms", doc: "How long a cycle stays off." }),
  }),
  s.object({
    tty: path("Serial adapter, one of whose lines switches."),
    line: s.enumeration(["dtr", "rts"], { default: "dtr", doc: "Which line switches." }),
    active: s.boolean({ default: true, doc: "Level of the line that means off, or in reset." }),
    pause: s.duration({ default: "100ms", doc: "How long a cycle stays off." }),
  }),
]);
const shell = s.object({
  host: path("As ssh takes it, such as `root@board`."),
  port: s.integer({ min: 1, max: 65_535, doc: "22 by default." }).optional(),
  identity: path("File of the private key, relative to this file; those that ssh finds by default.").optional(),
  knownHosts: path("File of host keys, relative to this file; the user's by default.").optional(),
  options: s.array(s.string(), { default: [], doc: "Further options, as `ssh -o` takes them." }),
  facts,
});

export const labSchema = s.object({
  $schema: s.string({ doc: "For editors: docs/lab-file.schema.json of the package." }).optional(),
  name: s.string({ maxBytes: 64, doc: "What reports call it; the file's name by default." }).optional(),
  facts,
  uart: uart.doc("A serial line, of this machine or of the board.").optional(),
  block: block.doc("A disk. Its contents are lost where tests may write.").optional(),
  nic: nic.doc("A network interface, which the tests have for themselves.").optional(),
  rtc: rtc.doc("A real-time clock, which the tests have for themselves.").optional(),
  power: power.doc("What switches the device under test, by commands or by a line of a serial adapter.").optional(),
  shell: shell.doc("A board that ssh reaches without a password.").optional(),
  display: s
    .object(
      { grab: command("Program and arguments that print a PNG."), facts },
      { doc: "A screen, by a frame grabber or camera." },
    )
    .optional(),
  sound: s
    .object(
      {
        record: command("Program and arguments that print a WAV; `{seconds}` in one is how long to record."),
        facts,
      },
      { doc: "What the device plays, by a recorder." },
    )
    .optional(),
  before: command("Runs before each test, such as what flashes the board.").optional(),
  after: command("Runs after each test.").optional(),
});
type LabFile = Infer<typeof labSchema>;

function asCommand([program = "", ...args]: readonly string[]): CommandLine {
  return [program, ...args];
}

function missing(file: string, what: string): string | undefined {
  return existsSync(file) ? undefined : `there is no ${file}: ${what}`;
}

/** What the kernel says about the USB device behind a node, which tells two adapters apart. */
function usbFacts(node: string): Record<string, string> {
  const name = basename(existsSync(node) ? realpathSync(node) : node);
  const device = ["tty", "block", "net"]
    .map((kind) => `/sys/class/${kind}/${name}/device`)
    .find((one) => existsSync(one));
  if (device === undefined) return {};
  const read = (folder: string, file: string): string | undefined =>
    existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8").trim() : undefined;
  for (let folder = realpathSync(device); folder.startsWith("/sys/devices/"); folder = dirname(folder)) {
    const vendor = read(folder, "idVendor");
    if (vendor === undefined) continue;
    const serial = read(folder, "serial");
    const found = { usb: `${vendor}:${read(folder, "idProduct") ?? "?"}`, revision: read(folder, "bcdDevice") ?? "?" };
    return serial === undefined ? found : { ...found, serial };
  }
  return {};
}

/** The board of a file, with its paths as the file has them: relative to itself. */
function shellOptions(board: NonNullable<LabFile["shell"]>, folder: string): ShellOptions {
  const { facts: _facts, identity, knownHosts, port, ...rest } = board;
  return {
    ...rest,
    ...(port !== undefined && { port }),
    ...(identity !== undefined && { identity: resolve(folder, identity) }),
    ...(knownHosts !== undefined && { knownHosts: resolve(folder, knownHosts) }),
  };
}

function uartProvider(line: NonNullable<LabFile["uart"]>, board: ShellOptions | undefined): AnyProvider {
  if ("tty" in line) {
    return provider({
      need: "uart",
      name: line.tty,
      lacking: () => missing(line.tty, "plug the adapter in, or correct the lab file"),
      acquire: () =>
        uartProvision({
          grant: { tty: line.tty },
          ...(line.line && { line: line.line }),
          properties: { ...usbFacts(line.tty), ...line.facts },
        }),
    });
  }
  return provider({
    need: "uart",
    name: `"${line.remote}" over ssh`,
    lacking: () => (board === undefined ? 'a remote line needs a "shell" in the lab file' : undefined),
    acquire: async () => {
      const shellOfLine = await Shell.open(board as ShellOptions);
      const bridged = bridgedUart({ properties: line.facts, stream: () => shellOfLine.stream(line.remote) });
      return { ...bridged, release: () => shellOfLine[Symbol.asyncDispose]() };
    },
  });
}

function switchOf(own: NonNullable<LabFile["power"]>): Switch {
  return "on" in own ? commandSwitch({ on: asCommand(own.on), off: asCommand(own.off) }) : modemLineSwitch(own);
}

function providersOf(file: LabFile, folder: string): AnyProvider[] {
  const found: AnyProvider[] = [];
  const board = file.shell && shellOptions(file.shell, folder);
  if (file.uart !== undefined) found.push(uartProvider(file.uart, board));
  if (file.block !== undefined) {
    const { device, write, facts: own } = file.block;
    found.push(
      provider({
        need: "block",
        name: device,
        lacking: () => missing(device, "plug the disk in, or correct the lab file"),
        acquire: () =>
          blockProvision({ grant: { device, write }, writeable: write, properties: { ...usbFacts(device), ...own } }),
      }),
    );
  }
  if (file.nic !== undefined) {
    const { interface: name, facts: own } = file.nic;
    const options = { grant: { interface: name }, properties: { ...usbFacts(name), ...own } };
    const lacking = (): string | undefined =>
      missing(`/sys/class/net/${name}`, "plug the interface in, or correct the lab file");
    found.push(
      provider({ need: "nic", name, lacking, acquire: () => nicProvision(options) }),
      provider({ need: "uplink", name, lacking, acquire: () => uplinkProvision(options) }),
    );
  }
  if (file.rtc !== undefined) {
    const { device, write, facts: own } = file.rtc;
    found.push(
      provider({
        need: "rtc",
        name: device,
        lacking: () => missing(device, "plug the clock in, or correct the lab file"),
        acquire: () => rtcProvision({ device, writeable: write, properties: own }),
      }),
    );
  }
  if (file.power !== undefined) {
    const own = file.power;
    found.push(
      provider({
        need: "power",
        name: "on" in own ? (own.on[0] ?? "") : `${own.line} of ${own.tty}`,
        lacking: () => ("tty" in own ? missing(own.tty, "plug the adapter in, or correct the lab file") : undefined),
        acquire: () => ({
          open: async ({ files }) =>
            new Power(switchOf(own), { pause: own.pause, trace: (step) => files.trace("power", step) }),
        }),
      }),
    );
  }
  if (board !== undefined) {
    found.push(
      provider({
        need: "shell",
        name: board.host,
        acquire: () => ({
          properties: file.shell?.facts ?? {},
          open: ({ files }) =>
            Shell.open(board, (line, { code, output, errors }) => {
              files.trace("shell", line, { code });
              files.append("shell.log", `$ ${line}\n${output}${errors}`);
            }),
        }),
      }),
    );
  }
  found.push(...grabberProviders(file));
  return found;
}

function grabberProviders({ display, sound }: LabFile): AnyProvider[] {
  const found: AnyProvider[] = [];
  if (display !== undefined) {
    const grab = asCommand(display.grab);
    found.push(
      provider({
        need: "display",
        name: grab[0],
        acquire: () => ({
          properties: display.facts,
          open: async () => ({
            screenshot: async () => decodePng(await runCommand("grab the screen", grab)),
            async [Symbol.asyncDispose]() {},
          }),
        }),
      }),
    );
  }
  if (sound !== undefined) {
    found.push(
      provider({
        need: "sound",
        name: sound.record[0] ?? "",
        acquire: () => ({
          properties: sound.facts,
          open: async ({ files }) => ({
            record: async (duration) => {
              const seconds = String(parseDuration(duration) / 1000);
              const line = asCommand(sound.record.map((argument) => argument.replaceAll("{seconds}", seconds)));
              const wav = await runCommand("record", line);
              files.write("sound.wav", wav);
              return Sound.fromWav(wav);
            },
            async [Symbol.asyncDispose]() {},
          }),
        }),
      }),
    );
  }
  return found;
}

/** Reads a lab file. @throws Error with every problem, each with its line and column */
export function readLabFile(file: string): LabFile {
  const document = readDocument(readFileSync(file, "utf8"));
  const problems: Problem[] = [];
  const value = document.diagnostics.length > 0 ? undefined : labSchema.parse(document.value, [], problems);
  const found = [
    ...document.diagnostics.map(({ line, column, message }) => ({ line, column, message })),
    ...problems.map((problem) => ({ ...document.place(problem.path, problem.at), message: problem.message })),
  ];
  if (found.length > 0)
    throw new Error(found.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`).join("\n"));
  return value as LabFile;
}

export function openLabFile(file: string): Bench {
  const described = readLabFile(file);
  const { before, after } = described;
  return {
    name: described.name ?? basename(file).replace(/\.jsonc?$/, ""),
    properties: described.facts,
    providers: [...providersOf(described, dirname(resolve(file))), ...sessionProviders],
    ...(before && { before: async () => void (await runCommand("prepare the test", asCommand(before))) }),
    ...(after && { after: async () => void (await runCommand("clean up after the test", asCommand(after))) }),
    async [Symbol.asyncDispose]() {},
  };
}
