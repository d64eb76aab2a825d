/**
 * Every engine on every kind of device that this machine has, against a model in memory: random writes, reads and
 * trims, then the whole device read back by other means.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { constants } from "node:os";
import * as assert from "uvu/assert";
import {
  BlockDevice,
  type BlockEngine,
  type BlockRequest,
  blockCompletion,
  blockRequest,
  packRequest,
} from "../../bindings/block.js";
import { native } from "../../bindings/native.js";
import { suite } from "../support/suite.js";
import {
  cleanUp,
  dataspace,
  fileSystem,
  imageFile,
  installed,
  loopDevice,
  runAgain,
  scratchDirectory,
  turn,
  undo,
  until,
  zramDevice,
} from "./host.js";

const deviceBytes = 8 << 20;
const bufferBytes = 1 << 20;
const engines: readonly BlockEngine[] = ["automatic", "inline", "io_uring", "threads"];
const { EINVAL, ERANGE, EFAULT, EROFS } = constants.errno;
/** Not among Node's constants. */
const ENOTBLK = 15;

const Blocks = suite("block");
Blocks.after(cleanUp);

/** Targets by name: the path of the device or image, and whether it completes inside of submit. */
const targets: { name: string; path: string; inSubmit: boolean | undefined }[] = [];

const memory = scratchDirectory("/dev/shm");
targets.push({ name: "file on tmpfs", path: imageFile(memory, deviceBytes), inSubmit: true });

const disk = scratchDirectory("/var/tmp");
// The test knows nothing of the disk below, so it only asks that the choice is one that works.
targets.push({ name: `file on ${fileSystem(disk)}`, path: imageFile(disk, deviceBytes), inSubmit: undefined });

const loop = loopDevice(imageFile(scratchDirectory("/dev/shm"), deviceBytes));
if ("path" in loop) targets.push({ name: "loop device", path: loop.path, inSubmit: false });
else Blocks.skip("loop device", `needs ${loop.missing}`);

const zram = zramDevice(deviceBytes);
if ("path" in zram) targets.push({ name: "zram device", path: zram.path, inSubmit: true });
else Blocks.skip("zram device", `needs ${zram.missing}`);

/** A generator of 32-bit numbers (xorshift), so that a failure repeats. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Submits requests and waits for all completions: the results by tag. */
async function complete(device: BlockDevice, requests: readonly BlockRequest[]): Promise<Map<number, number>> {
  const packed = new Uint32Array(requests.length * blockRequest.words);
  for (const [index, request] of requests.entries()) packRequest(packed, index, request);
  const completions = new Uint32Array(device.depth * blockCompletion.words);
  const results = new Map<number, number>();
  let submitted = 0;
  await until("completion of all requests", () => {
    if (submitted < requests.length) {
      const rest = packed.subarray(submitted * blockRequest.words);
      submitted += device.submit(rest, requests.length - submitted);
    }
    const count = device.reap(completions);
    for (let index = 0; index < count; ++index) {
      const at = index * blockCompletion.words;
      results.set(completions[at + blockCompletion.tag] ?? -1, (completions[at + blockCompletion.result] ?? 0) | 0);
    }
    return results.size === requests.length;
  });
  return results;
}

async function only(device: BlockDevice, request: Omit<BlockRequest, "tag">): Promise<number | undefined> {
  return (await complete(device, [{ tag: 1, ...request }])).get(1);
}

