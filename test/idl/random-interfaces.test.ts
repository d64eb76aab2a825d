import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { SessionError } from "../../base/errors.js";
import type { Call, CallOptions, Interface, RpcPort } from "../../base/interface.js";
import { type Capability, capabilityKinds, maxPayloadBytes, type Reader, Writer } from "../../base/message.js";
import { camelCase } from "../../idl/names.js";
import { complaints, type Loaded, load } from "../support/interface-compiler.js";
import { LoopbackPort, type Message, readerOf } from "../support/loopback-port.js";
import { suite } from "../support/suite.js";

const test = suite("random interfaces", { keepsDescriptors: "the bundler is a service process that stays" });

/** A type as the language writes it, what has to be declared for it, and its values. */
interface RandomType {
  readonly text: string;
  readonly declarations: readonly string[];
  readonly values: fc.Arbitrary<unknown>;
}

interface RandomField {
  readonly name: string;
  readonly type: RandomType;
}

interface RandomOperation {
  readonly name: string;
  readonly oneway: boolean;
  readonly inputs: readonly RandomField[];
  readonly outputs: readonly RandomField[];
}

const call: Call = { label: "test", signal: new AbortController().signal };

const integer = (text: string, min: number, max: number): RandomType => ({
  text,
  declarations: [],
  values: fc.oneof(fc.constantFrom(min, max), fc.integer({ min, max })),
});
const simple = (text: string, values: fc.Arbitrary<unknown>): RandomType => ({ text, declarations: [], values });
const safe = Number.MAX_SAFE_INTEGER;

const scalars: readonly RandomType[] = [
  simple("bool", fc.boolean()),
  integer("char", 0, 255),
  integer("int8", -128, 127),
  integer("uint8", 0, 255),
  integer("int16", -32768, 32767),
  integer("uint16", 0, 65535),
  integer("int", -(2 ** 31), 2 ** 31 - 1),
  integer("uint32", 0, 2 ** 32 - 1),
  integer("int64", -safe, safe),
  integer("size", 0, safe),
  simple("float32", fc.float()),
  simple("float64", fc.double()),
  simple("[bigint] int64", fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n })),
  simple("[bigint] uint64", fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })),
];

// Among them names that TypeScript or the generated code uses for something else.
const nameOf = fc.constantFrom(
  "left",
  "block_size",
  "in",
  "out",
  "default",
  "class",
  "options",
  "call",
  "reader",
  "writer",
  "handlers",
  "element",
  "element2",
  "error",
  "await",
  "arguments",
  "_1",
  "type",
  "read_sample_info",
  "sample_errors",
  "undefined",
  "result",
  "port",
  "value",
);
const namesOf = (count: { minLength: number; maxLength: number }) =>
  fc.uniqueArray(nameOf, { ...count, selector: camelCase });

let serial = 0;

const leaf: fc.Arbitrary<RandomType> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...scalars) },
  fc.integer({ min: 0, max: 12 }).map((max) =>
    simple(
      `str[${Math.max(1, max)}]`,
      fc
        .string({ unit: "binary", maxLength: Math.max(1, max) })
        .filter((text) => Buffer.byteLength(text) <= Math.max(1, max) && !/\p{Surrogate}/u.test(text)),
    ),
  ),
  fc.integer({ min: 1, max: 12 }).map((max) => simple(`bytes[${max}]`, fc.uint8Array({ maxLength: max }))),
  fc
    .constantFrom(["Dataspace", "dataspace"], ["Channel", "channel"], ["File", "file"], ["Sample", "channel"])
    .map(([name, kind]) =>
      simple(
        `cap<${name}>`,
        fc.integer({ min: 0, max: 99 }).map((descriptor) => ({ kind, descriptors: [descriptor] })),
      ),
    ),
  fc.uniqueArray(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 4 }).map((numbers) => {
    const name = `enum_${serial++}`;
    return {
      text: name,
      declarations: [
        `enum ${name} : uint8 { ${numbers.map((number, index) => `ITEM_${index} = ${number}`).join(", ")} }`,
      ],
      values: fc.constantFrom(...numbers),
    };
  }),
);

