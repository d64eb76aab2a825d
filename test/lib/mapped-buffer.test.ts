/** A buffer that is forgotten with its server is still there for an answer that came before. */
import { setImmediate as nextTurn } from "node:timers/promises";
import * as assert from "uvu/assert";
import type { Dataspace } from "../../base/dataspace.js";
import type { Capability } from "../../base/message.js";
import { native } from "../../bindings/native.js";
import { MappedBuffer } from "../../lib/mapped-buffer.js";
import { code } from "../support/error-code.js";
import { suite } from "../support/suite.js";

const test = suite("mapped buffer");

const itself = async (buffer: Dataspace): Promise<Dataspace> => buffer;

async function fetch(): Promise<Capability> {
  return { kind: "dataspace", descriptors: [native.createDataspace("buffer", 4096)] };
}

test("a buffer is there for the turn in which it was forgotten", async () => {
  const buffer = new MappedBuffer();
  const dataspace = await buffer.with("a session", fetch, 0, itself);
  dataspace.bytes.write(Uint8Array.of(1, 2, 3));
  buffer.forget();
  for (let step = 0; step < 20; ++step) await Promise.resolve();
  assert.equal([...dataspace.bytes.copy(0, 3)], [1, 2, 3]);
  await nextTurn();
  await nextTurn();
  assert.throws(() => dataspace.bytes.copy(0, 3));
});

test("a buffer that is forgotten while it is fetched is nobody's, so that its user asks the next server", async () => {
  const buffer = new MappedBuffer();
  const descriptor = native.createDataspace("buffer", 4096);
  let answer = (_: Capability): void => {};
  const used = buffer.with("a session", () => new Promise<Capability>((resolve) => (answer = resolve)), 0, itself);
  answer({ kind: "dataspace", descriptors: [descriptor] });
  // In the turn in which the answer came.
  buffer.forget();
  assert.is(await code(used), "Disconnected");
  await nextTurn();
  const next = await buffer.with("a session", fetch, 0, itself);
  assert.is(next.size, 4096);
  buffer.forget();
  await nextTurn();
});

test.run();
