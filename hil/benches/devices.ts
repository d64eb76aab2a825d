/** Provisions of devices: the driver, its grant, and the session to it. The benches differ in what they grant. */
import { closeSync, openSync, readSync } from "node:fs";
import type { SessionRequest } from "../../base/server.js";
import { Occurrence } from "../../lib/occurrence.js";
import { Block } from "../../sessions/block/index.js";
import { Nic } from "../../sessions/nic/index.js";
import { PinControl } from "../../sessions/pin-control/index.js";
import { PinState } from "../../sessions/pin-state/index.js";
import { Uart } from "../../sessions/uart/index.js";
import { type UplinkArgs, UplinkInterface, UplinkSession } from "../../sessions/uplink/index.js";
import type { Provision, TargetSide } from "../bench.js";
import type { ByteStream } from "../console.js";
import { Disk } from "../disk.js";
import { LineEnd } from "../line-end.js";
import { LinePart } from "../line-part.js";
import { type FramePort, Network } from "../network.js";
import type { UplinkPart } from "../parts.js";
import type { RunFolder } from "../run-folder.js";
import { testComponent } from "../target.js";

interface DeviceOptions {
  /** What the driver gets, as a system file has it under `grants`. */
  readonly grant: object;
  /** More of the driver's configuration. */
  readonly config?: object;
  readonly properties?: Readonly<Record<string, string>>;
  readonly release?: () => void | Promise<void>;
}

function common({ properties, release }: DeviceOptions): Pick<Provision, "properties" | "release"> {
  return { ...(properties && { properties }), ...(release && { release }) };
}

/** `line`: how the line is set, as the driver's configuration has it. `far`: its other end, once the driver has opened it. */
export function uartProvision(
  options: DeviceOptions & { readonly line?: object; readonly far?: (side: TargetSide) => ByteStream },
): Provision<"uart"> {
  const { grant, line = {}, far } = options;
  return {
    start: {
      uart: {
        provides: ["Uart", "Terminal"],
        grants: { line: grant },
        config: { lines: { line }, policies: [{ labelPrefix: testComponent, line: "line" }] },
      },
    },
    route: { Uart: "uart" },
    ...common(options),
    open: async (side) =>
      new LinePart(await side.env.connect(Uart), {
        name: "uart",
        files: side.files,
        ...(far && { far: far(side) }),
      }),
  };
}

/** Where the root said that the driver's pseudo-terminal is. */
export function terminalPath({ log }: TargetSide): string {
  for (const { text } of log()) {
    const path = /^Serial line "line" of "uart" is at (\S+)$/.exec(text)?.[1];
    if (path !== undefined) return path;
  }
  throw new Error("The driver has no pseudo-terminal");
}

/** A line whose bytes come over something else than a terminal of this host, such as ssh. */
export function bridgedUart({
  properties,
  stream,
}: {
  readonly properties?: Readonly<Record<string, string>>;
  readonly stream: () => ByteStream;
}): Provision<"uart"> {
  const own = uartProvision({ grant: { pty: true }, ...(properties && { properties }) });
  return {
    ...own,
    open: async (side) => {
      const part = await own.open(side);
      bridge(side, LineEnd.open(terminalPath(side)), stream());
      return part;
    },
  };
}

/** Joins the driver's pseudo-terminal with a stream, until either ends. */
function bridge(side: TargetSide, end: ByteStream, stream: ByteStream): void {
  const closing = new AbortController();
  const copy = async (from: ByteStream, to: ByteStream): Promise<void> => {
    try {
      for await (const bytes of from.bytes({ signal: closing.signal })) await to.write(bytes);
    } finally {
      closing.abort();
      await end.close();
      await stream.close();
    }
  };
  for (const [from, to] of [
    [end, stream],
    [stream, end],
  ] as const)
    copy(from, to).catch((error: unknown) =>
      side.files.trace("uart", "the other side ended", { error: String(error) }),
    );
}

/** `image`: a file of the host that holds what the disk does, as a second witness. */
export function blockProvision(
  options: DeviceOptions & { readonly image?: string; readonly writeable?: boolean; readonly forgets?: boolean },
): Provision<"block"> {
  const { grant, config = {}, image, writeable = true, forgets = false } = options;
  return {
    start: {
      block: {
        provides: ["Block"],
        ram: "16M",
        grants: { disk: grant },
        config: { policies: [{ labelPrefix: testComponent, writeable }], ...config },
      },
    },
    route: { Block: "block" },
    ...common(options),
    open: async ({ env }) =>
      Disk.over(await env.connect(Block, { txBufferSize: "1M", writeable }), {
        forgets,
        ...(image !== undefined && { medium: mediumOf(image) }),
      }),
  };
}

function mediumOf(path: string) {
  return (offset: number, length: number): Uint8Array => {
    const descriptor = openSync(path, "r");
    try {
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset));
    } finally {
      closeSync(descriptor);
    }
  };
}

/** The far end of a wire, once the driver has opened it. */
type FarWire = (side: TargetSide) => Promise<FramePort> | FramePort;

