import * as assert from "uvu/assert";
import { SessionError } from "../../base/errors.js";
import type { Capability } from "../../base/message.js";
import { Calc, type CalcHandlers } from "../../examples/idl/calc.generated.js";
import { CalcCounter, type CalcCounterHandlers } from "../../examples/idl/calc_counter.generated.js";
import { Counter } from "../../examples/idl/counter.generated.js";
import { File } from "../../examples/idl/file.generated.js";
import { Flush } from "../../examples/idl/flush.generated.js";
import { MappedFileObject, type MappedFileObjectHandlers } from "../../examples/idl/mapped_file_object.generated.js";
import { code } from "../support/error-code.js";
import { type Loaded, load } from "../support/interface-compiler.js";
import { LoopbackPort } from "../support/loopback-port.js";
import { suite } from "../support/suite.js";

const test = suite("compound interfaces", { keepsDescriptors: "the bundler is a service process that stays" });

const calc: CalcHandlers = {
  add: (left, right) => left + right,
  subtract: (left, right) => left - right,
  multiply: (left, right) => left * right,
  divide(numerator, denominator) {
    if (denominator === 0) throw new SessionError("DivisionByZero", `Cannot divide ${numerator} by zero`);
    return Math.trunc(numerator / denominator);
  },
};

function calcCounter(): CalcCounterHandlers {
  let count = 0;
  return { ...calc, increment: () => ++count };
}

test("Calc computes, and says when it cannot", async () => {
  const client = Calc.client(new LoopbackPort(Calc, calc));
  assert.equal(
    await Promise.all([client.add(2, 3), client.subtract(2, 3), client.multiply(-4, 5), client.divide(7, 2)]),
    [5, -1, -20, 3],
  );
  assert.is(await code(client.divide(1, 0)), "DivisionByZero");
  assert.is(await code(client.add(2147483647, 1)), "InvalidArgument");
});

test("one object answers as the compound and as each part", async () => {
  const loopback = new LoopbackPort(CalcCounter, calcCounter());
  const whole = CalcCounter.client(loopback);
  assert.is(await whole.increment(), 1);
  assert.is(await Counter.client(loopback).increment(), 2);
  assert.is(await Calc.client(loopback).multiply(6, 7), 42);
  assert.is(await code(whole.divide(1, 0)), "DivisionByZero");
  assert.is(await code(Calc.client(loopback).divide(1, 0)), "DivisionByZero");
  assert.is(
    await CalcCounter.client(new LoopbackPort(CalcCounter, calcCounter())).increment(),
    1,
    "another object has another state",
  );
});

test("the object's methods do not decide what can be called: the declared interface does", async () => {
  assert.is(await code(CalcCounter.client(new LoopbackPort(Calc, calcCounter())).increment()), "UnknownOperation");
});

test("five parts answer as one object, and an error keeps its meaning in each", async () => {
  const full = { start: 0, length: 4096, memory: { kind: "dataspace", descriptors: [1] } as Capability };
  let size = 10;
  const handlers: MappedFileObjectHandlers = {
    map: () => full,
    clear() {},
    info: () => ({ size, flags: 0 }),
    copyIn() {},
    allocate() {},
    size: () => size,
    resize(wanted) {
      if (wanted > 100) throw new SessionError("NoSpace", "Cannot extend the file");
      size = wanted;
      return size;
    },
    mmap: (position, length) => ({ startPos: position, endPos: position + length, size }),
    flush() {
      throw new SessionError("NoSpace", "Cannot write back");
    },
    subscribe() {},
    unsubscribe() {},
    conditions: () => 3,
  };
  const loopback = new LoopbackPort(MappedFileObject, handlers);
  assert.equal([...MappedFileObject.operations.keys()], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  assert.is(await File.client(loopback).resize(20), 20);
  assert.equal(await MappedFileObject.client(loopback).mmap(4, 8, 0, 0), { startPos: 4, endPos: 12, size: 20 });
  assert.equal(await MappedFileObject.client(loopback).map(0, 4096, 0), full);
  assert.is(await code(File.client(loopback).resize(101)), "NoSpace");
  assert.is(await code(Flush.client(loopback).flush(0, 1)), "NoSpace");
});

test("parts number their errors themselves, also inside a compound", async () => {
  const files = {
    "x.idl":
      "interface A { error First; [opcode(0)] rpc a() -> () throws First; } interface B { error Second; [opcode(1)] rpc b() -> () throws Second; } interface C composes A, B { error Third; rpc c() -> () throws Third; }",
  };
  const [module] = (await load(files)) as [Loaded];
  const raise = (name: string) => () => {
    throw new SessionError(name, "no");
  };
  const loopback = new LoopbackPort(module["C"] as Loaded[string], {
    a: raise("First"),
    b: raise("Second"),
    c: raise("Third"),
  });
  assert.is(await code(module["B"]?.client(loopback).b()), "Second");
  const whole = module["C"]?.client(loopback);
  assert.equal([await code(whole.a()), await code(whole.b()), await code(whole.c())], ["First", "Second", "Third"]);
  assert.equal(module["C"]?.errors, ["Third", "First", "Second"]);
});

test.run();
