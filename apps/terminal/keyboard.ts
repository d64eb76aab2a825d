/** What keys send to a program in a terminal. */
import { keyCode, keyName } from "../../lib/input/key-codes.js";
import type { InputEvent } from "../../sessions/event/event-record.js";

/** What the program asked for. */
export interface KeyboardModes {
  /** Arrows, home and end are sent as `ESC O` and a letter. */
  readonly applicationCursor: boolean;
}

const escapeKey = "\u001b";

/** Keys that send `ESC [` and a letter. */
const lettered: Readonly<Record<string, string>> = { UP: "A", DOWN: "B", RIGHT: "C", LEFT: "D", HOME: "H", END: "F" };
/** The first function keys send `ESC O` and a letter. */
const functions: Readonly<Record<string, string>> = { F1: "P", F2: "Q", F3: "R", F4: "S" };
/** The others send `ESC [`, a number and `~`. */
const numbered: Readonly<Record<string, number>> = {
  INSERT: 2,
  DELETE: 3,
  PAGEUP: 5,
  PAGEDOWN: 6,
  F5: 15,
  F6: 17,
  F7: 18,
  F8: 19,
  F9: 20,
  F10: 21,
  F11: 23,
  F12: 24,
};
const plain: Readonly<Record<string, string>> = {
  ENTER: "\r",
  KPENTER: "\r",
  BACKSPACE: "\u007f",
  TAB: "\t",
  ESC: escapeKey,
};

const modifierKeys = {
  shift: ["KEY_LEFTSHIFT", "KEY_RIGHTSHIFT"],
  control: ["KEY_LEFTCTRL", "KEY_RIGHTCTRL"],
  alt: ["KEY_LEFTALT"],
} as const;
type Modifier = keyof typeof modifierKeys;

const modifierOf = new Map<number, Modifier>();
for (const [modifier, names] of Object.entries(modifierKeys))
  for (const name of names) modifierOf.set(keyCode(name), modifier as Modifier);

/** A key that sends a sequence, by the code point that a filter may give it to repeat it by. */
const privateCharacters: ReadonlyMap<number, string> = new Map([
  ...["UP", "DOWN", "LEFT", "RIGHT", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "F10", "F11", "F12"].map(
    (name, index) => [0xf700 + index, name] as const,
  ),
  [0xf727, "INSERT"],
  [0xf728, "DELETE"],
  [0xf729, "HOME"],
  [0xf72b, "END"],
  [0xf72c, "PAGEUP"],
  [0xf72d, "PAGEDOWN"],
]);

/** Follows the modifiers, and turns what is pressed into what is sent. */
export class Keyboard {
  readonly #held = new Set<number>();

  held(modifier: Modifier): boolean {
    return [...this.#held].some((key) => modifierOf.get(key) === modifier);
  }

  /** To be told of every event. Returns what a press sends, "" where that is nothing. */
  handle(event: InputEvent, modes: KeyboardModes): string {
    if (event.kind === "release") this.#held.delete(event.key);
    if (event.kind === "focus-leave") this.#held.clear();
    if (event.kind !== "press") return "";
    if (modifierOf.has(event.key)) {
      this.#held.add(event.key);
      return "";
    }
    const name = privateCharacters.get(event.character ?? 0) ?? keyName(event.key).replace(/^KEY_/, "");
    const sequence = this.#sequence(name, modes);
    if (sequence !== undefined) return sequence;
    const text = this.#text(event.character, name);
    return text !== "" && this.held("alt") ? escapeKey + text : text;
  }

  /** Keys that stand for no character. */
  #sequence(name: string, modes: KeyboardModes): string | undefined {
    const modifiers = (this.held("shift") ? 1 : 0) + (this.held("alt") ? 2 : 0) + (this.held("control") ? 4 : 0);
    if (Object.hasOwn(lettered, name) || Object.hasOwn(functions, name)) {
      const letter = lettered[name] ?? functions[name];
      if (modifiers > 0) return `${escapeKey}[1;${modifiers + 1}${letter}`;
      return `${escapeKey}${Object.hasOwn(functions, name) || modes.applicationCursor ? "O" : "["}${letter}`;
    }
    if (Object.hasOwn(numbered, name))
      return `${escapeKey}[${numbered[name]}${modifiers > 0 ? `;${modifiers + 1}` : ""}~`;
    if (name === "TAB" && this.held("shift")) return `${escapeKey}[Z`;
    if (Object.hasOwn(plain, name)) return (this.held("alt") ? escapeKey : "") + plain[name];
    return undefined;
  }

  #text(character: number | undefined, name: string): string {
    // Without a filter that gives characters, letters still make control characters.
    const meant = character ?? (this.held("control") && /^[A-Z]$/.test(name) ? name.codePointAt(0) : undefined);
    if (meant === undefined || meant === 0) return this.held("control") && name === "SPACE" ? "\0" : "";
    if (!this.held("control")) return String.fromCodePoint(meant);
    // Control takes away all but the last five bits of what lies between "@" and "~".
    if (meant >= 0x40 && meant < 0x7f) return String.fromCodePoint(meant & 0x1f);
    return meant === 0x20 ? "\0" : String.fromCodePoint(meant);
  }
}