interface NetworkOptions extends DeviceOptions {
  readonly far?: FarWire;
  /** More components, such as one at the other end. */
  readonly others?: Readonly<Record<string, object>>;
  readonly route?: Readonly<Record<string, string>>;
}

const driver = (serve: "nic" | "uplink", { grant, config = {} }: NetworkOptions): object => ({
  binary: "nic",
  ...(serve === "nic" && { provides: ["Nic"] }),
  ram: "8M",
  grants: { net: grant },
  config: { serve, ...(serve === "nic" && { policies: [{ labelPrefix: testComponent }] }), ...config },
});

async function farNetwork(name: string, far: FarWire | undefined, side: TargetSide): Promise<Network | undefined> {
  return far && new Network(`${name}.far`, await far(side), side.files);
}

export function nicProvision(options: NetworkOptions): Provision<"nic"> {
  return {
    start: { nic: driver("nic", options), ...options.others },
    route: { ...options.route, Nic: "nic" },
    ...common(options),
    open: async (side) => {
      const session = await side.env.connect(Nic);
      return new Network("nic", session, side.files, await farNetwork("nic", options.far, side));
    },
  };
}

/** The test is the network of the device: it serves the Uplink that the driver opens. */
export function uplinkProvision(options: NetworkOptions): Provision<"uplink"> {
  return {
    start: {
      "uplink-nic": { ...driver("uplink", options), route: { Uplink: testComponent, "*": "default" } },
      ...options.others,
    },
    route: options.route ?? {},
    provides: ["Uplink"],
    ...common(options),
    open: async (side) => {
      const server = new UplinkServer(side.files);
      await side.env.announce(UplinkInterface, (request) => server.open(request));
      await server.session();
      return server.part(await farNetwork("uplink", options.far, side));
    },
  };
}

/** Two lines that are joined by a wire, by number or name. Without a grant it is the stand-in's. */
export function pinsProvision(
  options: Partial<DeviceOptions> & { readonly output: number | string; readonly input: number | string },
): Provision<"pins"> {
  const { grant, config = {}, output, input } = options;
  return {
    start: {
      gpio: {
        provides: ["PinState", "PinControl"],
        grants: grant === undefined ? {} : { chip: grant },
        config: {
          pins: {
            output: { line: output, direction: "output" },
            input: { line: input, bias: "pull-up" },
          },
          policies: ["output", "input"].map((pin) => ({ labelLast: pin, labelPrefix: testComponent, pin })),
          ...config,
        },
      },
    },
    route: { PinState: "gpio", PinControl: "gpio" },
    ...common({ grant: {}, ...options }),
    open: async ({ env }) => {
      const seen = await env.connect(PinState, { label: "input" });
      const driven = await env.connect(PinControl, { label: "output" });
      return {
        output: driven,
        input: seen,
        second: (pin) => env.connect(PinControl, { label: pin }),
        async [Symbol.asyncDispose]() {
          await driven.close();
          await seen.close();
        },
      };
    },
  };
}

/** The Uplink service of a test. */
class UplinkServer implements FramePort {
  readonly #files: RunFolder;
  readonly #changed = new Occurrence();
  #session: UplinkSession | undefined;
  #handler: (frame: Uint8Array) => void = () => {};

  constructor(files: RunFolder) {
    this.#files = files;
  }

  async open(request: SessionRequest<UplinkArgs>): Promise<UplinkSession> {
    const session: UplinkSession = await UplinkSession.open(request, {
      // The memory is shared with the driver: the test gets a copy.
      onFrame: (shared) => this.#handler(shared.slice()),
      onClose: () => {
        if (this.#session === session) this.#session = undefined;
      },
    });
    this.#session = session;
    this.#changed.happened();
    return session;
  }

  async session(): Promise<UplinkSession> {
    for (;;) {
      const seen = this.#changed.count;
      if (this.#session !== undefined) return this.#session;
      await this.#changed.after(seen);
    }
  }

  send(frame: Uint8Array): boolean {
    return this.#session?.send(frame) ?? false;
  }

  onFrame(handler: (frame: Uint8Array) => void): void {
    this.#handler = handler;
  }

  /** The driver's session ends with the driver. */
  close(): void {}

  part(far: Network | undefined): UplinkPart {
    const network = new Network("uplink", this, this.#files, far);
    return { session: () => this.session(), network, far, [Symbol.asyncDispose]: () => network.close() };
  }
}

/** The other end of a pair, as a component of the target with a session of its own. */
export const pairFar: Pick<NetworkOptions, "others" | "route" | "far"> = {
  others: {
    "far-nic": {
      binary: "nic",
      provides: ["Nic"],
      ram: "8M",
      grants: { net: { pair: true } },
      config: { serve: "nic", macAddress: "02:00:00:00:00:02", policies: [{ labelPrefix: testComponent }] },
    },
  },
  route: { "Nic far": "far-nic" },
  far: ({ env }) => env.connect(Nic, { label: "far" }),
};