/** Batches of random requests whose ranges do not touch within a batch, on the device and on the model. */
async function compareWithModel(device: BlockDevice, path: string, seed: number): Promise<void> {
  const random = generator(seed);
  const space = dataspace(bufferBytes);
  const buffer = device.addBuffer(space.memfd);
  const model = new Uint8Array(device.size);
  /** Blocks that were trimmed: what they read as is the device's choice, until they are written. */
  const trimmed = new Set<number>();
  const blocks = device.size / device.blockSize;
  const slots = 16;
  const slotBytes = bufferBytes / slots;

  const zero: BlockRequest[] = [];
  space.bytes.fill(0);
  for (let at = 0; at < device.size; at += bufferBytes) {
    zero.push({
      tag: at,
      operation: "write",
      position: at,
      length: Math.min(bufferBytes, device.size - at),
      buffer,
      address: 0,
    });
  }
  for (const [tag, result] of await complete(device, zero)) assert.is(result, Math.min(bufferBytes, device.size - tag));

  for (let round = 0; round < 40; ++round) {
    const requests: Required<BlockRequest>[] = [];
    const used: { first: number; count: number }[] = [];
    for (let slot = 0; slot < slots; ++slot) {
      const count = 1 + random(slotBytes / device.blockSize);
      const first = random(blocks - count + 1);
      if (used.some((other) => first < other.first + other.count && other.first < first + count)) continue;
      used.push({ first, count });
      const kind = random(8);
      const operation = kind < 4 ? "write" : kind < 7 || !device.trim ? "read" : "trim";
      requests.push({
        tag: slot,
        operation,
        position: first * device.blockSize,
        length: count * device.blockSize,
        buffer,
        address: slot * slotBytes,
      });
    }
    for (const { operation, position, length, address } of requests) {
      if (operation !== "write") continue;
      const fill = random(256);
      for (let index = 0; index < length; ++index) space.bytes[address + index] = fill + index * 7;
      model.set(space.bytes.subarray(address, address + length), position);
      for (let block = position; block < position + length; block += device.blockSize) trimmed.delete(block);
    }
    const results = await complete(device, requests);
    for (const { tag, operation, position, length, address } of requests) {
      const result = results.get(tag);
      if (operation === "trim") {
        assert.is(result, 0, "trim succeeds");
        for (let block = position; block < position + length; block += device.blockSize) trimmed.add(block);
        continue;
      }
      assert.is(result, length, `${operation} of ${length} bytes at ${position}`);
      if (operation === "write") continue;
      for (let block = 0; block < length; block += device.blockSize) {
        if (trimmed.has(position + block)) continue;
        const read = space.bytes.subarray(address + block, address + block + device.blockSize);
        const expected = model.subarray(position + block, position + block + device.blockSize);
        assert.is(Buffer.compare(read, expected), 0, `contents at ${position + block}`);
      }
    }
  }
  assert.is(await only(device, { operation: "sync" }), 0);
  device.removeBuffer(buffer);

  // The second witness: the file system's own read, after the sync.
  const descriptor = openSync(path, "r");
  const contents = new Uint8Array(device.size);
  for (let at = 0; at < contents.length; ) at += readSync(descriptor, contents, at, contents.length - at, at);
  closeSync(descriptor);
  for (let block = 0; block < device.size; block += device.blockSize) {
    if (trimmed.has(block)) continue;
    assert.is(
      Buffer.compare(
        contents.subarray(block, block + device.blockSize),
        model.subarray(block, block + device.blockSize),
      ),
      0,
      `contents at ${block} after sync`,
    );
  }
}

