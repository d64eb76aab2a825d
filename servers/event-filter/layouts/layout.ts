/**
 * What a keyboard's layout says: the characters that its keys mean. All strings follow the places of the keys, wherever
 * a layout moves the letters to: four rows of a keyboard with 105 keys, from the key left of `1` on, from `KEY_Q` on,
 * from `KEY_A` on with `KEY_BACKSLASH` at its end, and from the key left of `KEY_Z` on. A space is a key that means nothing.
 */
import { keyCode } from "../../../lib/input/key-codes.js";

export const levels = ["plain", "shift", "altgr", "shiftAltgr"] as const;
export type Level = (typeof levels)[number];
type Rows = readonly [string, string, string, string];

export interface Layout {
  readonly plain: Rows;
  readonly shift: Rows;
  /** Absent: AltGr changes nothing. */
  readonly altgr?: Rows;
  readonly shiftAltgr?: Rows;
  /** Of each level, the characters that wait for the next one and join it. */
  readonly dead?: { readonly [L in Level]?: string };
}

const rowKeys = [
  "KEY_GRAVE KEY_1 KEY_2 KEY_3 KEY_4 KEY_5 KEY_6 KEY_7 KEY_8 KEY_9 KEY_0 KEY_MINUS KEY_EQUAL",
  "KEY_Q KEY_W KEY_E KEY_R KEY_T KEY_Y KEY_U KEY_I KEY_O KEY_P KEY_LEFTBRACE KEY_RIGHTBRACE",
  "KEY_A KEY_S KEY_D KEY_F KEY_G KEY_H KEY_J KEY_K KEY_L KEY_SEMICOLON KEY_APOSTROPHE KEY_BACKSLASH",
  "KEY_102ND KEY_Z KEY_X KEY_C KEY_V KEY_B KEY_N KEY_M KEY_COMMA KEY_DOT KEY_SLASH",
].map((row) => row.split(" ").map((name) => keyCode(name)));

/** Marks as they stand alone, and as they join the letter before them. */
const marks = new Map(
  Object.entries({
    "`": 0x300,
    "´": 0x301,
    "^": 0x302,
    "~": 0x303,
    "¯": 0x304,
    "˘": 0x306,
    "˙": 0x307,
    "¨": 0x308,
    "°": 0x30a,
    "˝": 0x30b,
    ˇ: 0x30c,
    "¸": 0x327,
    "˛": 0x328,
  }),
);
const alone = new Map([...marks].map(([text, mark]) => [mark, text.codePointAt(0) as number]));

/** What stands for a character where it joins nothing: itself, unless it is a combining mark. */
export function standingAlone(codePoint: number): number {
  return alone.get(codePoint) ?? codePoint;
}

/**
 * The code point of each key at a level; undefined: the layout has no such level. A dead key's is the combining mark.
 * @throws TypeError at a layout of the wrong shape, or with a dead character that is no mark
 */
export function keysOfLevel(layout: Layout, level: Level): ReadonlyMap<number, number> | undefined {
  const rows = layout[level];
  if (rows === undefined) return undefined;
  const dead = layout.dead?.[level] ?? "";
  const keys = new Map<number, number>();
  for (const [index, row] of rows.entries()) {
    const codes = rowKeys[index] as number[];
    const characters = [...row];
    if (characters.length !== codes.length)
      throw new TypeError(`The row "${row}" has ${characters.length} keys, not ${codes.length}`);
    for (const [place, character] of characters.entries()) {
      if (character === " ") continue;
      const codePoint = dead.includes(character) ? marks.get(character) : character.codePointAt(0);
      if (codePoint === undefined) throw new TypeError(`The dead key "${character}" is no known mark`);
      keys.set(codes[place] as number, codePoint);
    }
  }
  return keys;
}

const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyzæÆøØ"];

/** What a combining mark makes of the characters after it, itself and a space included. */
export function compositions(mark: number): ReadonlyMap<number, number> {
  const result = new Map([
    [mark, standingAlone(mark)],
    [0x20, standingAlone(mark)],
  ]);
  for (const letter of letters) {
    const composed = [...(letter + String.fromCodePoint(mark)).normalize("NFC")];
    if (composed.length === 1)
      result.set(letter.codePointAt(0) as number, (composed[0] as string).codePointAt(0) as number);
  }
  return result;
}
