// smoke
/** The block driver and its clients' connections on image files, RAM and loop devices of the real kernel. */
import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { Dataspace } from "../../base/dataspace.js";
import type { Env } from "../../base/env.js";
import type { SessionError } from "../../base/errors.js";
import { PacketSource, streamBytes } from "../../base/packet-stream.js";
import { checked } from "../../base/schema.js";
import { type BlockEngine, lockBlocks } from "../../bindings/block.js";
import { native } from "../../bindings/native.js";
import { configSchema } from "../../drivers/block/config.js";
import { BlockDriver } from "../../drivers/block/driver.js";
import {
  Block,
  type BlockConnection,
  BlockInterface,
  BlockOperation,
  BlockPacket,
  BlockStatus,
  blockSlots,
} from "../../sessions/block/index.js";
import { Platform } from "../../sessions/platform/index.js";
import { cleanUp, imageFile, installed, isRoot, run, scratchDirectory, undo } from "../device/host.js";
import { code } from "../support/error-code.js";
import { LocalParent } from "../support/local-parent.js";
import { type Context, suite } from "../support/suite.js";
import { TestPlatform } from "./platform.js";

const test = suite("block-driver");
test.after(cleanUp);

const imageBytes = 8 << 20;
const everything = { writeable: true };

interface System {
  readonly parent: LocalParent;
  readonly platform: TestPlatform;
  /** Starts a driver, which then gets all new sessions. */
  start(config?: object): Promise<BlockDriver>;
  /** Closes a driver and starts the next, for which sessions wait meanwhile. */
  replace(driver: BlockDriver, config: object): Promise<BlockDriver>;
  /** Opens a session for a client of this name. */
  client(name: string, options?: object): Promise<BlockConnection>;
}

function system(context: Context, open: () => number): System {
  const platform = new TestPlatform({ disk: { kind: "file", open, path: "the disk" } });
  const parent = context.use(new LocalParent([platform.service]));
  let drivers = 0;
  const nextEnv = (): Env => parent.env(`block ${++drivers}`);
  const openDriver = async (env: Env, config: object): Promise<BlockDriver> =>
    context.use(
      await BlockDriver.open(
        await env.connect(Platform),
        checked(configSchema, { defaultPolicy: everything, ...config }, "the configuration"),
      ),
    );
  return {
    parent,
    platform,
    async start(config = {}) {
      const env = nextEnv();
      const driver = await openDriver(env, config);
      await env.announce(BlockInterface, (request) => driver.session(request));
      return driver;
    },
    async replace(driver, config) {
      const env = nextEnv();
      let begin = (): void => {};
      const next = new Promise<void>((resolve) => (begin = resolve)).then(() => openDriver(env, config));
      await env.announce(BlockInterface, async (request) => (await next).session(request));
      await driver.close();
      begin();
      return next;
    },
    client: async (name, options = {}) => context.use(await parent.env(name).connect(Block, options)),
  };
}

const image = imageFile(scratchDirectory("/var/tmp"), imageBytes);
const openImage = (): number => openSync(image, "r+");

function pattern(bytes: number, seed: number): Uint8Array {
  const result = new Uint8Array(bytes);
  let state = seed + 1;
  for (let index = 0; index < bytes; ++index) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    result[index] = state >>> 16;
  }
  return result;
}

function hash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

test("a client hears of what is done while the driver does what comes next", async (context) => {
  const { parent } = system(context, openImage);
  const env = parent.env("block");
  const config = checked(configSchema, { defaultPolicy: everything, engine: "inline" }, "the configuration");
  const driver = context.use(await BlockDriver.open(await env.connect(Platform), config));
  let wakeups = (): number => 0;
  await env.announce(BlockInterface, async (request) => {
    const session = await driver.session(request);
    wakeups = () => session.sink.counters.wakeups;
    return session;
  });
  const disk = context.use(await parent.env("client").connect(Block, { txBufferSize: "1M" }));
  const count = 64;
  await new Promise<void>((resolve) => {
    let left = count;
    const completed = (status: BlockStatus): void => {
      assert.is(status, BlockStatus.ok);
      if (--left === 0) resolve();
    };
    disk.submit(Array.from({ length: count }, (_, block) => ({ operation: "read", block, count: 1, completed })));
  });
  assert.ok(wakeups() >= count / 8, `${count} requests at once were answered in ${wakeups()} parts`);
});