for (const target of targets) {
  for (const engine of engines) {
    Blocks(`${target.name}, engine ${engine}: contents equal the model's`, async () => {
      const descriptor = openSync(target.path, "r+");
      undo(() => closeSync(descriptor));
      using device = new BlockDevice(descriptor, { engine });
      assert.is(device.size, deviceBytes);
      assert.is(device.readOnly, false);
      if (engine !== "automatic") assert.is(device.engine, engine);
      else
        console.log(
          `  ${target.name}: ${device.engine}, ${device.direct ? "direct" : "buffered"}, blocks of ${device.blockSize}, ${device.probe.sleeps} of ${device.probe.reads} reads slept, ${device.probe.nanoseconds} ns`,
        );
      await compareWithModel(device, target.path, 0x1234 + engines.indexOf(engine));
    });
  }

  const expected = target.inSubmit;
  if (expected !== undefined) {
    Blocks(`${target.name}: the probe finds that it ${expected ? "completes in submit" : "queues"}`, () => {
      const descriptor = openSync(target.path, "r+");
      undo(() => closeSync(descriptor));
      using device = new BlockDevice(descriptor);
      assert.is(device.engine, expected ? "inline" : "io_uring");
    });
  }

  Blocks(`${target.name}: a request outside of device or buffer, or unaligned, fails alone`, async () => {
    const descriptor = openSync(target.path, "r+");
    undo(() => closeSync(descriptor));
    for (const engine of engines) {
      using device = new BlockDevice(descriptor, { engine });
      const space = dataspace(65536);
      const buffer = device.addBuffer(space.memfd);
      const unit = device.blockSize;
      const last = device.size - unit;
      const wrong: [number, Omit<BlockRequest, "tag">][] = [
        [-ERANGE, { operation: "read", position: device.size, length: unit, buffer }],
        [-ERANGE, { operation: "write", position: last, length: 2 * unit, buffer }],
        [-ERANGE, { operation: "trim", position: last, length: 2 * unit }],
        [-ERANGE, { operation: "trim", position: device.size, length: unit }],
        // Position plus length wraps around 2^64 to a block that exists.
        [-ERANGE, { operation: "read", position: 2 ** 64 - 2048 * unit, length: 2048 * unit, buffer }],
        [-ERANGE, { operation: "trim", position: unit, length: 2 ** 64 - 4096 }],
        [-EINVAL, { operation: "read", position: 1, length: unit, buffer }],
        [-EINVAL, { operation: "write", position: 0, length: unit - 1, buffer }],
        [-EINVAL, { operation: "read", position: 0, length: 0, buffer }],
        [-EINVAL, { operation: "read", position: 0, length: unit, buffer: buffer + 1 }],
        [-EINVAL, { operation: "read", position: 0, length: unit, buffer: 0xffff_ffff }],
        [-EFAULT, { operation: "read", position: 0, length: unit, buffer, address: 65536 }],
        [-EFAULT, { operation: "read", position: 0, length: 65536 + unit, buffer }],
        [-EFAULT, { operation: "write", position: 0, length: 65536, buffer, address: 4096 }],
      ];
      if (device.memoryAlignment > 1)
        wrong.push([-EINVAL, { operation: "read", position: 0, length: unit, buffer, address: 1 }]);
      const requests = wrong.map(([, request], tag) => ({ tag, ...request }));
      const good = {
        tag: wrong.length,
        operation: "read",
        position: last,
        length: unit,
        buffer,
        address: 65536 - unit,
      } as const;
      const results = await complete(device, [...requests, good]);
      for (const [tag, [error]] of wrong.entries()) {
        assert.is(results.get(tag), error, `request ${JSON.stringify(requests[tag])}`);
      }
      assert.is(results.get(good.tag), unit);

      const unknownOperation = new Uint32Array(blockRequest.words);
      unknownOperation[blockRequest.operation] = 4;
      assert.is(device.submit(unknownOperation, 1), 1);
      const completions = new Uint32Array(2);
      assert.is(device.reap(completions), 1);
      assert.is((completions[1] ?? 0) | 0, -EINVAL);
    }
  });

  Blocks(`${target.name}: a descriptor opened for reading refuses writes and trims`, async () => {
    const descriptor = openSync(target.path, "r");
    undo(() => closeSync(descriptor));
    using device = new BlockDevice(descriptor);
    assert.is(device.readOnly, true);
    const buffer = device.addBuffer(dataspace(65536).memfd);
    assert.is(await only(device, { operation: "write", position: 0, length: device.blockSize, buffer }), -EROFS);
    assert.is(await only(device, { operation: "trim", position: 0, length: device.blockSize }), -EROFS);
    assert.is(
      await only(device, { operation: "read", position: 0, length: device.blockSize, buffer }),
      device.blockSize,
    );
  });
}

