/** The keys of a keyboard of the United States that type what came from a terminal, or is to be typed. */
import { keyCode } from "../../lib/input/key-codes.js";
import type { InputEvent } from "../../sessions/event/index.js";

/** Keys that follow each other, and their characters: alone, and with shift. */
const rows: readonly (readonly [first: string, plain: string, shifted: string])[] = [
  ["KEY_GRAVE", "`", "~"],
  ["KEY_1", "1234567890-=", "!@#$%^&*()_+"],
  ["KEY_Q", "qwertyuiop[]", "QWERTYUIOP{}"],
  ["KEY_A", "asdfghjkl;'", 'ASDFGHJKL:"'],
  ["KEY_BACKSLASH", "\\", "|"],
  ["KEY_Z", "zxcvbnm,./", "ZXCVBNM<>?"],
  ["KEY_SPACE", " ", ""],
];
const controls: Readonly<Record<string, string>> = {
  "\r": "KEY_ENTER",
  "\n": "KEY_ENTER",
  "\t": "KEY_TAB",
  "\b": "KEY_BACKSPACE",
  "\x7f": "KEY_BACKSPACE",
  "\x1b": "KEY_ESC",
};
/** What follows ESC and `[` or `O`. */
const sequences: Readonly<Record<string, string>> = {
  A: "KEY_UP",
  B: "KEY_DOWN",
  C: "KEY_RIGHT",
  D: "KEY_LEFT",
  H: "KEY_HOME",
  F: "KEY_END",
  P: "KEY_F1",
  Q: "KEY_F2",
  R: "KEY_F3",
  S: "KEY_F4",
  "1~": "KEY_HOME",
  "2~": "KEY_INSERT",
  "3~": "KEY_DELETE",
  "4~": "KEY_END",
  "5~": "KEY_PAGEUP",
  "6~": "KEY_PAGEDOWN",
  "15~": "KEY_F5",
  "17~": "KEY_F6",
  "18~": "KEY_F7",
  "19~": "KEY_F8",
  "20~": "KEY_F9",
  "21~": "KEY_F10",
  "23~": "KEY_F11",
  "24~": "KEY_F12",
};
/** One stroke: a sequence of a terminal, or a character. */
const stroke = /\x1b[[O]([0-9]*[A-Z~])|[\s\S]/gu;

interface Stroke {
  readonly key: number;
  readonly modifier?: number;
}

const shift = keyCode("KEY_LEFTSHIFT");
const control = keyCode("KEY_LEFTCTRL");
const strokes = new Map<string, Stroke>(
  Object.entries(controls).map(([character, name]) => [character, { key: keyCode(name) }]),
);
for (const [first, plain, shifted] of rows) {
  for (const [place, character] of [...plain].entries()) strokes.set(character, { key: keyCode(first) + place });
  for (const [place, character] of [...shifted].entries())
    strokes.set(character, { key: keyCode(first) + place, modifier: shift });
}
// What is not a key of its own already.
for (let letter = 1; letter <= 26; letter += 1) {
  const typed = String.fromCharCode(letter);
  const { key } = strokes.get(String.fromCharCode(96 + letter)) as Stroke;
  if (!strokes.has(typed)) strokes.set(typed, { key, modifier: control });
}

function pressed({ key, modifier }: Stroke): InputEvent[] {
  const events: InputEvent[] = [
    { kind: "press", key },
    { kind: "release", key },
  ];
  return modifier === undefined
    ? events
    : [{ kind: "press", key: modifier }, ...events, { kind: "release", key: modifier }];
}

/** The events that type a text. A character that no key has comes without one. */
export function typedKeys(text: string): InputEvent[] {
  return [...text.matchAll(stroke)].flatMap(([whole, sequence]): InputEvent[] => {
    const name = sequence === undefined ? undefined : sequences[sequence];
    if (sequence !== undefined) return name === undefined ? [] : pressed({ key: keyCode(name) });
    const known = strokes.get(whole);
    return known === undefined
      ? [{ kind: "press", key: 0, character: whole.codePointAt(0) as number }]
      : pressed(known);
  });
}
