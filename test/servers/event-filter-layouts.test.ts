/** Layouts against another implementation's: libxkbcommon and its data, where the machine has them. */
import { spawnSync } from "node:child_process";
import * as assert from "uvu/assert";
import { keyCode, keyName } from "../../lib/input/key-codes.js";
import { KeyMap } from "../../servers/event-filter/filters/key-map.js";
import { type LayoutName, layoutNames, layouts } from "../../servers/event-filter/layouts/index.js";
import { compositions, keysOfLevel, type Layout, levels } from "../../servers/event-filter/layouts/layout.js";
import { suite } from "../support/suite.js";

const test = suite("event filter: layouts");

/** Prints a line of JSON a layout: per level, the name and the code point of the symbol of each key. */
const program = `
import ctypes, json, sys
x = ctypes.CDLL("libxkbcommon.so.0")
class Names(ctypes.Structure):
    _fields_ = [(name, ctypes.c_char_p) for name in ("rules", "model", "layout", "variant", "options")]
x.xkb_context_new.restype = x.xkb_keymap_new_from_names.restype = ctypes.c_void_p
x.xkb_keymap_new_from_names.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int]
symbols = ctypes.POINTER(ctypes.c_uint32)
x.xkb_keymap_key_get_syms_by_level.argtypes = [ctypes.c_void_p] + 3 * [ctypes.c_uint32] + [ctypes.POINTER(symbols)]
context = ctypes.c_void_p(x.xkb_context_new(0))
for layout in sys.argv[1:]:
    names = Names(b"evdev", b"pc105", layout.encode(), b"", b"")
    keymap = x.xkb_keymap_new_from_names(context, ctypes.byref(names), 0)
    assert keymap, layout
    result = []
    for level in range(4):
        keys = {}
        for key in range(1, 90):
            pointer = symbols()
            if x.xkb_keymap_key_get_syms_by_level(keymap, key + 8, 0, level, ctypes.byref(pointer)) < 1: continue
            name = ctypes.create_string_buffer(64)
            x.xkb_keysym_get_name(pointer[0], name, 64)
            keys[key] = [name.value.decode(), x.xkb_keysym_to_utf32(pointer[0])]
        result.append(keys)
    print(json.dumps(result))
`;

const deadNames: Readonly<Record<string, number>> = {
  dead_grave: 0x300,
  dead_acute: 0x301,
  dead_circumflex: 0x302,
  dead_tilde: 0x303,
  dead_diaeresis: 0x308,
};

test("every key means what libxkbcommon's layout of that country says", (context) => {
  const { status, error, stdout, stderr } = spawnSync("python3", ["-c", program, ...layoutNames]);
  if (error !== undefined || /cannot open shared object/.test(`${stderr}`))
    context.skip("needs Python, and libxkbcommon with its data (Debian packages libxkbcommon0 and xkb-data)");
  assert.is(status, 0, `${stderr}`);
  // private copy: of a program's output
  const lines = stdout.toString("utf8").trim().split("\n");
  let compared = 0;
  for (const [index, name] of layoutNames.entries()) {
    type Keys = Readonly<Record<string, readonly [string, number]>>;
    const theirs = JSON.parse(lines[index] as string) as readonly Keys[];
    for (const [place, level] of levels.entries()) {
      for (const [key, character] of keysOfLevel(layouts[name], level) ?? []) {
        const [symbol, codePoint] = theirs[place]?.[key] ?? ["none", 0];
        assert.is(character, deadNames[symbol] ?? codePoint, `${name}, ${level}, ${keyName(key)}: ${symbol}`);
        compared += 1;
      }
    }
  }
  assert.ok(compared > 8 * 90, `${compared} keys were compared`);
});

test("every layout has all its keys, plain and with shift", () => {
  for (const name of layoutNames) {
    for (const level of ["plain", "shift"] as const) assert.is(keysOfLevel(layouts[name], level)?.size, 48, name);
  }
});

function typed(name: LayoutName, key: string, ...modifiers: string[]): string | undefined {
  const character = new KeyMap(layouts[name], []).character(keyCode(key), new Set(modifiers));
  return character === undefined ? undefined : String.fromCodePoint(character);
}

test("caps lock is of letters, as far as the other case is one character", () => {
  assert.is(typed("fr", "KEY_2", "caps"), "É");
  assert.is(typed("ch", "KEY_LEFTBRACE", "caps"), "Ü");
  assert.is(typed("ch", "KEY_LEFTBRACE", "caps", "shift"), "È");
  assert.is(typed("de", "KEY_MINUS", "caps"), "ß");
  assert.is(typed("de", "KEY_1", "caps"), "1");
  assert.is(typed("de", "KEY_M", "caps", "altgr"), "µ");
});

test("without a third level, the right Alt key changes nothing", () => {
  assert.is(typed("us", "KEY_Q", "altgr"), "q");
  assert.is(typed("de", "KEY_Q", "altgr"), "@");
  assert.is(typed("de", "KEY_A", "altgr"), undefined);
});

test("control makes control characters, where the letters are", () => {
  assert.is(typed("us", "KEY_LEFTBRACE", "control"), "\x1b");
  assert.is(typed("fr", "KEY_Q", "control"), "\x01");
  assert.is(typed("us", "KEY_1", "control"), undefined);
});

test("marks join the letters that Unicode has with them", () => {
  const [acute, ring] = [compositions(0x301), compositions(0x30a)];
  const of = (table: ReadonlyMap<number, number>, letter: string): string | undefined => {
    const composed = table.get(letter.codePointAt(0) as number);
    return composed === undefined ? undefined : String.fromCodePoint(composed);
  };
  assert.equal(
    [..."aEzoæ "].map((letter) => of(acute, letter)),
    [..."áÉźóǽ´"],
  );
  assert.equal(
    [..."aUx "].map((letter) => of(ring, letter)),
    ["å", "Ů", undefined, "°"],
  );
});

test("a row that is too short, and a mark that is none, are refused", () => {
  const short: Layout = { ...layouts.us, shift: ["~!", ...layouts.us.shift.slice(1)] as unknown as Layout["shift"] };
  assert.throws(() => keysOfLevel(short, "shift"), /"~!" has 2 keys, not 13/);
  assert.throws(() => keysOfLevel({ ...layouts.us, dead: { plain: "a" } }, "plain"), /"a" is no known mark/);
});

test.run();