for (const engine of ["inline", "threads", "io_uring", "automatic"] as const satisfies readonly BlockEngine[]) {
  test(`data comes back as it was written, ${engine}`, async (context) => {
    const driverSystem = system(context, openImage);
    try {
      await driverSystem.start({ engine });
    } catch (error) {
      // A container's filter may forbid it; so does that of a component.
      if (engine === "io_uring") context.skip(`needs io_uring (${String(error)})`);
      throw error;
    }
    const disk = await driverSystem.client("client", { txBufferSize: "256K" });
    const { blockSize, blockCount } = await disk.info();
    assert.is(blockSize * blockCount, imageBytes);
    // Larger than the buffer, so it travels in pieces.
    const data = pattern(3 << 20, 7);
    await disk.write({ block: 5, data });
    await disk.sync();
    assert.is(hash(await disk.read({ block: 5, count: data.length / blockSize })), hash(data));
    // Another witness than the driver.
    assert.is(hash(readFileSync(image).subarray(5 * blockSize, 5 * blockSize + data.length)), hash(data));
  });
}

test("a session sees its view alone, and writes by policy and wish", async (context) => {
  const driverSystem = system(context, openImage);
  await driverSystem.start({
    policies: [
      { label: "reader", offset: 8, blockCount: 16 },
      { label: "writer", writeable: true, offset: 8, blockCount: 16 },
    ],
  });
  const writer = await driverSystem.client("writer", { offset: 4, blockCount: 4 });
  const { blockSize, blockCount } = await writer.info();
  assert.is(blockCount, 4);
  const data = pattern(blockSize, 9);
  await writer.write({ block: 3, data });
  assert.equal(new Uint8Array(readFileSync(image).subarray(15 * blockSize, 16 * blockSize)), data);
  assert.is(await code(writer.write({ block: 4, data })), "InvalidArgument");
  assert.is(await code(writer.read({ block: 0, count: 5 })), "InvalidArgument");
  assert.is(await code(writer.trim({ block: 4, count: 1 })), "InvalidArgument");

  const reader = await driverSystem.client("reader");
  assert.is((await reader.info()).writeable, false);
  assert.equal(await reader.read({ block: 7, count: 1 }), data);
  assert.is(await code(reader.write({ block: 0, data })), "Denied");
  assert.is(await code(reader.trim({ block: 0, count: 1 })), "Denied");
  const shy = await driverSystem.client("writer", { writeable: false });
  assert.is(await code(shy.write({ block: 0, data })), "Denied");
});

test("other policies hold for the sessions that come", async (context) => {
  const { start, client } = system(context, openImage);
  const driver = await start({ defaultPolicy: undefined, policies: [{ label: "a" }] });
  const reader = await client("a", { writeable: true });
  assert.not((await reader.info()).writeable);
  driver.configure(
    checked(configSchema, { policies: [{ label: "a", writeable: true, blockCount: 16 }, { label: "b" }] }, "it"),
  );
  assert.not((await reader.info()).writeable, "an open session stays as it is");
  const writer = await client("a", { writeable: true });
  const { writeable, blockCount } = await writer.info();
  assert.equal({ writeable, blockCount }, { writeable: true, blockCount: 16 });
  assert.ok(await client("b"));
});

test("without a policy a session is denied", async (context) => {
  const driverSystem = system(context, openImage);
  await driverSystem.start({ defaultPolicy: undefined, policies: [{ label: "somebody" }] });
  assert.is(await code(driverSystem.client("else")), "Denied");
});

