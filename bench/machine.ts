/**
 * A virtual machine with a stock kernel, whose root is this machine's, read-only, and whose devices a test drives from
 * outside.
 *
 *     await using machine = await Machine.start();
 *     const { code, output } = await machine.run(["uname", "-r"], { within: "10s" });
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { packageRoot } from "../bindings/prebuilt.js";
import { accelerates } from "./acceleration.js";
import type { GuestNode } from "./agent-protocol.js";
import { type Architecture, type ArchitectureName, architectures, boards, ownArchitecture } from "./architecture.js";
import { type Bench, benchOf, type DeviceConfig, type DeviceDocument, readBenchFile } from "./bench-file.js";
import { boardFiles, boardFolder, boardNode, boardPort } from "./board-files.js";
import { bounded, type WaitOptions } from "./deadline.js";
import { machineSlots, planDevices, rootPort } from "./device-plan.js";
import { Devices } from "./devices.js";
import { DiskEnd } from "./disk-end.js";
import { Emulator } from "./emulator.js";
import { EthernetEnd } from "./ethernet-end.js";
import { guestFiles } from "./foreign-root.js";
import { Gamepad } from "./gamepad.js";
import { type Ended, type GuestProcess, GuestProcesses, type ProcessOptions } from "./guest-processes.js";
import type { HidDevice } from "./hid-device.js";
import { agentFiles, archiveName, firstFolder, writeInitramfs } from "./initramfs.js";
import { Keyboard, Pointer } from "./input.js";
import { type Kernel, obtainKernel } from "./kernel.js";
import { layerTag, machineWords } from "./machine-arguments.js";
import { needPrograms } from "./programs.js";
import { boardTree } from "./raspberry-pi.js";
import { createState, loadState, saveState, stateFile, takeState } from "./saved-state.js";
import { Display } from "./screen.js";
import { SerialEnd } from "./serial-end.js";
import { TouchSurface } from "./touch-surface.js";
import { Wire } from "./wire.js";

export interface MachineOptions {
  /** Its devices: a bench file's path, or what such a file holds. A machine without any when absent. */
  readonly bench?: string | { readonly machine?: object; readonly devices?: Readonly<Record<string, DeviceDocument>> };
  /** The folder that the guest sees as it is at every moment, and may write to; the current one when absent. */
  readonly work?: string;
  /** Files and folders below `work` that come along to a board, which sees no others of this machine. */
  readonly carried?: readonly string[];
  /** Gets the console, sound, captured frames and what the guest writes to /run/bench. A temporary folder when absent. */
  readonly results?: string;
  /** `software` when absent. `hardware` is used only where a guest was seen to boot with it, and is software elsewhere. */
  readonly acceleration?: "software" | "hardware";
  readonly architecture?: ArchitectureName;
  /**
   * Begins with the saved state of such a machine whose agent runs, instead of booting. It is made at first, and kept
   * beside the kernel. By software emulation only.
   */
  readonly saved?: boolean;
  /**
   * This machine's systemd is the guest's first program, and boots `multi-user.target`. Units that this machine's
   * administrator has enabled stay off; those of the `layers` are not.
   */
  readonly systemd?: boolean;
  /** Folders whose files the guest has in its root instead of this machine's, the first one above all others. */
  readonly layers?: readonly string[];
  /** For the way to the running agent. */
  readonly within?: string | number;
  readonly signal?: AbortSignal;
  /** Told what takes long. */
  readonly progress?: (text: string) => void;
}

/** What starting took, in milliseconds, in order. */
export type Timing = readonly (readonly [string, number])[];

/** A machine without devices needs no free slots either. */
const plainBench = { machine: { spare: 0 } };

/** Where the guest has this machine's files, those of the work folder too, as it saw them first. */
const hostFolder = "/run/host";

/** To the running agent, by software emulation on a machine that is busy; systemd needs longer. */
const startTime = "60s";
const systemdStartTime = "300s";

/** What a machine that is saved needs: its agent lies in its memory, and at its start twice. */
const savedMemory = 384 << 20;

/** Options that do not fit together. */
export class MachineRefused extends Error {
  override readonly name = "MachineRefused";
}

function benchFrom(bench: MachineOptions["bench"]): Bench {
  return typeof bench === "string" ? readBenchFile(bench) : benchOf(bench ?? plainBench);
}

/** @throws MachineRefused when the bench describes a board of another architecture than asked for. */
function machineType({ machine }: Bench, { architecture }: MachineOptions): Architecture {
  if (machine.board === "any") return architectures[architecture ?? ownArchitecture()];
  const board = boards[machine.board];
  if (architecture === undefined || architecture === board.name) return board;
  throw new MachineRefused(`A ${machine.board} is of architecture ${board.name}, not ${architecture}`);
}