const { type: anyType } = fc.letrec<{ type: RandomType }>((tie) => {
  const inner = tie("type");
  const array = fc.tuple(inner, fc.integer({ min: 1, max: 3 }), fc.boolean()).map(([element, length, bounded]) => {
    // A length behind str or bytes is their bound, so optional and those need a name of their own.
    const name = `alias_${serial++}`;
    return {
      text: `${name}[${bounded ? "<=" : ""}${length}]`,
      declarations: [...element.declarations, `type ${name} = ${element.text};`],
      values: fc.array(element.values, { minLength: bounded ? 0 : length, maxLength: length }),
    };
  });
  const optional = inner
    .filter((type) => !type.text.startsWith("optional "))
    .map((type) => ({
      text: `optional ${type.text}`,
      declarations: type.declarations,
      values: fc.option(type.values, { nil: undefined }),
    }));
  const struct = namesOf({ minLength: 0, maxLength: 3 }).chain((names) =>
    fc.tuple(...names.map(() => inner)).map((types) => {
      const name = `struct_${serial++}`;
      return {
        text: name,
        declarations: [
          ...types.flatMap((type) => type.declarations),
          `struct ${name} { ${names.map((field, index) => `${field}: ${(types[index] as RandomType).text};`).join(" ")} }`,
        ],
        values: fc
          .tuple(...types.map((type) => type.values))
          .map((values) => Object.fromEntries(names.map((field, index) => [camelCase(field), values[index]]))),
      };
    }),
  );
  const variant = namesOf({ minLength: 1, maxLength: 3 }).chain((names) =>
    fc.tuple(...names.map(() => fc.option(inner, { nil: undefined }))).map((types) => {
      const name = `variant_${serial++}`;
      const cases = names.map((field, index) =>
        fc.record(
          { kind: fc.constant(camelCase(field)), ...(types[index] !== undefined && { value: types[index].values }) },
          { noNullPrototype: true },
        ),
      );
      return {
        text: name,
        declarations: [
          ...types.flatMap((type) => type?.declarations ?? []),
          `variant ${name} { ${names.map((field, index) => (types[index] === undefined ? field : `${field}(${types[index].text})`)).join(", ")} }`,
        ],
        values: fc.oneof(...cases),
      };
    }),
  );
  return { type: fc.oneof({ maxDepth: 2, depthSize: "small" }, leaf, array, optional, struct, variant) };
});

const fields = (maxLength: number) =>
  namesOf({ minLength: 0, maxLength }).chain((names) =>
    fc
      .tuple(...names.map(() => anyType))
      .map((types) => names.map((name, index): RandomField => ({ name, type: types[index] as RandomType }))),
  );
const operations = namesOf({ minLength: 1, maxLength: 3 }).chain((names) =>
  fc
    .tuple(...names.map(() => fc.record({ oneway: fc.boolean(), inputs: fields(4), outputs: fields(3) })))
    .map((list) => list.map((operation, index): RandomOperation => ({ ...operation, name: names[index] as string }))),
);

function sourceOf(list: readonly RandomOperation[]): string {
  const declarations = new Set(
    list.flatMap((operation) =>
      [...operation.inputs, ...(operation.oneway ? [] : operation.outputs)].flatMap((field) => field.type.declarations),
    ),
  );
  const text = (side: readonly RandomField[]): string =>
    `(${side.map((field) => `${field.name}: ${field.type.text}`).join(", ")})`;
  const lines = list.map((operation) =>
    operation.oneway
      ? `oneway ${operation.name}${text(operation.inputs)};`
      : `rpc ${operation.name}${text(operation.inputs)} -> ${text(operation.outputs)};`,
  );
  return `interface Sample {\n  ${[...declarations, ...lines].join("\n  ")}\n}\n`;
}

const valuesOf = (side: readonly RandomField[]) => fc.tuple(...side.map((field) => field.type.values));

/** What a handler returns for these results. */
function resultOf(outputs: readonly RandomField[], values: readonly unknown[]): unknown {
  if (outputs.length < 2) return values[0];
  return Object.fromEntries(outputs.map((field, index) => [camelCase(field.name), values[index]]));
}

const scenario = operations
  .filter((list) => {
    // What is too large for one message is refused by the compiler; another test looks at that.
    const found = complaints({ "x.idl": sourceOf(list) });
    const unexpected = found.filter((line) => !/may (take|carry) \d+/.test(line));
    if (unexpected.length > 0) throw new Error(`${unexpected.join("\n")}\n${sourceOf(list)}`);
    return found.length === 0;
  })
  .chain((list) =>
    fc.tuple(
      fc.constant(list),
      fc.tuple(
        ...list.map((operation) =>
          fc.record({ inputs: valuesOf(operation.inputs), outputs: valuesOf(operation.outputs) }),
        ),
      ),
      fc.uint8Array({ maxLength: 64 }),
    ),
  )
  // A counterexample shows the definition and the values, not the generators inside.
  .map(([list, values, noise]) => ({
    list,
    values,
    noise,
    [fc.toStringMethod]: () => `${sourceOf(list)}${fc.stringify(values)} ${fc.stringify(noise)}`,
  }));

/** Fails unless the function returns or throws a Malformed session error. */
function returnsOrMalformed(act: () => unknown, what: string): "returned" | "malformed" {
  try {
    act();
    return "returned";
  } catch (error) {
    if (error instanceof SessionError && error.code === "Malformed") return "malformed";
    throw new Error(`${what} raised ${String(error)}`);
  }
}