/** The submit ring's first slot, in bytes from the start of a stream (docs/wire-format.md). */
const firstDescriptor = 0x1000;

/** A source that says what it likes. */
async function rawSource(
  context: Context,
  env: Env,
): Promise<{
  source: PacketSource<BlockPacket>;
  memory: Uint8Array;
  rpc: { onMoved: (() => void) | undefined; open: boolean };
}> {
  const geometry = { slots: blockSlots, stride: BlockPacket.stride };
  const session = context.use(
    await env.session(
      BlockInterface,
      {},
      { reconnect: false, ram: BlockInterface.ramQuota + streamBytes(geometry, 128 << 10) },
    ),
  );
  const dataspace = context.use(Dataspace.of(await session.client.stream(), { writable: true }));
  return {
    source: new PacketSource(dataspace, geometry, BlockPacket, session.rpc),
    memory: dataspace.bytes.array,
    rpc: session.rpc,
  };
}

test("a hundred thousand wild descriptors harm nobody", { timeout: 60_000 }, async (context) => {
  const driverSystem = system(context, openImage);
  await driverSystem.start({ policies: [{ label: "wild", writeable: true, offset: 1024, blockCount: 100 }] });
  const neighbour = await driverSystem.client("neighbour");
  const { blockSize } = await neighbour.info();
  const before = pattern(1024 * blockSize, 11);
  await neighbour.write({ block: 0, data: before });

  const { source, rpc } = await rawSource(context, driverSystem.parent.env("wild"));
  let state = 12_345;
  const number = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  // Edges of 32 bits, of 53 bits, of the view and of the buffer.
  const edges = [
    0, 1, 7, 99, 100, 101, 255, 1024, 4096, 65_536, 131_072, 131_071, 0x7fff_ffff, 0xffff_ffff, 0xffff_fe00,
  ];
  const wide = [...edges, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER - 1023, 2 ** 52];
  const pick = (of: readonly number[]): number =>
    number() % 4 === 0 ? number() : (of[number() % of.length] as number);
  const total = 100_000;
  let sent = 0;
  let good = 0;
  const answers = new Map<number, number>();
  const expected = new Map<number, BlockPacket>();
  await new Promise<void>((resolve, reject) => {
    const step = (): void => {
      source.acknowledged((answer) => {
        answers.set(answer.status, (answers.get(answer.status) ?? 0) + 1);
        const asked = expected.get(answer.tag) as BlockPacket;
        expected.delete(answer.tag);
        const inside = asked.block <= 100 && asked.count <= 100 - asked.block;
        if (answer.status === BlockStatus.ok && asked.operation !== BlockOperation.sync) {
          good += 1;
          if (!inside)
            reject(new Error(`Block ${asked.block} and ${asked.count} more were taken for a part of 100 blocks`));
        }
      });
      while (sent < total && source.readyToSubmit) {
        const packet = {
          offset: pick(edges),
          length: pick(edges),
          block: pick(wide),
          count: pick(edges),
          tag: sent,
          operation: ((number() % 4) + 1) as BlockOperation,
          status: BlockStatus.pending,
        };
        // Some that are right, so that the good path runs between the bad ones.
        const right =
          number() % 8 === 0 ? { ...packet, offset: 0, length: blockSize, block: number() % 100, count: 1 } : packet;
        source.submit(right);
        expected.set(sent, right);
        sent += 1;
      }
      source.wakeup();
      if (expected.size === 0) resolve();
    };
    rpc.onMoved = step;
    step();
  });
  assert.ok(good > 1000, `only ${good} requests succeeded`);
  assert.ok((answers.get(BlockStatus.out_of_range) ?? 0) > 1000);
  assert.ok((answers.get(BlockStatus.malformed) ?? 0) > 100);
  assert.ok(rpc.open);
  assert.is(
    hash(await neighbour.read({ block: 0, count: 1024 })),
    hash(before),
    "the blocks outside of the view are as they were",
  );
});