for (const engine of ["io_uring", "threads"] as const) {
  Blocks(`engine ${engine}: a sleeper is woken by its descriptor, an awake owner is not disturbed`, async () => {
    const target = targets.find(({ inSubmit }) => inSubmit === false) ?? targets[1];
    assert.ok(target);
    const descriptor = openSync(target.path, "r+");
    undo(() => closeSync(descriptor));
    using device = new BlockDevice(descriptor, { engine });
    const buffer = device.addBuffer(dataspace(65536).memfd);
    const request = new Uint32Array(blockRequest.words);
    const completions = new Uint32Array(blockCompletion.words);
    packRequest(request, 0, { tag: 7, operation: "read", position: 0, length: 65536, buffer });
    const signalled = (): boolean => {
      try {
        return readSync(device.completionDescriptor, new Uint8Array(8)) === 8;
      } catch {
        return false; // EAGAIN
      }
    };

    for (let round = 0; round < 50; ++round) {
      device.disarm();
      assert.is(device.submit(request, 1), 1);
      assert.not(signalled(), "disarmed");
      // Either the completion is there already, or the descriptor tells of it: never neither.
      if (!device.arm()) await until("the signal", signalled);
      await until("the completion", () => device.reap(completions) === 1);
      assert.equal([...completions], [7, 65536]);
    }
  });

  Blocks(`engine ${engine}: takes no more than its depth, and a buffer in use stays`, async () => {
    const target = targets.find(({ inSubmit }) => inSubmit === false) ?? targets[1];
    assert.ok(target);
    const descriptor = openSync(target.path, "r+");
    undo(() => closeSync(descriptor));
    using device = new BlockDevice(descriptor, { engine, depth: 4 });
    const buffer = device.addBuffer(dataspace(65536).memfd);
    const requests = new Uint32Array(8 * blockRequest.words);
    for (let tag = 0; tag < 8; ++tag)
      packRequest(requests, tag, { tag, operation: "read", position: 0, length: 4096, buffer, address: tag * 4096 });
    assert.is(device.submit(requests, 8), 4);
    assert.throws(
      () => device.removeBuffer(buffer),
      (error: NodeJS.ErrnoException) => error.code === "EBUSY",
    );
    const completions = new Uint32Array(8 * blockCompletion.words);
    let reaped = 0;
    while (reaped < 4) {
      reaped += device.reap(completions);
      await turn();
    }
    device.removeBuffer(buffer);
    assert.throws(
      () => device.removeBuffer(buffer),
      (error: NodeJS.ErrnoException) => error.code === "ENOENT",
    );
  });
}

Blocks("a dataspace that its owner could shrink is refused", () => {
  const image = targets[0];
  assert.ok(image);
  const descriptor = openSync(image.path, "r+");
  undo(() => closeSync(descriptor));
  using device = new BlockDevice(descriptor);
  // A file of tmpfs is memory like a memfd, but nobody sealed it.
  assert.throws(
    () => device.addBuffer(descriptor),
    (error: NodeJS.ErrnoException) => error.code === "EPERM" && error.message.includes("sealed against shrinking"),
  );
  const { memfd } = dataspace(65536);
  assert.throws(
    () => device.addBuffer(memfd, 1),
    (error: NodeJS.ErrnoException) => error.code === "EINVAL",
  );
  assert.throws(
    () => device.addBuffer(memfd, 0, 65537),
    (error: NodeJS.ErrnoException) => error.code === "EINVAL",
  );
  assert.throws(
    () => device.addBuffer(memfd, 131072),
    (error: NodeJS.ErrnoException) => error.code === "EINVAL",
  );
});

Blocks("a RAM disk is a dataspace used as the device", async () => {
  const memfd = native.createDataspace("disk", 1 << 20);
  undo(() => native.closeDescriptor(memfd));
  using device = new BlockDevice(memfd);
  assert.is(device.engine, "inline");
  assert.is(device.size, 1 << 20);
  const space = dataspace(65536);
  const buffer = device.addBuffer(space.memfd);
  space.bytes.fill(0x5a, 0, 4096);
  assert.is(await only(device, { operation: "write", position: 8192, length: 4096, buffer, address: 0 }), 4096);
  assert.is(await only(device, { operation: "read", position: 8192, length: 4096, buffer, address: 4096 }), 4096);
  assert.equal(space.bytes.slice(4096, 8192), new Uint8Array(4096).fill(0x5a));
});

