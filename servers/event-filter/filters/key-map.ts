/** Which character a key means, with the modifiers that are on. */
import { keyCode } from "../../../lib/input/key-codes.js";
import { keysOfLevel, type Layout, type Level, levels } from "../layouts/layout.js";

/** Characters of some keys, which hold while the modifiers that are named are on (true) or off. */
export interface CharacterMap {
  readonly modifiers: Readonly<Record<string, boolean>>;
  readonly keys: ReadonlyMap<number, number>;
}

const code = (name: string): number => keyCode(name);

/** What keys mean in every layout and at every level. */
const everywhere = new Map([
  [code("KEY_ESC"), 27],
  [code("KEY_BACKSPACE"), 8],
  [code("KEY_TAB"), 9],
  [code("KEY_ENTER"), 10],
  [code("KEY_KPENTER"), 10],
  [code("KEY_SPACE"), 32],
  [code("KEY_DELETE"), 127],
  [code("KEY_KPASTERISK"), 42],
  [code("KEY_KPPLUS"), 43],
  [code("KEY_KPMINUS"), 45],
  [code("KEY_KPDOT"), 46],
  [code("KEY_KPSLASH"), 47],
  [code("KEY_KPEQUAL"), 61],
  ...Array.from({ length: 10 }, (_, digit) => [code(`KEY_KP${digit}`), 48 + digit] as const),
]);

/** The other case of a letter; what has none, or whose other case is no single character, stays. */
function otherCase(codePoint: number): number {
  const text = String.fromCodePoint(codePoint);
  const upper = [...text.toUpperCase()];
  const other = upper[0] === text ? [...text.toLowerCase()] : upper;
  return other.length === 1 ? ((other[0] as string).codePointAt(0) as number) : codePoint;
}

/** Control and a letter, or one of `[\]^_`, are the control characters 1 to 31. */
function controlCharacter(codePoint: number): number | undefined {
  const upper = otherCase(codePoint) < codePoint ? otherCase(codePoint) : codePoint;
  return upper > 0x40 && upper < 0x60 ? upper - 0x40 : undefined;
}

export class KeyMap {
  readonly #levels: ReadonlyMap<Level, ReadonlyMap<number, number>>;
  /** The last one that holds decides. */
  readonly #maps: readonly CharacterMap[];

  /** Without a layout, only `maps` and the keys that mean the same everywhere have characters. */
  constructor(layout: Layout | undefined, maps: readonly CharacterMap[]) {
    const known = new Map<Level, ReadonlyMap<number, number>>();
    for (const level of levels) {
      const keys = layout && keysOfLevel(layout, level);
      if (keys !== undefined) known.set(level, keys);
    }
    this.#levels = known;
    this.#maps = maps.toReversed();
  }

  /** Every combining mark that a dead key has. */
  get marks(): ReadonlySet<number> {
    const all = [...this.#levels.values()].flatMap((keys) => [...keys.values()]);
    return new Set(all.filter((codePoint) => codePoint >= 0x300 && codePoint < 0x370));
  }

  /** The code point that a key means; undefined: none. */
  character(key: number, modifiers: ReadonlySet<string>): number | undefined {
    for (const { modifiers: wanted, keys } of this.#maps) {
      const character = keys.get(key);
      if (character === undefined) continue;
      if (Object.entries(wanted).every(([name, on]) => modifiers.has(name) === on)) return character;
    }
    return everywhere.get(key) ?? this.#ofLayout(key, modifiers);
  }

  #ofLayout(key: number, modifiers: ReadonlySet<string>): number | undefined {
    const third = modifiers.has("altgr") && this.#levels.has("altgr");
    const shift = modifiers.has("shift");
    const level = third ? (shift ? "shiftAltgr" : "altgr") : shift ? "shift" : "plain";
    const character = this.#levels.get(level)?.get(key);
    if (character === undefined) return undefined;
    if (modifiers.has("control")) return controlCharacter(character);
    return modifiers.has("caps") && !third ? otherCase(character) : character;
  }
}
