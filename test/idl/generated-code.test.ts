// smoke
import * as assert from "uvu/assert";
import { SessionError } from "../../base/errors.js";
import { type Capability, Reader } from "../../base/message.js";
import { checked } from "../../base/schema.js";
import { Calc } from "../../examples/idl/calc.generated.js";
import { code, codeOf } from "../support/error-code.js";
import { type AnyHandlers, generatedText, type Loaded, load } from "../support/interface-compiler.js";
import { LoopbackPort, readerOf } from "../support/loopback-port.js";
import { suite } from "../support/suite.js";

const test = suite("generated code", { keepsDescriptors: "the bundler is a service process that stays" });

const source = `
/// Everything that the language has.
interface Sample version 3 {
  quota ram = 14K, caps = 5;
  session {
    /// Bytes of the bulk area.
    tx_buffer_size: size = 128K;
    writeable: bool = true;
    label_hint: str[8] = "";
    mode: Mode = WRITE;
    gain: float32 = -1.5;
    extra: optional int8;
  }
  const LIMIT: uint32 = 4;
  const ALL_BITS: [bigint] uint64 = 0xffffffffffffffff;
  const GREETING: str[16] = "a \\"b\\"";
  enum Mode : uint8 { READ = 1, WRITE = 200 }
  type id = [bigint] int64;
  struct Info { block_size: uint32; mode: Mode; note: optional str[10]; serial: id; }
  variant Answer { ok(Info), none = 7, pair(uint16[2]) }
  error NotWriteable;
  signal frame_done;
  signal timeout = 5;
  rpc everything(a: bool, b: char, c: int8, d: uint8, e: int16, f: uint16, g: int32, h: uint32, i: int64, j: uint64, k: float32, l: float64, m: id, n: [bigint] uint64)
    -> (a: bool, b: char, c: int8, d: uint8, e: int16, f: uint16, g: int32, h: uint32, i: int64, j: uint64, k: float32, l: float64, m: id, n: [bigint] uint64);
  rpc compounds(text: str[32], data: bytes[16], info: Info, answers: Answer[<=3], mac: uint8[6], grid: int8[2][2], maybe: optional Mode) 
    -> (text: str[32], data: bytes[16], info: Info, answers: Answer[<=3], mac: uint8[6], grid: int8[2][2], maybe: optional Mode);
  rpc memory(file: cap<File>, spaces: cap<Dataspace>[<=2], peer: cap<Sample>) -> (first: cap<Dataspace>);
  rpc fail() -> () throws NotWriteable;
  oneway write(text: str);
  packet Packet { mode: Mode; success: bool; block: uint64; delta: int64; stamp: [bigint] uint64; count: uint16; mac: uint8[6]; gain: float32; small: int8; mid: int16; wide: int32; letter: char; parts: int16[2]; }
}
`;

let sample: Loaded;
test.before(async () => {
  [sample] = (await load({ "x.idl": source })) as [Loaded];
});

function port(handlers: AnyHandlers) {
  return new LoopbackPort(sample["Sample"] as Loaded[string], handlers);
}

test("scalars keep their extremes", async () => {
  const low = [
    false,
    0,
    -128,
    0,
    -32768,
    0,
    -2147483648,
    0,
    Number.MIN_SAFE_INTEGER,
    0,
    -1.5,
    -Number.MAX_VALUE,
    -(1n << 63n),
    0n,
  ];
  const high = [
    true,
    255,
    127,
    255,
    32767,
    65535,
    2147483647,
    4294967295,
    Number.MAX_SAFE_INTEGER,
    Number.MAX_SAFE_INTEGER,
    0.5,
    Number.MIN_VALUE,
    (1n << 63n) - 1n,
    (1n << 64n) - 1n,
  ];
  for (const values of [low, high]) {
    const names = [..."abcdefghijklmn"];
    const loopback = port({
      everything: (...given) => Object.fromEntries(names.map((name, index) => [name, given[index]])),
    });
    const result = (await sample["Sample"]?.client(loopback).everything(...values)) as Record<string, unknown>;
    assert.equal(
      names.map((name) => result[name]),
      values,
    );
    assert.is(loopback.requests[0]?.bytes.length, 60);
  }
});

test("structs, variants, arrays, optionals and bytes arrive as they were sent", async () => {
  const info = { blockSize: 512, mode: 200, note: undefined, serial: -5n };
  const values = {
    text: "gr\u00fc\u00dfe \u{1f600}",
    data: Uint8Array.of(1, 2, 3),
    info,
    answers: [{ kind: "ok", value: { ...info, note: "x" } }, { kind: "none" }, { kind: "pair", value: [1, 65535] }],
    mac: [0, 1, 2, 3, 4, 255],
    grid: [
      [1, -1],
      [2, -2],
    ],
    maybe: undefined,
  };
  const handlers = {
    compounds: (...given: unknown[]) =>
      Object.fromEntries(Object.keys(values).map((name, index) => [name, given[index]])),
  };
  assert.equal(await sample["Sample"]?.client(port(handlers)).compounds(...Object.values(values)), values);
});