Blocks("what is no block device says so, and a closed device too", () => {
  const descriptor = openSync("/dev/null", "r");
  undo(() => closeSync(descriptor));
  assert.throws(
    () => new BlockDevice(descriptor),
    (error: NodeJS.ErrnoException) =>
      error.errno === ENOTBLK &&
      error.message === "Cannot open a block device: block device required (a block device or an image file is needed)",
  );
  const image = targets[0];
  assert.ok(image);
  const file = openSync(image.path, "r+");
  undo(() => closeSync(file));
  const device = new BlockDevice(file);
  device.close();
  assert.throws(() => device.submit(new Uint32Array(8), 1), /it is closed/);
});

/** Without the right to lock memory, and 64 KiB that anybody may lock: one buffer of that size, or none that is larger. */
const lockedMemory = ["--bounding-set=-ipc_lock", "--inh-caps=-ipc_lock", "--", "prlimit", "--memlock=65536:65536"];

/** Denies io_uring_setup (number 425 on every architecture) with EPERM, then becomes its arguments. */
const withoutUring = `
  my $filter = pack("SCCL" x 4, 0x20, 0, 0, 0, 0x15, 0, 1, 425, 0x06, 0, 0, 0x00050001, 0x06, 0, 0, 0x7fff0000);
  my $prctl = {x64 => 157, arm64 => 167}->{shift @ARGV};
  syscall($prctl, 38, 1, 0, 0, 0) == 0 or die "no_new_privs: $!";
  syscall($prctl, 22, 2, pack("S x6 P", 4, $filter), 0, 0) == 0 or die "seccomp: $!";
  exec @ARGV;`;

if (process.argv[2] === "little-locked-memory") {
  // This process is the child of the test below.
  Blocks.only("io_uring transfers what the kernel does not register", async () => {
    const descriptor = openSync(process.argv[3] ?? "", "r+");
    undo(() => closeSync(descriptor));
    using device = new BlockDevice(descriptor, { engine: "io_uring" });
    const small = device.addBuffer(dataspace(16_384).memfd);
    assert.is(device.registrationError, undefined);
    await compareWithModel(device, process.argv[3] ?? "", 77);
    assert.is(device.registrationError, "ENOMEM");
    assert.is(device.engine, "io_uring");
    // A registered buffer beside one that is not.
    assert.is(await only(device, { operation: "read", position: 0, length: 4096, buffer: small }), 4096);
  });
} else if (process.argv[2] === "without-io_uring") {
  // This process is the child of the test below.
  Blocks.only("threads take over where io_uring is forbidden", async () => {
    const descriptor = openSync(process.argv[3] ?? "", "r+");
    undo(() => closeSync(descriptor));
    using device = new BlockDevice(descriptor);
    assert.is(device.engine, "threads");
    assert.is(device.probe.uringError, "EPERM");
    assert.throws(
      () => new BlockDevice(descriptor, { engine: "io_uring" }),
      (error: NodeJS.ErrnoException) => error.code === "EPERM" && error.message.includes('engine "threads" works'),
    );
    await compareWithModel(device, process.argv[3] ?? "", 99);
  });
} else {
  for (const target of targets)
    Blocks(`${target.name}: io_uring transfers what the kernel does not register`, { timeout: 60_000 }, (context) => {
      if (!installed("setpriv") || !installed("prlimit")) context.skip("needs setpriv and prlimit");
      const [first, ...rest] = process.getuid?.() === 0 ? ["setpriv", ...lockedMemory] : lockedMemory.slice(3);
      runAgain(first as string, rest, "little-locked-memory", target.path);
    });
  Blocks("threads take over where io_uring is forbidden", { timeout: 60_000 }, (context) => {
    const target = targets.find(({ inSubmit }) => inSubmit === false);
    if (target === undefined) return context.skip("needs a loop device");
    if (!installed("perl")) context.skip("needs perl, to install the filter");
    runAgain("perl", ["-e", withoutUring, process.arch], "without-io_uring", target.path);
  });
}

Blocks.run();