export class Machine implements AsyncDisposable {
  /** Where results lie; in the guest it is /run/bench. */
  readonly folder: string;
  readonly acceleration: "software" | "hardware";
  readonly timing: Timing;
  readonly devices: Devices;
  readonly emulator: Emulator;
  readonly processes: GuestProcesses;
  /** Whether its root is this machine's, and not one of another architecture. */
  readonly #ownFiles: boolean;
  readonly #cleanUps: readonly (() => unknown)[];
  readonly #hands = new WeakMap<HidDevice, object>();

  private constructor(
    facts: Pick<Machine, "folder" | "acceleration" | "timing" | "devices" | "emulator" | "processes">,
    ownFiles: boolean,
    cleanUps: readonly (() => unknown)[],
  ) {
    this.folder = facts.folder;
    this.acceleration = facts.acceleration;
    this.timing = facts.timing;
    this.devices = facts.devices;
    this.emulator = facts.emulator;
    this.processes = facts.processes;
    this.#ownFiles = ownFiles;
    this.#cleanUps = cleanUps;
  }

  /**
   * @throws BenchUnavailable when this machine lacks what a bench needs; BenchFileError when the bench has mistakes;
   * MachineEnded and DeadlinePassed with the console's last lines.
   */
  static async start(options: MachineOptions = {}): Promise<Machine> {
    const cleanUps: (() => unknown)[] = [];
    try {
      return await Machine.#start(options, cleanUps, options.saved === true ? "resume" : "boot");
    } catch (error) {
      await cleanUp(cleanUps);
      throw error;
    }
  }

