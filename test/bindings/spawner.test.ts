// emulated
import { openSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type PacketSockets, SpawnError, Spawner } from "../../bindings/spawner.js";
import { answerTypes, decodeAnswer, encodeCreate, requestTypes } from "../../bindings/spawner-protocol.js";

/** The spawner's side of the socket: keeps requests, delivers what a test answers. */
class FakeSockets implements PacketSockets {
  readonly sent: { view: DataView; descriptors: readonly number[] }[] = [];
  readonly #inbox: Uint8Array[] = [];
  #readable: () => void = () => {};

  socketPair(): [number, number] {
    return [openSync("/dev/null", "r"), openSync("/dev/null", "r")];
  }
  sendMessage(_socket: number, bytes: Uint8Array, descriptors: readonly number[]): number {
    this.sent.push({ view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), descriptors });
    return bytes.length;
  }
  receiveMessage(): { bytes: Uint8Array; descriptors: number[] } | undefined {
    const bytes = this.#inbox.shift();
    return bytes === undefined ? undefined : { bytes, descriptors: [] };
  }
  watchReadable(_socket: number, callback: () => void): { close(): void } {
    this.#readable = callback;
    return { close: () => {} };
  }

  deliver(...packets: Uint8Array[]): void {
    this.#inbox.push(...packets);
    this.#readable();
  }
}

type Field = { u32: number } | { i32: number } | { u64: bigint } | { string: string };

function packet(...fields: Field[]): Uint8Array {
  const parts = fields.map((field) => {
    const buffer = Buffer.alloc("u64" in field ? 8 : 4);
    if ("u32" in field) buffer.writeUInt32LE(field.u32);
    else if ("i32" in field) buffer.writeInt32LE(field.i32);
    else if ("u64" in field) buffer.writeBigUInt64LE(field.u64);
    else {
      const text = Buffer.from(field.string);
      buffer.writeUInt32LE(text.length);
      return Buffer.concat([buffer, text, Buffer.alloc(1)]);
    }
    return buffer;
  });
  return new Uint8Array(Buffer.concat(parts));
}

function header(type: keyof typeof answerTypes, sequence: number, component: number): Field[] {
  return [{ u32: answerTypes[type] }, { u32: sequence }, { u32: component }];
}

function created(sequence: number, component: number, missing = ""): Uint8Array {
  return packet(
    ...header("created", sequence, component),
    { i32: 4711 },
    { u32: 0 },
    { u32: 0b11 },
    { string: missing },
  );
}

function exited(component: number, flags: number, status: number): Uint8Array {
  return packet(...header("exited", 0, component), { u32: flags }, { i32: status }, { u64: 5n });
}

function spawner(): { sockets: FakeSockets; spawner: Spawner } {
  const sockets = new FakeSockets();
  return { sockets, spawner: new Spawner(sockets, openSync("/dev/null", "r")) };
}

const spawning = suite("spawner");

spawning("answers find their request in any order", async () => {
  const { sockets, spawner: root } = spawner();
  const first = root.create({ arguments: ["/first"] });
  const second = root.create({ arguments: ["/second"], descriptors: new Map([[3, 17]]) });
  assert.equal(
    sockets.sent.map(({ view }) => view.getUint32(0, true)),
    [requestTypes.create, requestTypes.create],
  );
  assert.equal(sockets.sent[1]?.descriptors, [17]);
  sockets.deliver(created(2, 2, "own_user: the reason\n"), created(1, 1));
  assert.is((await first).id, 1);
  const component = await second;
  assert.is(component.process, 4711);
  assert.equal(component.measures, ["user-namespace", "mount-namespace"]);
  assert.equal(component.missing, ["own-user: the reason"]);
  await root[Symbol.asyncDispose]();
});

spawning("an exit that arrives with the answer is not lost", async () => {
  const { sockets, spawner: root } = spawner();
  const creation = root.create({ arguments: ["/short"] });
  sockets.deliver(created(1, 1), exited(1, 1 | 4, 9));
  const exit = await (await creation).exited;
  assert.equal(exit, { status: undefined, signal: 9, coreDumped: false, outOfMemory: true, cpuTime: 5n });
  await root[Symbol.asyncDispose]();
});

spawning("a failure carries code, stage and text", async () => {
  const { sockets, spawner: root } = spawner();
  const creation = root.create({ arguments: ["/missing"] });
  sockets.deliver(
    packet(...header("failed", 1, 1), { i32: -2 }, { string: "exec" }, { string: "Cannot execute" }, { string: "" }),
  );
  try {
    await creation;
    assert.unreachable();
  } catch (error) {
    assert.instance(error, SpawnError);
    const { code, stage, message } = error as SpawnError;
    assert.equal({ code, stage, message }, { code: "ENOENT", stage: "exec", message: "Cannot execute" });
  }
  await root[Symbol.asyncDispose]();
});

spawning("the spawner's end ends every wait", async () => {
  const { sockets, spawner: root } = spawner();
  const running = root.create({ arguments: ["/running"] });
  sockets.deliver(created(1, 1));
  const component = await running;
  const waiting = root.usage(component.id).then(
    () => "answered",
    (error: SpawnError) => error.code,
  );
  sockets.deliver(new Uint8Array(0));
  assert.is(await waiting, "ECONNRESET");
  assert.is((await component.exited).signal, 9);
  const late = root.kill(component.id).then(
    () => "answered",
    (error: SpawnError) => error.code,
  );
  assert.is(await late, "ECONNRESET");
});

spawning("what cannot be encoded is refused before anything is sent", () => {
  assert.throws(() => encodeCreate(1, 1, { arguments: ["/a\0b"] }), /zero byte/);
  assert.throws(() => encodeCreate(1, 1, { arguments: ["x".repeat(70000)] }), /65536 bytes/);
  const many = new Map(Array.from({ length: 254 }, (_, number) => [number, 0] as const));
  assert.throws(() => encodeCreate(1, 1, { arguments: ["/x"], descriptors: many }), /at most 253/);
});

spawning("a short packet is refused", () => {
  assert.throws(() => decodeAnswer(created(1, 1).subarray(0, 20)), RangeError);
  assert.throws(() => decodeAnswer(packet({ u32: 99 }, { u32: 0 }, { u32: 0 })), /another version/);
});

spawning.run();
