/** What every Nic, and every device behind an Uplink, does. */
import assert from "node:assert/strict";
import { ethernetFrame } from "../../lib/net/ethernet.js";
import { Nic, type NicConnection } from "../../sessions/nic/index.js";
import type { FrameMatcher } from "../frame-matchers.js";
import type { Network } from "../network.js";
import { patience, pattern, refusal, type Suite, until } from "./case.js";

/** IEEE's number for local experiments: nobody else on the wire uses it. */
const experiment = 0x88b5;
const near = Uint8Array.of(2, 0, 0, 0, 0x10, 1);
const far = Uint8Array.of(2, 0, 0, 0, 0x10, 2);
/** Payloads from the shortest frame to the longest. */
const sizes = [46, 47, 64, 100, 500, 1000, 1499, 1500];

function frame(source: Uint8Array, destination: Uint8Array, payload: number, seed: number): Uint8Array {
  return ethernetFrame({ source, destination, type: experiment, payload: pattern(payload, seed) });
}

/** Exactly this frame: a kernel may put others of its own on the wire. */
function exactly(wanted: Uint8Array): FrameMatcher {
  return {
    description: `the frame of ${wanted.length} bytes`,
    matches: (found) => found.length === wanted.length && Buffer.compare(found, wanted) === 0,
  };
}

/** Frames of every size, one after another; they come as they went, in their order. A card takes those to its address. */
async function carries(from: Network, to: Network, source: Uint8Array, destination: Uint8Array): Promise<void> {
  let last = -1;
  const sent = sizes.map((size, index) => frame(source, destination, size, index + 1));
  for (const one of sent) assert.ok(from.send(one), `a frame of ${one.length} bytes was dropped`);
  for (const one of sent) {
    const found = await to.expect(exactly(one), { since: 0 });
    const place = to.frames.indexOf(found);
    assert.ok(place > last, `the frame of ${one.length} bytes came before an earlier one`);
    last = place;
  }
}

/** Sends one frame again and again, until it comes: what was under way when a driver died is lost. */
async function untilCarried(from: Network, to: Network): Promise<void> {
  const one = frame(near, far, 200, 99);
  let [sent, taken] = [0, 0];
  const carried = (): boolean => {
    sent += 1;
    if (from.send(one)) taken += 1;
    return to.frames.some(({ frame: found, direction }) => direction === "in" && Buffer.compare(found, one) === 0);
  };
  await until("frames pass again", carried).catch((cause: Error) => {
    throw new Error(`${cause.message}: of ${sent} that were sent, ${taken} were taken`, { cause });
  });
}

function otherEnd({ far: end }: { readonly far: Network | undefined }, skip: (reason: string) => never): Network {
  return end ?? skip("the other end of the wire is not in the bench's hands");
}

const goodAddress = (address: readonly number[]): boolean =>
  address.length === 6 && address.some((byte) => byte !== 0) && ((address[0] ?? 0) & 1) === 0;

export const nic: Suite<"nic"> = {
  need: "nic",
  cases: [
    {
      name: "it has an address of its own",
      async run({ session }) {
        const address = await (session as NicConnection).macAddress();
        assert.ok(goodAddress(address), address.join(":"));
      },
    },
    {
      name: "the link is up",
      async run({ session }) {
        await until("the link is up", () => (session as NicConnection).linkState());
      },
    },
    {
      name: "frames of every size leave as they are, in order",
      run: (network, { skip }) => carries(network, otherEnd(network, skip), near, far),
    },
    {
      name: "frames of every size come in as they are, in order",
      async run(network, { skip }) {
        const end = otherEnd(network, skip);
        await carries(end, network, far, Uint8Array.from(await (network.session as NicConnection).macAddress()));
      },
    },
    {
      name: "a burst of frames arrives whole",
      async run(network, { skip }) {
        const end = otherEnd(network, skip);
        const burst = Array.from({ length: 200 }, (_, index) => frame(near, far, 300, index + 1));
        for (const one of burst) assert.ok(network.send(one));
        for (const one of burst) await end.expect(exactly(one), { since: 0 });
      },
    },
    {
      name: "a device has one client",
      async run(_network, { target }) {
        assert.equal(await refusal(target.connect(Nic, { label: "second", within: patience })), "Denied");
      },
    },
    {
      name: "frames pass again when the driver was killed",
      async run(network, { restart, skip }) {
        const end = otherEnd(network, skip);
        await restart();
        await untilCarried(network, end);
      },
    },
  ],
};

export const uplink: Suite<"uplink"> = {
  need: "uplink",
  cases: [
    {
      name: "the device has an address of its own",
      async run(part) {
        const { macAddress } = await part.session();
        assert.ok(goodAddress(macAddress), macAddress.join(":"));
      },
    },
    {
      name: "frames of every size leave as they are, in order",
      run: (part, { skip }) => carries(part.network, otherEnd(part, skip), near, far),
    },
    {
      name: "frames of every size come in as they are, in order",
      async run(part, { skip }) {
        const { macAddress } = await part.session();
        await carries(otherEnd(part, skip), part.network, far, Uint8Array.from(macAddress));
      },
    },
    {
      name: "the device is there again when its driver was killed",
      async run(part, { restart, skip }) {
        const end = otherEnd(part, skip);
        const before = await part.session();
        await restart();
        await until("there is a new session", async () => (await part.session()) !== before);
        await untilCarried(part.network, end);
      },
    },
  ],
};
