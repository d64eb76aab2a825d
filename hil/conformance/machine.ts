/** Runs the suites in a virtual machine, on its kernel's drivers. This process is the far end of its wires. */
import { setTimeout as delay } from "node:timers/promises";
import type { ArchitectureName } from "../../bench/architecture.js";
import type { DeviceDocument } from "../../bench/bench-file.js";
import type { GuestProcess } from "../../bench/guest-processes.js";
import { Machine } from "../../bench/machine.js";
import { bundledProgram } from "../../bindings/prebuilt.js";
import type { MachineDevice } from "../benches/inside.js";
import type { Passed } from "../far-ends.js";
import type { CaseOutcome } from "./run.js";

/** How many times slower a processor is that is a program, with all that the host has to do beside it. */
const slowness = 40;
/** For all suites. */
const patience = "15m";
/** A wire may be silent as long as it likes. */
const forever = "1d";
/** Milliseconds in which bytes of a line are gathered: the emulator sends each for itself, and a message costs much more. */
const gathering = 50;
const program = bundledProgram("conformance");

/** Providers of each machine, by the bench's name and what they are called in the matrix. */
export const machines = {
  vm: {
    architecture: undefined,
    providers: {
      "16550": { kind: "uart" },
      "USB serial": { kind: "uart", port: "usb" },
      "virtio disk": { kind: "disk", bus: "virtio", size: "8M" },
      "NVMe disk": { kind: "disk", bus: "nvme", size: "8M" },
      "USB disk": { kind: "disk", bus: "usb", size: "8M" },
      "virtio-net": { kind: "network", card: "virtio", capture: false },
      e1000: { kind: "network", card: "e1000", capture: false },
    },
  },
  // Its addon has to be there: scripts/prebuild, or scripts/emulate --compile.
  arm64: {
    architecture: "arm64",
    providers: {
      "PCI UART": { kind: "uart", port: "pci" },
      "virtio disk": { kind: "disk", bus: "virtio", size: "8M" },
      "virtio-net": { kind: "network", card: "virtio", capture: false },
    },
  },
} as const satisfies Readonly<
  Record<
    string,
    {
      readonly architecture: ArchitectureName | undefined;
      readonly providers: Readonly<Record<string, DeviceDocument>>;
    }
  >
>;
export type MachineName = keyof typeof machines;

export function isMachine(name: string): name is MachineName {
  return Object.hasOwn(machines, name);
}

type Provider = readonly [name: string, document: DeviceDocument];

/** Names of devices are the emulator's as well. */
const deviceName = (provider: string): string => `d-${provider.toLowerCase().replaceAll(" ", "-")}`;

/** All outcomes; `told` gets each as it comes. @throws BenchUnavailable */
export async function conformInMachine(
  name: MachineName,
  told: (outcome: CaseOutcome) => void = () => {},
): Promise<CaseOutcome[]> {
  const { architecture } = machines[name];
  const providers: readonly Provider[] = Object.entries(machines[name].providers);
  const documents = Object.fromEntries(providers.map(([provider, document]) => [deviceName(provider), document]));
  const bench = { machine: { memory: "768M", spare: 0 }, devices: documents };
  await using machine = await Machine.start({ bench, within: "3m", ...(architecture && { architecture }) });
  const outcomes: CaseOutcome[] = [];
  const devices = await Promise.all(providers.map((provider) => describe(machine, provider)));
  const guest = machine.spawn(["node", machine.hostFile(program), name, JSON.stringify(devices)], {
    environment: { BULKHEAD_TEST_SLOWNESS: String(slowness) },
  });
  const over = new AbortController();
  const wires = new Map(
    providers.map((provider) => [deviceName(provider[0]), wireOf(machine, provider, guest, over.signal)]),
  );
  try {
    for (;;) {
      const record = JSON.parse(await guest.line(() => true, { within: patience })) as
        | Passed
        | { readonly outcome: CaseOutcome }
        | { readonly done: true };
      if ("done" in record) return outcomes;
      if ("end" in record) wires.get(record.end)?.(Buffer.from(record.bytes, "base64"));
      else {
        outcomes.push(record.outcome);
        told(record.outcome);
      }
    }
  } finally {
    over.abort();
  }
}

/** A device as those in the machine see it. */
async function describe(machine: Machine, [name, { kind }]: Provider): Promise<MachineDevice> {
  const device = deviceName(name);
  const wait = { within: "60s" };
  switch (kind) {
    case "uart":
      return { name, kind: "line", end: device, path: await machine.node(device, "tty", wait) };
    case "disk":
      return { name, kind: "disk", path: await machine.node(device, "block", wait), image: `/run/bench/${device}.img` };
    case "network": {
      const network = await machine.node(device, "net", wait);
      await machine.output(["ip", "link", "set", network, "up"], wait);
      return { name, kind: "card", end: device, interface: network };
    }
    default:
      throw new TypeError(`There are no suites for a ${kind}`);
  }
}

/** Passes on to the tests what comes from a device, until the signal; returns what sends their bytes to it. */
function wireOf(
  machine: Machine,
  [name, { kind }]: Provider,
  guest: GuestProcess,
  signal: AbortSignal,
): (bytes: Uint8Array) => void {
  const end = deviceName(name);
  if (kind === "disk") return () => {};
  const [next, write] = kind === "uart" ? lineEnd(machine, end) : cardEnd(machine, end);
  const pass = async (): Promise<void> => {
    for (;;)
      guest.write(`${JSON.stringify({ end, bytes: (await next({ signal, within: forever })).toString("base64") })}\n`);
  };
  pass().catch(() => {}); // it ends with the signal, or with the machine, which others are told of
  // In order, and never waited for: a driver that does not read must not keep outcomes from being told.
  return (bytes) => void write(bytes).catch(() => {});
}

type Next = (options: { readonly signal: AbortSignal; readonly within: string }) => Promise<Buffer>;
type Write = (bytes: Uint8Array) => Promise<void>;

function lineEnd(machine: Machine, name: string): [Next, Write] {
  const line = machine.serial(name);
  return [
    async (options) => {
      const first = await line.read(1, options);
      await delay(gathering);
      return Buffer.concat([first, line.take()]);
    },
    (bytes) => line.write(bytes, { within: patience }),
  ];
}

function cardEnd(machine: Machine, name: string): [Next, Write] {
  const card = machine.ethernet(name);
  return [(options) => card.receive(() => true, options), (bytes) => card.send(bytes)];
}