test("a descriptor that is none ends its session and no other", async (context) => {
  const driverSystem = system(context, openImage);
  await driverSystem.start();
  const neighbour = await driverSystem.client("neighbour");
  const { source, rpc, memory } = await rawSource(context, driverSystem.parent.env("wild"));
  const sync = {
    offset: 0,
    length: 0,
    block: 0,
    count: 0,
    tag: 1,
    operation: BlockOperation.sync,
    status: BlockStatus.pending,
  };
  source.submit(sync);
  // Where the first descriptor lies; our own end would refuse to write this.
  memory[firstDescriptor + BlockPacket.offsets.operation] = 77;
  source.wakeup();
  const end = performance.now() + 5000;
  while (rpc.open && performance.now() < end) await new Promise((resolve) => setImmediate(resolve));
  assert.is(rpc.open, false);
  assert.is((await neighbour.read({ block: 0, count: 1 })).length, (await neighbour.info()).blockSize);
});

test("no acknowledged write is lost when drivers die under load", { timeout: 60_000 }, async (context) => {
  const driverSystem = system(context, openImage);
  let driver = await driverSystem.start({ engine: "threads" });
  const disk = await driverSystem.client("client", { txBufferSize: "1M" });
  const { blockSize } = await disk.info();
  const blocks = 256;
  /** The number of the last acknowledged write of each block. */
  const acknowledged = new Uint32Array(blocks);
  let writes = 0;
  let stop = false;
  const writer = async (lane: number): Promise<void> => {
    for (let turn = 1; !stop; ++turn) {
      const block = lane + 8 * (turn % (blocks / 8));
      const data = new Uint8Array(blockSize);
      new DataView(data.buffer).setUint32(0, turn, true);
      await disk.write({ block, data });
      acknowledged[block] = turn;
      writes += 1;
      if (turn % 17 === 0) await disk.sync();
    }
  };
  const lanes = Array.from({ length: 8 }, (_, lane) => writer(lane));
  for (let death = 0; death < 10; ++death) {
    const before = writes;
    while (writes < before + 200) await new Promise((resolve) => setImmediate(resolve));
    driver = await driverSystem.replace(driver, { engine: "threads" });
  }
  stop = true;
  await Promise.all(lanes);
  const content = readFileSync(image);
  for (let block = 0; block < blocks; ++block) {
    if (acknowledged[block] !== 0)
      assert.is(content.readUInt32LE(block * blockSize), acknowledged[block], `block ${block}`);
  }
});

test("a disk that another has locked is served once it is free, and is locked then", async (context) => {
  const other = openSync(image, "r+");
  assert.ok(lockBlocks(other));
  const driverSystem = system(context, openImage);
  let started = false;
  const starting = driverSystem.start().then(() => (started = true));
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.not(started);
  closeSync(other);
  await starting;
  const third = openSync(image, "r+");
  context.defer(() => closeSync(third));
  assert.not(lockBlocks(third));
});

test("a batch without copies keeps the whole queue busy", async (context) => {
  const driverSystem = system(context, openImage);
  await driverSystem.start();
  const disk = await driverSystem.client("client", { txBufferSize: "1M" });
  const { blockSize } = await disk.info();
  const count = 1000;
  const seen: number[] = [];
  const run = (operation: "read" | "write"): Promise<BlockStatus[]> =>
    new Promise((resolve) => {
      const results: BlockStatus[] = [];
      disk.submit(
        Array.from({ length: count }, (_, block) => ({
          operation,
          block,
          count: 1,
          produce: (payload: Uint8Array) => void payload.fill(block & 0xff),
          consume: (payload: Uint8Array) =>
            void (seen[block] =
              (payload[0] as number) === (payload[blockSize - 1] as number) ? (payload[0] as number) : -1),
          completed: (status: BlockStatus) => {
            if (results.push(status) === count) resolve(results);
          },
        })),
      );
    });
  assert.ok((await run("write")).every((status) => status === BlockStatus.ok));
  assert.ok((await run("read")).every((status) => status === BlockStatus.ok));
  assert.equal(
    seen,
    Array.from({ length: count }, (_, block) => block & 0xff),
  );
});

