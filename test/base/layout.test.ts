// emulated
// smoke
import { readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { channel, messageHeaderBytes, stream } from "../../base/layout.js";
import { maxCapabilities, maxPayloadBytes } from "../../base/message.js";
import { suite } from "../support/suite.js";

const test = suite("layout");

/** The constants of native/core/layout.h: sums and products of numbers and of each other, in bytes or words. */
function constants(): Map<string, number> {
  const found = new Map<string, number>();
  const text = readFileSync("native/core/layout.h", "utf8");
  for (const [, name, expression] of text.matchAll(/inline constexpr \w+ (\w+) =\s*([^;]+);/g)) {
    const numbers = (expression as string).replace(/[a-z_]+/g, (known) => String(found.get(known)));
    if (!/^[\d\s*+]+$/.test(numbers)) throw new Error(`Cannot evaluate ${name} = ${expression}`);
    const value = numbers
      .split("+")
      .reduce((sum, product) => sum + product.split("*").reduce((all, one) => all * Number(one), 1), 0);
    found.set(name as string, value);
  }
  return found;
}

test("TypeScript and C++ agree on every offset", () => {
  const native = constants();
  const bytes = (name: string): number => native.get(name) as number;
  const word = (name: string): number => bytes(name) / 4;
  assert.is(channel.bytes, bytes("total_bytes"));
  assert.is(channel.slotBytes, bytes("slot_bytes"));
  assert.is(channel.slots, bytes("slot_count"));
  assert.is(channel.signals, bytes("signal_count"));
  assert.equal([...channel.ownWord], [word("client_line"), word("server_line")]);
  assert.equal(
    [channel.events, channel.head, channel.tail, channel.spaceWanted],
    ["events_word", "head_word", "tail_word", "space_wanted_word"].map(bytes),
  );
  assert.equal([...channel.asleepWord], [word("client_asleep"), word("server_asleep")]);
  assert.equal([...channel.signalsWord], [word("client_signals"), word("server_signals")]);
  assert.equal([...channel.ringWord], [word("request_ring"), word("reply_ring")]);
  assert.is(maxPayloadBytes, bytes("max_payload_bytes"));
  assert.equal(
    [stream.submitHeadWord, stream.submitTailWord, stream.acknowledgeHeadWord, stream.acknowledgeTailWord],
    ["submit_head", "submit_tail", "acknowledge_head", "acknowledge_tail"].map(word),
  );
  assert.is(stream.ringsByte, bytes("rings"));
  assert.is(messageHeaderBytes, 16);
  assert.is(maxCapabilities, 4);
});

test.run();