test("values that do not fit reject with InvalidArgument, before anything is sent", async () => {
  const loopback = port({});
  const client = sample["Sample"]?.client(loopback);
  const info = { blockSize: 512, mode: 200, note: undefined, serial: 0n };
  const good: readonly unknown[] = [
    "",
    new Uint8Array(0),
    info,
    [],
    [0, 0, 0, 0, 0, 0],
    [
      [0, 0],
      [0, 0],
    ],
    undefined,
  ];
  const bad: readonly (readonly [number, unknown])[] = [
    [0, "x".repeat(33)],
    [1, new Uint8Array(17)],
    [2, { ...info, mode: 3 }],
    [2, { ...info, blockSize: -1 }],
    [3, [{ kind: "other" }]],
    [3, Array(4).fill({ kind: "none" })],
    [4, [1]],
    [5, [[0, 0]]],
    [6, 9],
  ];
  for (const [index, value] of bad)
    assert.is(await code(client.compounds(...good.with(index, value))), "InvalidArgument", `argument ${index}`);
  assert.is(await code(client.write("x".repeat(257))), "InvalidArgument");
  assert.is(loopback.requests.length, 0);
});

test("capabilities travel beside the payload, each checked for its kind", async () => {
  const file: Capability = { kind: "file", descriptors: [1] };
  const space: Capability = { kind: "dataspace", descriptors: [2] };
  const peer: Capability = { kind: "channel", descriptors: [3, 4] };
  const seen: unknown[] = [];
  const loopback = port({
    memory(...given) {
      seen.push(...given.slice(0, 3));
      return space;
    },
  });
  const client = sample["Sample"]?.client(loopback);
  assert.equal(await client.memory(file, [space, space], peer), space);
  assert.equal(seen, [file, [space, space], peer]);
  assert.is(await code(client.memory(space, [], peer)), "Malformed");
});

test("capabilities of a message that breaks off stay with the channel, which closes them", () => {
  const file: Capability = { kind: "file", descriptors: [1] };
  const space: Capability = { kind: "dataspace", descriptors: [2] };
  const memory = [...(sample["Sample"] as Loaded[string]).operations.values()].find(({ name }) => name === "memory");
  const call = { label: "", signal: new AbortController().signal };
  const whole = Uint8Array.of(0, 1, 0, 1, 2);
  const peer: Capability = { kind: "channel", descriptors: [3, 4] };
  const reader = readerOf({ bytes: whole.subarray(0, 4), capabilities: [file, space, peer] });
  assert.is(
    codeOf(() => memory.invoke({ memory: () => space }, reader, call)),
    "Malformed",
  );
  assert.equal(reader.unclaimed(), [file, space, peer]);
  const accepted = readerOf({ bytes: whole, capabilities: [file, space, peer] });
  assert.is(
    codeOf(() => memory.invoke({ memory: () => space }, accepted, call)),
    "returned",
  );
  assert.equal(accepted.unclaimed(), []);
});

test("errors arrive by the name that the interface gives them", async () => {
  const fails = (error: string) =>
    sample["Sample"]?.client(port({ fail: () => Promise.reject(new SessionError(error, "no")) })).fail();
  assert.is(await code(fails("NotWriteable")), "NotWriteable");
  assert.is(await code(fails("OutOfRam")), "OutOfRam");
  assert.is(await code(fails("Unheard")), "Internal");
});

test("a oneway takes no reply", async () => {
  const seen: unknown[] = [];
  await sample["Sample"]?.client(port({ write: (text) => void seen.push(text) })).write("hello");
  assert.equal(seen, ["hello"]);
});

test("constants, quota, version, signals", () => {
  const { Sample, sampleLimit, sampleAllBits, sampleGreeting } = sample as Loaded & Record<string, unknown>;
  assert.is(sampleLimit, 4);
  assert.is(sampleAllBits, (1n << 64n) - 1n);
  assert.is(sampleGreeting, 'a "b"');
  assert.equal([Sample?.version, Sample?.ramQuota, Sample?.capQuota], [3, 14336, 5]);
  assert.equal(Sample?.signals, ["frameDone", "", "", "", "", "timeout"]);
});

test("session arguments have the defaults, bounds and documentation of the definition", () => {
  const { args } = sample["Sample"] as Loaded[string];
  assert.equal(checked(args, {}, "arguments"), {
    txBufferSize: 131072,
    writeable: true,
    labelHint: "",
    mode: "WRITE",
    gain: -1.5,
  });
  assert.equal(checked(args, { txBufferSize: "4M", extra: -3 }, "arguments"), {
    txBufferSize: 4194304,
    writeable: true,
    labelHint: "",
    mode: "WRITE",
    gain: -1.5,
    extra: -3,
  });
  for (const wrong of [{ txBuffer: 1 }, { mode: "write" }, { extra: 128 }, { labelHint: "123456789" }]) {
    assert.is(
      codeOf(() => checked(args, wrong, "arguments")),
      "InvalidArgument",
      JSON.stringify(wrong),
    );
  }
  assert.match(JSON.stringify(args.jsonSchema()), "Bytes of the bulk area.");
});