test("two busy sessions get equal shares", async (context) => {
  const driverSystem = system(context, () => native.createDataspace("ram disk", 4 << 20));
  await driverSystem.start();
  const clients = [
    await driverSystem.client("one", { txBufferSize: "1M" }),
    await driverSystem.client("two", { txBufferSize: "1M" }),
  ];
  const count = 4000;
  const done = [0, 0];
  /** What the slower one had done when the faster one was through. */
  const slower = await new Promise<number>((resolve) => {
    for (const [index, client] of clients.entries()) {
      const completed = (): void => {
        if ((done[index] = (done[index] as number) + 1) === count) resolve(Math.min(...done));
      };
      client.submit(
        Array.from({ length: count }, (_, job) => ({
          operation: "read" as const,
          block: job % 1000,
          count: 1,
          completed,
        })),
      );
    }
  });
  assert.ok(slower > count * 0.6, `the other session had done ${slower} of ${count}`);
});

test("a full file system is no failure of the medium", async (context) => {
  if (!isRoot || !installed("mount")) context.skip("needs root, for a small file system");
  const folder = scratchDirectory("/var/tmp");
  run("mount", "-t", "tmpfs", "-o", "size=1M", "tmpfs", folder);
  undo(() => run("umount", folder));
  // Larger than the file system, and all holes.
  const file = join(folder, "holes");
  closeSync(openSync(file, "w"));
  truncateSync(file, 4 << 20);
  const driverSystem = system(context, () => openSync(file, "r+"));
  const driver = await driverSystem.start();
  const disk = await driverSystem.client("client", { txBufferSize: "1M" });
  try {
    await disk.write({ block: 0, data: new Uint8Array(2 << 20).fill(1) });
    assert.unreachable("two mebibytes were written to one");
  } catch (error) {
    assert.is((error as SessionError).detail?.["status"], BlockStatus.no_space);
  }
  assert.is((await disk.read({ block: 0, count: 1 })).length, (await disk.info()).blockSize);
  await disk.close();
  // Before the file system can go.
  await driver.close();
});

test("a disk that goes away fails its requests until it is back", async (context) => {
  const file = imageFile(scratchDirectory("/var/tmp"), 1 << 20);
  let there = true;
  const driverSystem = system(context, () => {
    if (!there) throw new Error("no disk");
    return openSync(file, "r+");
  });
  await driverSystem.start();
  const disk = await driverSystem.client("client");
  const data = pattern((await disk.info()).blockSize, 2);
  await disk.write({ block: 1, data });
  there = false;
  truncateSync(file, 0);
  assert.is(await code(disk.read({ block: 1, count: 1 })), "Unavailable");
  assert.is(await code(disk.write({ block: 1, data })), "Unavailable");
  truncateSync(file, 1 << 20);
  there = true;
  driverSystem.platform.changed();
  const end = performance.now() + 5000;
  while ((await code(disk.write({ block: 1, data }))) !== "resolved") {
    assert.ok(performance.now() < end, "the disk did not come back");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal(await disk.read({ block: 1, count: 1 }), data);
});

test("a descriptor opened for reading makes a disk that nobody writes", async (context) => {
  const driverSystem = system(context, () => openSync(image, "r"));
  await driverSystem.start();
  const disk = await driverSystem.client("client");
  assert.is((await disk.info()).writeable, false);
  assert.is(await code(disk.write({ block: 0, data: new Uint8Array((await disk.info()).blockSize) })), "Denied");
});

test.run();
