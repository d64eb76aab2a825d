import { existsSync, readFileSync } from "node:fs";
import * as assert from "uvu/assert";
import { findKeyCode, keyCode, keyName, keyNames } from "../../lib/input/key-codes.js";
import { suite } from "../support/suite.js";

const test = suite("key codes");

const header = "/usr/include/linux/input-event-codes.h";

test("names and numbers are those of the kernel", (context) => {
  if (!existsSync(header)) context.skip(`needs ${header}`);
  const lines = readFileSync(header, "utf8").matchAll(/^#define\s+((?:KEY|BTN)_\w+)\s+(\w+)/gm);
  const known = new Map<string, number>();
  for (const [, name = "", value = ""] of lines) known.set(name, known.get(value) ?? Number(value));
  const bounds = new Set(["KEY_MIN_INTERESTING", "KEY_MAX", "KEY_CNT"]);
  let compared = 0;
  for (const [name, number] of known) {
    const own = findKeyCode(name);
    // Kernels name new keys now and then.
    if (bounds.has(name) || own === undefined) continue;
    assert.is(own, number, name);
    compared += 1;
  }
  assert.ok(compared > 500, `${compared}`);
});

test("a number has one name, which has that number", () => {
  for (const name of keyNames) assert.is(keyCode(keyName(keyCode(name))), keyCode(name), name);
  assert.is(keyName(304), "BTN_SOUTH");
  assert.is(keyCode("BTN_A"), 304);
  assert.is(keyName(755), "KEY_755");
});

test("a name that nothing has is refused, with the nearest one", () => {
  assert.throws(() => keyCode("KEY_ENTR"), /No key is called "KEY_ENTR": did you mean "KEY_ENTER"\?/);
  assert.is(findKeyCode("toString"), undefined);
});

test.run();