const descriptor = {
  offset: 4096,
  length: 4294967295,
  mode: 200,
  success: true,
  block: Number.MAX_SAFE_INTEGER,
  delta: -3,
  stamp: (1n << 64n) - 1n,
  count: 65535,
  mac: [1, 2, 3, 4, 5, 6],
  gain: 0.25,
  small: -128,
  mid: -32768,
  wide: -2147483648,
  letter: 65,
  parts: [-1, 1],
};

test("packets lie in their slot, naturally aligned, at a power of two", () => {
  const packet = sample["SamplePacket"] as Loaded[string];
  assert.is(packet.stride, 128);
  assert.equal(packet.offsets, {
    offset: 0,
    length: 4,
    mode: 8,
    success: 9,
    block: 16,
    delta: 24,
    stamp: 32,
    count: 40,
    mac: 42,
    gain: 48,
    small: 52,
    mid: 54,
    wide: 56,
    letter: 60,
    parts: 62,
  });
  const view = new DataView(new ArrayBuffer(packet.stride * 3));
  packet.write(view, packet.stride, descriptor);
  assert.equal(packet.read(view, packet.stride), descriptor);
  const bytes = new Uint8Array(view.buffer);
  assert.ok(
    [...bytes.subarray(0, 128), ...bytes.subarray(256)].every((byte) => byte === 0),
    "neighbours stay as they are",
  );
});

test("a packet that a peer spoiled is Malformed; one that does not fit is refused", () => {
  const packet = sample["SamplePacket"] as Loaded[string];
  const view = new DataView(new ArrayBuffer(packet.stride));
  packet.write(view, 0, descriptor);
  view.setUint8(8, 3);
  assert.is(
    codeOf(() => packet.read(view, 0)),
    "Malformed",
  );
  packet.write(view, 0, descriptor);
  view.setUint32(20, 0x00200000, true);
  assert.is(
    codeOf(() => packet.read(view, 0)),
    "Malformed",
  );
  const wrong = [
    { offset: -1 },
    { length: 2 ** 32 },
    { mode: 0 },
    { block: -1 },
    { block: 1.5 },
    { delta: 2 ** 53 },
    { stamp: -1n },
    { count: 65536 },
    { mac: [1] },
    { mac: [1, 2, 3, 4, 5, 256] },
    { small: 128 },
    { mid: 32768 },
    { wide: 2 ** 31 },
    { letter: 256 },
  ];
  for (const change of wrong)
    assert.is(
      codeOf(() => packet.write(view, 0, { ...descriptor, ...change })),
      "InvalidArgument",
      Object.keys(change)[0],
    );
});

test("the same definition yields the same text", () => {
  assert.is(generatedText({ "x.idl": source }), generatedText({ "x.idl": source }));
});

test("definitions use each other's types across files", async () => {
  const files = {
    "x.idl":
      'import "y.idl";\ninterface A { struct Both { point: Point; colour: Shapes.Colour; } rpc f(both: Both) -> (point: Point); packet P { colour: Shapes.Colour; } }',
    "y.idl": "struct Point { x: int; y: int; }\ninterface Shapes { enum Colour : uint8 { RED = 1 } }",
  };
  const [module] = (await load(files)) as [Loaded];
  const client = module["A"]?.client(
    new LoopbackPort(module["A"] as Loaded[string], { f: (both: { point: unknown }) => both.point }),
  );
  assert.equal(await client.f({ point: { x: 1, y: -1 }, colour: 1 }), { x: 1, y: -1 });
  assert.is(await code(client.f({ point: { x: 1, y: -1 }, colour: 2 })), "InvalidArgument");
  const view = new DataView(new ArrayBuffer(16));
  assert.is(
    codeOf(() => (module["AP"] as Loaded[string]).read(view, 0)),
    "Malformed",
  );
});

test("a message that is too long or too short is Malformed", () => {
  const operation = Calc.operations.get(0);
  const sum = (left: number, right: number): number => left + right;
  const calc = { add: sum, subtract: sum, multiply: sum, divide: sum };
  for (const length of [0, 7, 9]) {
    const reader = readerOf({ bytes: new Uint8Array(length), capabilities: [] });
    assert.is(
      codeOf(() => operation?.invoke(calc, reader, { label: "", signal: new AbortController().signal })),
      "Malformed",
    );
  }
  assert.is(
    codeOf(() => operation?.invoke(calc, new Reader().begin(8), { label: "", signal: new AbortController().signal })),
    "returned",
  );
});

test.run();
