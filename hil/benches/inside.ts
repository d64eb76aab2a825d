/** The bench of a virtual machine's devices from inside: drivers get their nodes, and the far ends of wires are outside. */
import { type AnyProvider, type Bench, provider } from "../bench.js";
import type { FarEnds } from "../far-ends.js";
import { blockProvision, nicProvision, uartProvision, uplinkProvision } from "./devices.js";

/** What the machine has. `name` is the provider's, `end` the far end of its wire. */
export type MachineDevice = { readonly name: string } & (
  | { readonly kind: "line"; readonly end: string; readonly path: string }
  /** `image`: the file below the disk, as the machine sees it. */
  | { readonly kind: "disk"; readonly path: string; readonly image: string }
  | { readonly kind: "card"; readonly end: string; readonly interface: string }
);

function providers(device: MachineDevice, ends: FarEnds): AnyProvider[] {
  const { name } = device;
  if (device.kind === "disk") {
    const { path, image } = device;
    const options = { grant: { device: path, write: true }, image, properties: { path } };
    return [provider({ need: "block", name, acquire: () => blockProvision(options) })];
  }
  if (device.kind === "line") {
    const { path, end } = device;
    const options = { grant: { tty: path }, far: () => ends.stream(end), properties: { path } };
    return [provider({ need: "uart", name, acquire: () => uartProvision(options) })];
  }
  const far = () => ends.port(device.end);
  const options = { grant: { interface: device.interface }, far, properties: { interface: device.interface } };
  return [
    provider({ need: "nic", name, acquire: () => nicProvision(options) }),
    provider({ need: "uplink", name, acquire: () => uplinkProvision(options) }),
  ];
}

export function insideBench(name: string, devices: readonly MachineDevice[], ends: FarEnds): Bench {
  return {
    name,
    properties: {},
    providers: devices.flatMap((device) => providers(device, ends)),
    async [Symbol.asyncDispose]() {},
  };
}
