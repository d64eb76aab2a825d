/** The root's core: memory and channels from the native layer, processes from the spawner, some of them parked ahead. */
import { closeSync, existsSync, readFileSync, realpathSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { makeChannel } from "../base/channel-pair.js";
import { compiledFile, frameworkName, runtimeOptions } from "../base/compiled-code.js";
import { Dataspace } from "../base/dataspace.js";
import type { Capability } from "../base/message.js";
import { lifelineDescriptor, type StartMessage, startDescriptor } from "../base/start.js";
import { native } from "../bindings/native.js";
import { prebuilt } from "../bindings/prebuilt.js";
import { type SpawnedComponent, Spawner } from "../bindings/spawner.js";
import type { Bind, CreateRequest, IsolationLevel as SpawnLevel } from "../bindings/spawner-protocol.js";
import type { IsolationLevel } from "../servers/init/config.js";
import type { Core, Made, Process, ProcessExit, ProcessRequest } from "../servers/init/core.js";
import { Deaths } from "./deaths.js";
import { DebugLine, type DebugLineFacts } from "./debug-line.js";
import { DebugLines } from "./debug-lines.js";
import { deviceTreeFolders } from "./host-devices.js";
import { componentFile, dependencyFolder, type Modules, type SandboxNeeds } from "./modules.js";
import { packetSockets, watchReadable } from "./packet-sockets.js";
import { ProcessPool } from "./process-pool.js";
import { readAvailable } from "./read-available.js";

const filterBits = {
  "io-uring": 1,
  terminals: 4,
  "file-io": 8,
  devices: 16,
  accept: 32,
  threads: 64,
  "read-files": 128,
  clock: 256,
} as const;
/** Passing capabilities on is what components do; the sockets that they have lead to sessions only. */
const sendDescriptors = 2;
export const spawnLevels: Readonly<Record<IsolationLevel, SpawnLevel>> = {
  full: "full",
  "no-namespaces": "landlock",
  seccomp: "seccomp",
};

/** Hard limits of a component that states none: enough for any honest one, too little to starve the machine. */
const usualLimits = { memory: 256 << 20, processes: 64, openFiles: 512 } as const;

export interface SpawnCoreOptions {
  readonly modules: Modules;
  readonly isolation: IsolationLevel;
  /** How many processes wait ready. */
  readonly parked: number;
  /** Environment for all components: debugging and tuning switches only. */
  readonly environment: Readonly<Record<string, string>>;
  /** The spawner is gone: no component runs any more, and none can be started. */
  readonly lost: (how: Promise<string>) => void;
}

/** A process that has loaded everything and waits for its first message. */
interface Waiting {
  readonly component: SpawnedComponent;
  /** Where the first message goes, and later what its debugger says. */
  readonly socket: number;
  readonly lifeline: number;
  readonly output: OutputLines;
}

/** Lines that a process writes to its standard output and error. */
class OutputLines {
  readonly #descriptor: number;
  readonly #watch: { close(): void };
  #rest = "";
  #open = true;
  handler: ((line: string) => void) | undefined;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
    this.#watch = watchReadable(descriptor, () => this.read());
  }

  read(): void {
    const buffer = Buffer.alloc(16_384);
    while (this.#open) {
      const count = readAvailable(this.#descriptor, buffer);
      if (count === undefined) return;
      if (count === 0) return this.close();
      const lines = (this.#rest + buffer.toString("utf8", 0, count)).split("\n");
      // A line without end is cut: nobody keeps a flood.
      this.#rest = (lines.pop() as string).slice(0, 4096);
      for (const line of lines) if (line !== "") this.handler?.(line);
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#watch.close();
    closeSync(this.#descriptor);
    if (this.#rest !== "") this.handler?.(this.#rest);
  }
}

/** Files that every component process needs to run at all: Node.js, its libraries, the addon, the loader, the framework. */
export function runtimeBinds(): Bind[] {
  const report = process.report.getReport() as unknown as { sharedObjects: string[] };
  const libraries = report.sharedObjects.filter(
    (path) => path.startsWith("/") && /\.so(\.|$)/.test(path) && existsSync(path),
  );
  const own = prebuilt("bulkhead.node");
  const framework = componentFile("framework.cjs");
  const compiled = compiledFile(framework);
  return [
    { source: realpathSync(process.execPath), target: "/app/node" },
    { source: realpathSync(own), target: "/app/bulkhead.node" },
    { source: componentFile("loader.cjs"), target: "/app/loader.cjs" },
    { source: framework, target: frameworkName },
    ...(existsSync(compiled) ? [{ source: compiled, target: compiledFile(frameworkName) }] : []),
    ...libraries
      .filter((path) => path !== own && !path.endsWith(".node"))
      .map((path) => ({ source: realpathSync(path), target: path })),
  ];
}

/** Without a root of its own, Node.js finds the host's OpenSSL configuration, may not read it, and gives up. */
export function runtimeEnvironment(level: IsolationLevel): Readonly<Record<string, string>> {
  // One heap of the C library for all threads: those that compile leave a megabyte in each of their own.
  return { MALLOC_ARENA_MAX: "1", ...(level === "full" ? {} : { OPENSSL_CONF: "/dev/null" }) };
}

function signalName(number: number | undefined): string | undefined {
  if (number === undefined) return undefined;
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
}

/**
 * Milliseconds for which memory is left as it is when its session has ended: the death of a server is known here before
 * its client has read the last answer.
 */
const lingering = 200;

/** What distinguishes the sandbox of one component from that of another. */
interface Sandbox {
  readonly level: IsolationLevel;
  readonly permissions: SandboxNeeds["permissions"];
  readonly packages: readonly string[];
  /** Device nodes of the host. */
  readonly devices: readonly string[];
  /** Whether it sees the host's device tree. */
  readonly deviceTree: boolean;
}

export class SpawnCore implements Core, AsyncDisposable {
  readonly #options: SpawnCoreOptions;
  readonly #spawner: Spawner;
  readonly #binds = runtimeBinds();
  readonly #pool: ProcessPool<Sandbox, Waiting>;
  /** Processes of the components of a spawner that is gone. */
  #orphans: readonly number[] | undefined;
  /** Counts of starts, for `bulkhead top`. */
  readonly starts = { cold: 0, parked: 0 };
  /** Each empties memory whose session has ended. */
  readonly #discards = new Set<() => void>();
  readonly debugLines = new DebugLines();
  readonly deaths = new Deaths();

  constructor(options: SpawnCoreOptions) {
    this.#options = options;
    this.#spawner = Spawner.start(packetSockets, prebuilt("bulkhead-spawn"));
    this.#spawner.onLost = ({ how, processes }) => {
      this.#orphans = processes;
      options.lost(how);
    };
    this.#pool = new ProcessPool({
      spawn: (sandbox) => this.#spawn(sandbox, usualLimits, {}),
      ended: ({ component }) => component.exited,
      discard: ({ socket, lifeline, output }) => {
        native.closeDescriptor(socket);
        native.closeDescriptor(lifeline);
        output.close();
      },
    });
    this.#pool.keep(plain(options.isolation), options.parked);
  }

  /** A console that shows its text again when the system ends, also by this process's sudden death. */
  keepConsole(descriptor: number | undefined): void {
    // A spawner that is gone ends the system, which shows the console in order.
    this.#spawner.keepConsole(descriptor).catch(() => {});
  }

  async dataspace(name: string, bytes: number): Promise<Made<{ dataspace: Capability }>> {
    const descriptor = native.createDataspace(name, bytes);
    // Whoever keeps the memory mapped keeps no page of it: its quota is somebody else's from then on.
    const own = native.duplicateDescriptor(descriptor);
    let freed = false;
    const free = (atOnce = false): void => {
      if (freed) return;
      freed = true;
      const discard = (): void => {
        if (!this.#discards.delete(discard)) return;
        native.discardPages(own);
        native.closeDescriptor(own);
      };
      this.#discards.add(discard);
      if (atOnce) discard();
      else setTimeout(discard, lingering).unref();
    };
    return { dataspace: { kind: "dataspace", descriptors: [descriptor] }, free };
  }

  async channel(): Promise<Made<{ client: Capability; server: Capability }>> {
    return { ...makeChannel("channel"), free: nothingToFree };
  }

  async start(request: ProcessRequest): Promise<Process> {
    try {
      return await this.#start(request);
    } finally {
      // The process has its own copies by now, or never will.
      Dataspace.closeDescriptors(request.channel);
      Dataspace.closeDescriptors(request.code);
    }
  }

  async #start(request: ProcessRequest): Promise<Process> {
    const { needs, file, sourceMap } = await this.#options.modules.find(request.binary);
    const sandbox: Sandbox = {
      level: request.isolation ?? this.#options.isolation,
      permissions: needs.permissions,
      packages: needs.packages,
      devices: request.grants.flatMap((grant) =>
        "tty" in grant && grant.tty.startsWith("/dev/") && existsSync(grant.tty) ? [grant.tty] : [],
      ),
      deviceTree: request.grants.some((grant) => "devices" in grant),
    };
    const parked = request.pool ? this.#pool.take(sandbox) : undefined;
    const waiting = parked ?? (await this.#spawn(sandbox, limitsOf(request), schedulingOf(request)));
    this.starts[parked === undefined ? "cold" : "parked"] += 1;
    waiting.output.handler = request.output;
    if (
      parked !== undefined &&
      (request.memory !== undefined || request.processors.length > 0 || request.priority !== 0)
    ) {
      await this.#spawner.resources(parked.component.id, limitsOf(request), schedulingOf(request));
    }
    const filter = needs.filter.reduce<number>((bits, name) => bits | filterBits[name], sendDescriptors);
    const waits = this.debugLines.waits(request.label);
    const message: StartMessage = {
      ...request.start,
      file,
      filter,
      ...(needs.filterAfterMain && { filterAfterMain: true }),
      ...(waits && { debug: true }),
    };
    const descriptors = [...request.channel.descriptors, ...request.code.descriptors];
    native.sendMessage(waiting.socket, Buffer.from(JSON.stringify(message)), descriptors);
    // A component with a sandbox of its own gets a spare of its own, for its next restart.
    if (request.pool && this.#options.parked > 0) this.#pool.keep(sandbox, 1);
    const facts = {
      label: request.label,
      file,
      framework: frameworkName,
      pid: waiting.component.process,
      waits,
      sourceMap,
    };
    return this.#process(waiting, sandbox.level, facts);
  }

  #process(
    { component, output, socket, lifeline }: Waiting,
    isolation: IsolationLevel,
    facts: DebugLineFacts,
  ): Process {
    const exited = component.exited.then((exit): ProcessExit => {
      output.read();
      output.close();
      return { value: exit.status, signal: signalName(exit.signal), outOfMemory: exit.outOfMemory };
    });
    const line = new DebugLine(facts, socket, exited);
    this.debugLines.add(line);
    const dying = this.deaths.watch(facts.label, lifeline, exited);
    native.closeDescriptor(lifeline);
    return {
      pid: component.process,
      isolation,
      measures: component.measures,
      missing: component.missing,
      exited,
      dying,
      kill: () => void this.#spawner.kill(component.id).catch(() => {}),
      usage: () => this.#spawner.usage(component.id),
      debugged: async () => line.wasTaken(),
    };
  }

  async #spawn(
    sandbox: Sandbox,
    limits: CreateRequest["limits"] & object,
    scheduling: CreateRequest["scheduling"] & object,
  ): Promise<Waiting> {
    const { level } = sandbox;
    const [own, other] = native.socketPair();
    native.refuseMessages(own);
    const [read, write] = native.makePipe();
    const lifeline = native.createDataspace("lifeline", 1, true);
    const packages = sandbox.packages.flatMap((name): Bind[] => {
      const source = dependencyFolder(name);
      return source === undefined ? [] : [{ source, target: `/app/node_modules/${name}` }];
    });
    const folders = sandbox.deviceTree
      ? deviceTreeFolders().map((folder): Bind => ({ source: folder, target: folder }))
      : [];
    const devices = sandbox.devices.map(
      (path): Bind => ({ source: realpathSync(path), target: path, device: true, writable: true }),
    );
    const inPlace = (binds: readonly Bind[]): Bind[] => binds.map(({ source }) => ({ source, target: source }));
    const order: CreateRequest = {
      level: spawnLevels[level],
      arguments:
        level === "full"
          ? ["/app/node", ...runtimeOptions, "/app/loader.cjs", "/app/bulkhead.node", frameworkName]
          : [
              process.execPath,
              ...runtimeOptions,
              componentFile("loader.cjs"),
              prebuilt("bulkhead.node"),
              componentFile("framework.cjs"),
            ],
      environment: { ...runtimeEnvironment(level), ...this.#options.environment },
      binds:
        level === "full"
          ? [...this.#binds, ...packages, ...folders, ...devices]
          : [...inPlace(this.#binds), ...inPlace(packages), ...folders, ...devices],
      descriptors: new Map([
        [1, write],
        [2, write],
        [startDescriptor, other],
        [lifelineDescriptor, lifeline],
      ]),
      limits,
      scheduling,
      permissions: sandbox.permissions,
    };
    const output = new OutputLines(read);
    try {
      const component = await this.#spawner.create(order);
      return { component, socket: own, lifeline, output };
    } catch (error) {
      native.closeDescriptor(own);
      native.closeDescriptor(lifeline);
      output.close();
      throw error;
    } finally {
      native.closeDescriptor(other);
      native.closeDescriptor(write);
    }
  }

  /** Resolves to whether the spawner still serves requests; a stopped one does not answer at all. */
  answers(): Promise<boolean> {
    return this.#spawner.answers();
  }

  /** Ends every process. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#pool.close();
    await this.#spawner[Symbol.asyncDispose]();
    for (const discard of [...this.#discards]) discard();
    if (this.#orphans !== undefined) await removeRemains(this.#orphans);
  }
}

/** How long the processes of a spawner that is gone may take to end, in milliseconds. */
const orphansTime = 2000;

/** Whether a process runs; one that only waits for its parent to notice its end does not. */
function runs(process: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${process}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** What a spawner could not remove, since it was killed: another one removes the groups of those before it. */
async function removeRemains(processes: readonly number[]): Promise<void> {
  for (let waited = 0; processes.some(runs) && waited < orphansTime; waited += 10) await delay(10);
  await Spawner.start(packetSockets, prebuilt("bulkhead-spawn"))[Symbol.asyncDispose]();
}

/** The sandbox of a component that needs nothing beside its code. */
function plain(level: IsolationLevel): Sandbox {
  return { level, permissions: [], packages: [], devices: [], deviceTree: false };
}

/** The host's memory is accounted by control groups; the ledger is init's own. */
function nothingToFree(): void {}

function limitsOf(request: ProcessRequest): CreateRequest["limits"] & object {
  return { ...usualLimits, ...(request.memory !== undefined && { memory: request.memory }) };
}

function schedulingOf(request: ProcessRequest): CreateRequest["scheduling"] & object {
  // Nice values 0 to 19 spread over the priority levels.
  const nice = request.levels <= 1 ? 0 : Math.min(19, Math.round((-request.priority * 19) / (request.levels - 1)));
  const usable = usableProcessors();
  // A system that was written for a larger machine wraps around on this one.
  const cpus = [...new Set(request.processors.map((number) => usable[number % usable.length] as number))];
  return { ...(cpus.length > 0 && { cpus }), ...(nice !== 0 && { nice }) };
}

/** Numbers of the CPUs that this process may run on, which a container or service manager may have limited. */
function usableProcessors(): number[] {
  const list = /^Cpus_allowed_list:\s+(.*)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  return list.split(",").flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
