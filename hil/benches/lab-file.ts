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
import { type AnyProvider, type Bench, type Provision, provider } from "../bench.js";
import { LabLock } from "../lab-lock.js";
import { decodePng } from "../png.js";
import { type CommandLine, commandSwitch, Power, runCommand, type Switch } from "../power.js";
import { Shell, type ShellOptions } from "../shell.js";
import { Sound } from "../sound.js";
import { gpioSwitch, modemLineSwitch, portFolder, usbPortSwitch } from "../switches.js";
import { blockProvision, bridgedUart, nicProvision, pinsProvision, uartProvision, uplinkProvision } from "./devices.js";
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
const line = (doc: string) => s.union([s.integer({ min: 0 }), s.string()], { doc });
const pins = s.object({
  chip: path("Device node of the GPIO chip."),
  output: line("Number or name of the line that is driven."),
  input: line("Number or name of the line that is seen."),
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
  s.object({
    gpio: path("GPIO chip, one of whose lines switches, such as `/dev/gpiochip0`."),
    line: s.integer({ min: 0, max: 1023, doc: "Number of the line; `gpioinfo` lists them." }),
    active: s.boolean({ default: false, doc: "Level of the line that means off." }),
    pause: s.duration({ default: "500ms", doc: "How long a cycle stays off." }),
  }),
  s.object({
    usbPort: path("Port of a USB hub, by the kernel's name of the device in it, such as `1-1.2`."),
    pause: s.duration({ default: "2s", doc: "How long a cycle stays off." }),
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
  pins: pins.doc("Two lines of a GPIO chip that a wire joins.").optional(),
  power: power
    .doc(
      "What switches the device under test: commands, a line of a serial adapter or of a GPIO chip, or a port of a USB hub.",
    )
    .optional(),
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
  within: s.duration({
    default: "5m",
    doc: "How long a run waits for devices and the board while another run of this machine has them.",
  }),
  flash: command("Runs once in a run, before its first test, such as what flashes the board.").optional(),
  before: command("Runs before each test, such as what resets the board.").optional(),
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
  if ("on" in own) return commandSwitch({ on: asCommand(own.on), off: asCommand(own.off) });
  if ("gpio" in own) return gpioSwitch({ ...own, chip: own.gpio });
  return "usbPort" in own ? usbPortSwitch({ port: own.usbPort }) : modemLineSwitch(own);
}

/** What it is called, and the node without which there is none. */
function switchFacts(own: NonNullable<LabFile["power"]>): { readonly name: string; readonly node?: string } {
  if ("on" in own) return { name: own.on[0] ?? "" };
  if ("gpio" in own) return { name: `line ${own.line} of ${own.gpio}`, node: own.gpio };
  if ("tty" in own) return { name: `${own.line} of ${own.tty}`, node: own.tty };
  return { name: `USB port ${own.usbPort}`, node: portFolder(own.usbPort) ?? own.usbPort };
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
  if (file.pins !== undefined) {
    const { chip, output, input, facts: own } = file.pins;
    found.push(
      provider({
        need: "pins",
        name: `${output} and ${input} of ${chip}`,
        lacking: () => missing(chip, "plug the chip in, or correct the lab file"),
        acquire: () => pinsProvision({ grant: { device: chip }, output, input, properties: own }),
      }),
    );
  }
  if (file.power !== undefined) {
    const own = file.power;
    const { name, node } = switchFacts(own);
    found.push(
      provider({
        need: "power",
        name,
        lacking: () => (node === undefined ? undefined : missing(node, "plug it in, or correct the lab file")),
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

/** What there is only once: the file's own bench, and each device and board that other files may name as well. */
function singleThings(file: string, { uart, block, nic, power, shell }: LabFile): string[] {
  const node = (path: string): string => (existsSync(path) ? realpathSync(path) : path);
  return [
    `the lab of ${realpathSync(file)}`,
    ...(uart !== undefined && "tty" in uart ? [node(uart.tty)] : []),
    ...(block === undefined ? [] : [node(block.device)]),
    ...(nic === undefined ? [] : [`the interface ${nic.interface}`]),
    ...(power !== undefined && "tty" in power ? [node(power.tty)] : []),
    ...(power !== undefined && "gpio" in power ? [`line ${power.line} of ${node(power.gpio)}`] : []),
    ...(power !== undefined && "usbPort" in power ? [`the USB port ${power.usbPort}`] : []),
    ...(shell === undefined ? [] : [`the board ${shell.host}, port ${shell.port ?? 22}`]),
  ];
}

/** A lab for one run: had from its first test to its end. */
class Lab implements AsyncDisposable {
  readonly #file: string;
  readonly #described: LabFile;
  readonly #locks: LabLock[] = [];
  #ready: Promise<void> | undefined;

  constructor(file: string, described: LabFile) {
    this.#file = file;
    this.#described = described;
  }

  /** Waits until other runs have given back what it is made of, and flashes the board. Once: a failure stays. */
  ready(): Promise<void> {
    this.#ready ??= this.#prepare();
    return this.#ready;
  }

  async #prepare(): Promise<void> {
    const { within, flash } = this.#described;
    const waiting = (sentence: string): void => void process.stderr.write(`${sentence}\n`);
    // All runs in the same order: none waits for one that waits for it.
    for (const what of [...new Set(singleThings(this.#file, this.#described))].sort())
      this.#locks.push(await LabLock.take(what, { within, waiting }));
    if (flash !== undefined) await runCommand("flash the board", asCommand(flash), flashTimeout);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ready?.catch(() => {});
    for (const lock of this.#locks.splice(0).reverse()) await lock[Symbol.asyncDispose]();
  }
}

/** How long flashing may take, in milliseconds. */
const flashTimeout = 600_000;

export function openLabFile(file: string): Bench {
  const described = readLabFile(file);
  const { before, after } = described;
  const lab = new Lab(file, described);
  const own = providersOf(described, dirname(resolve(file)));
  const guarded = own.map((one) =>
    provider({
      ...one,
      acquire: async () => {
        await lab.ready();
        return one.acquire() as Provision;
      },
    }),
  );
  return {
    name: described.name ?? basename(file).replace(/\.jsonc?$/, ""),
    properties: described.facts,
    providers: [...guarded, ...sessionProviders],
    prepare: async (needs) => {
      if (own.some(({ need }) => needs.includes(need))) await lab.ready();
    },
    ...(before && { before: async () => void (await runCommand("prepare the test", asCommand(before))) }),
    ...(after && { after: async () => void (await runCommand("clean up after the test", asCommand(after))) }),
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}