  /** `save` ends in a machine that sees no files of the host and has no drivers. */
  static async #start(
    options: MachineOptions,
    cleanUps: (() => unknown)[],
    way: "boot" | "save" | "resume",
  ): Promise<Machine> {
    const timing: [string, number][] = [];
    let last = performance.now();
    const step = (name: string): void => {
      const now = performance.now();
      timing.push([name, now - last]);
      last = now;
    };
    const bench = benchFrom(options.bench);
    const architecture = machineType(bench, options);
    const { board } = architecture;
    if (way === "resume" && options.acceleration === "hardware")
      throw new MachineRefused("A machine with hardware acceleration is not saved: leave out one of the two");
    if (way === "resume" && board !== undefined) throw new MachineRefused("A board is not saved: boot it");
    if (way === "resume" && architecture.node !== process.arch)
      throw new MachineRefused(`A machine of another architecture (${architecture.name}) is not saved yet: boot it`);
    if (way === "resume" && bench.machine.memory < savedMemory)
      throw new MachineRefused(
        `A machine that is saved needs "memory" of at least ${savedMemory >> 20}M: its agent is in it`,
      );
    const { systemd = false, layers = [] } = options;
    if ((way !== "boot" || architecture.node !== process.arch) && (systemd || layers.length > 0))
      throw new MachineRefused("Only a machine that is booted with this one's files has systemd or layers");
    const programs = needPrograms(architecture, { systemd });
    const kernel = await obtainKernel(architecture, options);
    step("kernel");
    const wanted =
      way === "boot" && board === undefined && options.acceleration === "hardware" && bench.machine.timing === "host";
    const accelerated = wanted && (await accelerates(architecture, kernel, programs));
    if (wanted) step("probe");

    const temporary = mkdtempSync(join(tmpdir(), "bulkhead-bench-"));
    cleanUps.push(() => rmSync(temporary, { recursive: true, force: true }));
    const folder = options.results === undefined ? temporary : resolve(options.results);
    mkdirSync(folder, { recursive: true });
    const slots = machineSlots(architecture);
    const plans = planDevices(bench, folder, slots);
    const spare = Array.from({ length: board === undefined ? bench.machine.spare : 0 }, (_, index) => ({
      bus: `spare${index}`,
      slot: slots.pci(),
    }));
    const work = resolve(options.work ?? process.cwd());
    const files = guestFiles(architecture, kernel, programs);
    const parts = { busybox: files.busybox, modprobe: programs.modprobe, modules: architecture.firstModules };
    const initramfs = join(temporary, "initramfs");
    const agentPath = join(packageRoot(), "dist/bench/guest/agent.js");
    const ports = spare.map(({ bus, slot }) => rootPort(bus, slot));
    const deviceTree = board === undefined ? undefined : join(temporary, "devices.dtb");
    const facts = {
      architecture,
      deviceTree,
      accelerated,
      bench,
      plans,
      kernel: kernel.image,
      initramfs,
      folder,
      ports,
      root: files.root,
      work,
      layers: layers.map((layer) => resolve(layer)),
      systemd,
    };
    const within = options.within ?? (systemd ? systemdStartTime : startTime);
    const wait: WaitOptions = { within, ...(options.signal !== undefined && { signal: options.signal }) };
    let state: string | undefined;
    if (way === "resume") {
      const inside = [process.execPath, process.version, readFileSync(agentPath, "utf8"), archiveName(parts)];
      state = stateFile(facts, programs.emulator, kernel.folder, inside.join("\0"));
      if (!takeState(state)) {
        options.progress?.("Booting a machine once, to save its state");
        await Machine.#save(options, state, wait);
        step("saving");
      }
      // It is in the state.
      writeFileSync(initramfs, "");
    } else if (way === "save") {
      const settings = { first: `/${firstFolder}`, node: "/node" };
      await writeInitramfs(initramfs, kernel, parts, agentPath, settings, await agentFiles(process.execPath));
    } else if (board !== undefined && deviceTree !== undefined) {
      writeFileSync(deviceTree, boardTree(board, kernel));
      const modules = [...plans.flatMap((plan) => plan.modules), ...bench.machine.modules];
      const contents = { modules, work, carried: options.carried ?? [] };
      const settings = { board: `/${boardFolder}`, port: boardPort, node: boardNode };
      const root = await boardFiles(architecture, kernel, parts, contents);
      await writeInitramfs(initramfs, kernel, parts, agentPath, settings, root);
    } else {
      const first = { ...(systemd && { init: programs.systemd }), layers: layers.map((_, n) => layerTag(n)).join(" ") };
      const settings = { node: files.node, kernel: files.kernel, work, ...first };
      await writeInitramfs(initramfs, kernel, parts, agentPath, settings);
    }
    step("initramfs");

    const agent = await Wire.listen(join(folder, "agent"));
    cleanUps.push(() => agent[Symbol.dispose]());
    const devices = new Devices({ folder, slots, spare, usbModules: architecture.usbModules });
    cleanUps.push(() => devices[Symbol.dispose]());
    for (const plan of plans) await devices.listen(plan);
    const emulator = await Emulator.start(programs, folder, machineWords(facts), { ...wait, state });
    cleanUps.push(() => emulator[Symbol.asyncDispose]());
    step("emulator");

    const processes = new GuestProcesses(agent, work, emulator.over);
    if (way === "resume") {
      await loadState(emulator, wait);
      step("state");
      const environment = { kernel: files.kernel, work };
      const script = processes.start(["/bin/sh", "/resume.sh"], { cwd: "/", environment });
      const { code, output, errors } = await emulator.explained(() => script.ended(wait));
      if (code !== 0) throw new Error(emulator.explain(`The saved machine got no root: ${output}${errors}`));
      const { clock } = bench.machine;
      await processes.setClock(clock === undefined ? new Date() : new Date(clock), wait);
      // The chip went on from the state.
      await processes.start([programs.busybox, "hwclock", "-uw"]).ended(wait);
      step("guest: root");
    } else {
      const reached = await emulator.explained(() =>
        bounded("the guest's agent", processes.ready, wait, emulator.over),
      );
      timing.push(...guestTiming(reached, performance.now() - last));
      last = performance.now();
    }
    if (way !== "save") await devices.begin(emulator.monitor, processes, bench.machine.modules, wait);
    step("drivers");
    return new Machine(
      { folder, acceleration: accelerated ? "hardware" : "software", timing, devices, emulator, processes },
      files.root === "/",
      cleanUps,
    );
  }

  /** Boots a machine just for its state. */
  static async #save({ results: _, ...options }: MachineOptions, file: string, wait: WaitOptions): Promise<void> {
    const cleanUps: (() => unknown)[] = [];
    try {
      await createState(file, async (partial) => {
        const machine = await Machine.#start(options, cleanUps, "save");
        await saveState(machine.emulator, partial, wait);
      });
    } finally {
      await cleanUp(cleanUps);
    }
  }

  /**
   * Where the guest has a file of this machine as it was when the guest first looked. Programs of many files start there
   * in a third of the time that they take in the work folder, whose files are asked for again each time.
   */
  hostFile(path: string): string {
    return this.#ownFiles ? join(hostFolder, resolve(path)) : path;
  }

  /** Starts a program in the guest. */
  spawn(command: readonly string[], options: ProcessOptions = {}): GuestProcess {
    return this.processes.start(command, options);
  }

  /**
   * Runs a program in the guest to its end.
   * @throws DeadlinePassed after `within` (30 s), when the program is killed; MachineEnded. Both show the console's last lines.
   */
  run(command: readonly string[], options: ProcessOptions & WaitOptions = {}): Promise<Ended> {
    return this.emulator.explained(() => this.spawn(command, options).ended(options));
  }

  /** Like {@link run}, for a command that has to succeed: its output. */
  async output(command: readonly string[], options: ProcessOptions & WaitOptions = {}): Promise<string> {
    const { code, signal, output, errors } = await this.run(command, options);
    if (code !== 0)
      throw new Error(`In the guest, ${command.join(" ")} ended with ${signal ?? `code ${code}`}: ${errors || output}`);
    return output;
  }

  /** The guest's nodes of a device: `[{ subsystem: "block", name: "vda", path: "/dev/vda" }]`. Waits until there is one. */
  async nodes(name: string, options: WaitOptions = {}): Promise<readonly GuestNode[]> {
    return this.devices.nodes(name, options);
  }

  /** The path of a device's node of one subsystem; of a network card the interface's name. */
  async node(name: string, subsystem: string, options: WaitOptions = {}): Promise<string> {
    const found = await this.devices.nodes(name, options, subsystem);
    const [first] = found;
    return (first?.path ?? first?.name) as string;
  }

  keyboard(name: string): Keyboard {
    return new Keyboard(this.emulator.monitor, this.devices.config(name, "keyboard"));
  }

  /** A mouse or a tablet. */
  pointer(name: string): Pointer {
    return new Pointer(this.emulator.monitor, this.devices.config(name, "pointer", "tablet"));
  }

  /** Fingers on a screen or pad. */
  touch(name: string): TouchSurface {
    this.devices.config(name, "touch");
    return this.#hand(name, TouchSurface);
  }

  gamepad(name: string): Gamepad {
    this.devices.config(name, "gamepad");
    return this.#hand(name, Gamepad);
  }

  /** A device has one hand, which knows what is down. */
  #hand<Hand extends object>(name: string, Kind: new (device: HidDevice) => Hand): Hand {
    const device = this.devices.hid(name);
    const hand = (this.#hands.get(device) as Hand | undefined) ?? new Kind(device);
    this.#hands.set(device, hand);
    return hand;
  }

  /** A HID device, to be played by its reports. */
  hid(name: string): HidDevice {
    this.devices.config(name, "hid");
    return this.devices.hid(name);
  }

  display(name: string): Display {
    const { adapter } = this.devices.config(name, "display");
    return new Display(this.emulator.monitor, name, this.folder, adapter === "firmware");
  }

  /** The far end of a UART. */
  serial(name: string): SerialEnd {
    return new SerialEnd(this.devices.wire(name, "chardev"), this.emulator.monitor, name);
  }

  /** The wire of a network card. */
  ethernet(name: string): EthernetEnd {
    const file = join(this.folder, `${name}.pcap`);
    return new EthernetEnd(this.devices.wire(name, "netdev"), this.emulator.monitor, name, file);
  }

  disk(name: string): DiskEnd {
    this.devices.config(name, "disk");
    return new DiskEnd(this.devices, name, join(this.folder, `${name}.img`));
  }

  /** The WAV file of what a sound card has played, which grows while it plays. */
  soundFile(name: string): string {
    this.devices.config(name, "sound");
    return join(this.folder, `${name}.wav`);
  }

  /** Waits until the watchdog was not fed in time. */
  async watchdogBite(options: WaitOptions = {}): Promise<void> {
    await this.emulator.monitor.event("WATCHDOG", () => true, options);
  }

  /** Presses the machine's power button, for a tenth of a second. */
  async pressPower(): Promise<void> {
    await this.emulator.monitor.execute("system_powerdown");
  }

  /**
   * Waits until the guest has done nothing for a while: whatever was sent to it has had its effect, however slow the
   * machine is.
   */
  async rest(options: WaitOptions = {}): Promise<void> {
    await this.emulator.rest(options);
  }

  /** Stops the guest's processor; its time stands still. */
  async freeze(): Promise<void> {
    await this.emulator.monitor.execute("stop");
  }

  async continue(): Promise<void> {
    await this.emulator.monitor.execute("cont");
  }

  /** Sets the guest's clock. */
  setClock(time: Date, options: WaitOptions = {}): Promise<void> {
    return this.processes.setClock(time, options);
  }

  /** Ends the machine at once. Files of the results are complete then; a temporary folder is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    await cleanUp([...this.#cleanUps]);
  }
}

async function cleanUp(steps: (() => unknown)[]): Promise<void> {
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) await step();
}

/** The guest's own marks, and as "agent" what was not within one of them. */
function guestTiming(reached: Readonly<Record<string, number>>, whole: number): [string, number][] {
  let before = 0;
  const parts = Object.entries(reached).map(([name, seconds]): [string, number] => {
    const part = seconds * 1000 - before;
    before = seconds * 1000;
    return [`guest: ${name}`, part];
  });
  return [["guest: to its kernel", Math.max(whole - before, 0)], ...parts];
}