/** A client's end whose server answers with whatever it is given. */
class HostilePort implements RpcPort {
  readonly #reply: Message;
  constructor(reply: Message) {
    this.#reply = reply;
  }
  begin(_opcode: number): Writer {
    return new Writer();
  }
  async call<Result>(
    _errors: readonly string[],
    _replyBytes: number,
    decode: (reader: Reader) => Result,
    _options?: CallOptions,
  ): Promise<Result> {
    return decode(readerOf(this.#reply));
  }
  async send(): Promise<void> {}
}

async function exercise(
  served: Interface<Loaded[string], Loaded[string], object>,
  list: readonly RandomOperation[],
  values: readonly { inputs: readonly unknown[]; outputs: readonly unknown[] }[],
  noise: Uint8Array,
): Promise<void> {
  for (const [index, operation] of list.entries()) {
    const name = camelCase(operation.name);
    const { inputs, outputs } = values[index] as (typeof values)[number];
    const seen: unknown[] = [];
    const expected = operation.oneway ? undefined : resultOf(operation.outputs, outputs);
    const handlers = {
      [name]: (...given: unknown[]) => {
        seen.push(...given.slice(0, -1));
        return expected;
      },
    };
    const port = new LoopbackPort(served as Interface<Loaded[string], typeof handlers, object>, handlers);
    const result: unknown = await served.client(port)[name](...inputs);
    assert.equal(seen, [...inputs]);
    assert.equal(result, expected);

    const definition = [...served.operations.values()].find((candidate) => candidate.name === name);
    if (definition === undefined) throw new Error(`No operation ${name}`);
    const request = port.requests[0] as Message;
    const deliver = (message: Message, what: string) =>
      returnsOrMalformed(() => definition.invoke(handlers, readerOf(message), call), what);
    for (let length = 0; length < request.bytes.length; length++) {
      assert.is(
        deliver({ ...request, bytes: request.bytes.subarray(0, length) }, `${name} cut to ${length} bytes`),
        "malformed",
      );
    }
    assert.is(
      deliver({ ...request, bytes: Uint8Array.of(...request.bytes, 0) }, `${name} with a byte too many`),
      "malformed",
    );
    for (let at = 0; at < request.bytes.length; at++) {
      const bytes = request.bytes.slice();
      bytes[at] = (bytes[at] as number) ^ 0xff;
      deliver({ ...request, bytes }, `${name} with byte ${at} flipped`);
    }
    const capabilities: Capability[] = capabilityKinds.map((kind) => ({ kind, descriptors: [0] }));
    deliver({ bytes: noise, capabilities: [] }, `${name} of noise`);
    deliver({ bytes: noise, capabilities }, `${name} of noise with capabilities`);

    if (operation.oneway) continue;
    const reply = port.replies[0] as Message;
    const answers: Message[] = [
      { bytes: noise, capabilities },
      { ...reply, bytes: Uint8Array.of(...reply.bytes.subarray(0, maxPayloadBytes - 1), 7) },
    ];
    for (let length = 0; length < reply.bytes.length; length++)
      answers.push({ ...reply, bytes: reply.bytes.subarray(0, length) });
    for (const answer of answers) {
      const outcome = await served
        .client(new HostilePort(answer))
        [name](...inputs)
        .then(
          () => "returned",
          (error: unknown) => (error instanceof SessionError ? error.code : String(error)),
        );
      if (answer.bytes === noise)
        assert.ok(outcome === "returned" || outcome === "Malformed", `noise as a reply: ${outcome}`);
      else assert.is(outcome, "Malformed");
    }
  }
}

test("what is sent arrives, and what is broken is Malformed and nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ list, values, noise }) => {
      const [module] = await load({ "x.idl": sourceOf(list) });
      await exercise((module as Loaded)["Sample"] as Loaded[string], list, values, noise);
    }),
    { numRuns: 150 },
  );
});

const words = fc.constantFrom(
  "interface",
  "namespace",
  "rpc",
  "oneway",
  "async",
  "void",
  "struct",
  "packet",
  "variant",
  "enum",
  "const",
  "type",
  "session",
  "quota",
  "signal",
  "error",
  "import",
  "composes",
  "version",
  "optional",
  "cap",
  "in",
  "out",
  "A",
  "b",
  "int",
  "str",
  "{",
  "}",
  "(",
  ")",
  "[",
  "]",
  "<",
  ">",
  "<=",
  ";",
  ":",
  ",",
  "=",
  "->",
  "-",
  ".",
  "0",
  "7",
  "4K",
  '"x.idl"',
  "///d\n",
  "//c\n",
  "/*",
  "*/",
  "\n",
  "€",
  '"',
);

test("no text makes the compiler throw or hang", () => {
  const text = fc.array(words, { maxLength: 60 }).map((list) => list.join(" "));
  fc.assert(
    fc.property(fc.oneof(text, fc.string()), (source) => {
      for (const line of complaints({ "x.idl": source }))
        assert.match(line, /^(x\.idl|\(built in\)):\d+:\d+: error: ./);
    }),
    { numRuns: 2000 },
  );
});

test.run();
