/** Gives presses their characters, by layout, modifiers and dead keys, and repeats them while the key is held. */
import { described, reject, s, shown } from "../../../base/schema.js";
import { keyCode } from "../../../lib/input/key-codes.js";
import { keySchema, keyTable } from "../../../lib/input/key-schema.js";
import type { InputEvent } from "../../../sessions/event/event-record.js";
import { layoutNames, layouts } from "../layouts/index.js";
import { type Filter, filterKind, type Sink, type Surroundings, type Waiting } from "./filter.js";
import { KeyMap } from "./key-map.js";
import { longestSequence, Sequences } from "./sequences.js";

/** A text of so many characters; parsed, their code points. */
function characters(min: number, max: number, doc: string) {
  const wanted = max === 1 ? "one character" : `${min} to ${max} characters`;
  return described<readonly number[]>(
    {
      type: `text of ${wanted}`,
      matches: (value) => typeof value === "string",
      parse(value, path, problems) {
        const points = typeof value === "string" ? Array.from(value, (one) => one.codePointAt(0) as number) : [];
        // A lone half of a pair is no character, and 0 means that there is none.
        if (points.length < min || points.length > max || points.some((one) => one === 0 || (one & ~0x7ff) === 0xd800))
          return reject(problems, path, `Expected a text of ${wanted}, not ${shown(value)}`);
        return points;
      },
      jsonSchema: () => ({ type: "string", minLength: min, maxLength: 2 * max }),
    },
    { doc },
  );
}

const modifier = s.object({
  keys: s.array(keySchema(), { max: 16, default: [], doc: "Keys that turn it on while they are held." }),
  lock: s.boolean({ default: false, doc: "Each press of a key turns it on or off instead." }),
  rom: s
    .string({ maxBytes: 64, doc: 'A ROM that decides instead, when it says `{ "enabled": true }` or false.' })
    .optional(),
});

interface Modifier {
  readonly keys: readonly number[];
  readonly lock: boolean;
  readonly rom?: string;
}

interface Repeat {
  /** Milliseconds before the first. */
  readonly delay: number;
  /** Milliseconds between two. */
  readonly period: number;
}

const standardModifiers = {
  shift: { keys: ["KEY_LEFTSHIFT", "KEY_RIGHTSHIFT"] },
  control: { keys: ["KEY_LEFTCTRL", "KEY_RIGHTCTRL"] },
  altgr: { keys: ["KEY_RIGHTALT"] },
  caps: { keys: ["KEY_CAPSLOCK"], lock: true },
};

/** Buttons of mice, pads and pens lie between these, and have no characters. */
const firstButton = keyCode("BTN_0");

class CharacterGenerator implements Filter {
  readonly #map: KeyMap;
  readonly #sequences: Sequences;
  readonly #modifiers: readonly (Modifier & { readonly name: string })[];
  readonly #repeat: Repeat | undefined;
  readonly #surroundings: Surroundings;
  readonly #sink: Sink;
  readonly #held = new Set<number>();
  #repeated: { readonly key: number; waiting: Waiting } | undefined;

  constructor(
    map: KeyMap,
    sequences: Sequences,
    modifiers: Readonly<Record<string, Modifier>>,
    repeat: Repeat | undefined,
    surroundings: Surroundings,
    sink: Sink,
  ) {
    this.#map = map;
    this.#sequences = sequences;
    this.#modifiers = Object.entries(modifiers).map(([name, one]) => ({ name, ...one }));
    this.#repeat = repeat;
    this.#surroundings = surroundings;
    this.#sink = sink;
  }

  handle(event: InputEvent): void {
    if (event.kind === "press" && event.key < firstButton && event.key !== 0) this.#press(event.key);
    else {
      if (event.kind === "release") this.#release(event.key);
      this.#sink(event);
    }
  }

  #press(key: number): void {
    this.#held.add(key);
    const { locks } = this.#surroundings;
    let modifies = false;
    for (const { name, keys, lock } of this.#modifiers) {
      if (!keys.includes(key)) continue;
      modifies = true;
      if (lock && !locks.delete(name)) locks.add(name);
    }
    if (modifies) return this.#sink({ kind: "press", key });
    this.#stopRepeating();
    const character = this.#map.character(key, this.#active());
    if (character === undefined) return this.#sink({ kind: "press", key });
    const { before, own } = this.#sequences.take(character);
    for (const alone of before) this.#sink({ kind: "press", key: 0, character: alone });
    if (own === undefined) return this.#sink({ kind: "press", key });
    this.#sink({ kind: "press", key, character: own });
    if (this.#repeat !== undefined) this.#startRepeating(key, own, this.#repeat);
  }

  #release(key: number): void {
    this.#held.delete(key);
    if (this.#repeated?.key === key) this.#stopRepeating();
  }

  #active(): ReadonlySet<string> {
    const { locks, enabled } = this.#surroundings;
    const on = ({ name, keys, lock, rom }: Modifier & { readonly name: string }): boolean => {
      if (rom !== undefined) return enabled(rom);
      return lock ? locks.has(name) : keys.some((key) => this.#held.has(key));
    };
    return new Set(this.#modifiers.filter(on).map(({ name }) => name));
  }

  #startRepeating(key: number, character: number, { delay, period }: Repeat): void {
    const repeated = { key, waiting: this.#surroundings.after(delay, () => again()) };
    const again = (): void => {
      this.#sink({ kind: "press", key: 0, character });
      repeated.waiting = this.#surroundings.after(period, again);
    };
    this.#repeated = repeated;
  }

  #stopRepeating(): void {
    this.#repeated?.waiting.cancel();
    this.#repeated = undefined;
  }

  close(): void {
    this.#stopRepeating();
  }
}

export const characterGenerator = filterKind({
  options: {
    layout: s.enumeration(layoutNames, { doc: "The keyboard's layout, by its country." }).optional(),
    modifiers: s.record(modifier, {
      default: standardModifiers,
      doc: "What changes the keys' meaning. Layouts know `shift`, `altgr`, `control` and `caps`.",
    }),
    repeat: s
      .object(
        {
          delay: s.duration({ min: 1, default: "500ms", doc: "How long a key is held before it repeats." }),
          period: s.duration({ min: 1, default: "40ms", doc: "Time between two repetitions." }),
        },
        { doc: "Repeats the characters of keys that are held. Absent: none." },
      )
      .optional(),
  },
  lists: {
    maps: s.array(
      s.object({
        modifiers: s.record(s.boolean(), {
          default: {},
          doc: "Which modifiers are on, or off; those that are not named do not matter.",
        }),
        keys: keyTable(characters(1, 1, "The character."), { doc: "The character of each key." }),
      }),
      { default: [], doc: "Characters of keys, beyond the layout and before it; the last map that fits counts." },
    ),
    sequences: s.array(
      s.object({
        characters: characters(2, longestSequence, "What is typed; combining marks are dead keys."),
        becomes: characters(1, 1, "What it becomes."),
      }),
      { default: [], doc: "Characters that become another one, beyond what dead keys of the layout do." },
    ),
  },
  make({ layout, modifiers, repeat, maps, sequences }, surroundings, sink) {
    const map = new KeyMap(
      layout && layouts[layout],
      maps.map(({ modifiers: wanted, keys }) => ({
        modifiers: wanted,
        keys: new Map([...keys].map(([key, [character]]) => [key, character as number])),
      })),
    );
    const own = sequences.map(({ characters: typed, becomes: [becomes] }) => ({
      characters: typed,
      becomes: becomes as number,
    }));
    return new CharacterGenerator(map, new Sequences(map.marks, own), modifiers, repeat, surroundings, sink);
  },
});
