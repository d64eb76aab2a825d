/** JSON text with the place of each value, so that what is wrong with a document can be shown where it stands. */
import type { Path } from "./schema-node.js";

/** Both count from 1; the column counts UTF-16 units, as editors do. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Text that is no JSON, and where it stops being so. */
export class JsonError extends Error {
  override readonly name = "JsonError";
  readonly place: Place;

  constructor(message: string, place: Place) {
    super(message);
    this.place = place;
  }
}

const space = /[ \t\n\r]*/y;
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const other = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y;

/** Deeper text is refused before it is read: reading follows the nesting with its own stack. */
const deepest = 500;

function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  return { line: before.split("\n").length, column: offset - before.lastIndexOf("\n") };
}

/** Walks over a document and tells where each value and key begins. */
class Walk {
  readonly #text: string;
  readonly #visit: (path: Path, value: number, key: number) => void;
  #offset = 0;

  constructor(text: string, visit: (path: Path, value: number, key: number) => void) {
    this.#text = text;
    this.#visit = visit;
  }

  whole(): void {
    this.#value([], 0);
    if (this.#offset < this.#text.length) this.#fail("the end of the document");
  }

  #fail(wanted: string): never {
    const found = this.#text[this.#offset];
    throw new JsonError(
      `Expected ${wanted}, not ${found === undefined ? "the end of the text" : JSON.stringify(found)}`,
      placeAt(this.#text, this.#offset),
    );
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#offset;
    const found = pattern.exec(this.#text)?.[0];
    this.#offset += found?.length ?? 0;
    return found;
  }

  /** Takes a sign and the space behind it. */
  #sign(sign: string): boolean {
    if (this.#text[this.#offset] !== sign) return false;
    this.#offset += 1;
    this.#take(space);
    return true;
  }

  #value(path: Path, key: number): void {
    this.#take(space);
    this.#visit(path, this.#offset, key);
    if (path.length > deepest) this.#fail(`at most ${deepest} levels`);
    if (this.#sign("{")) this.#members(path);
    else if (this.#sign("[")) this.#items(path);
    else if (this.#take(string) === undefined && this.#take(other) === undefined) this.#fail("a JSON value");
    this.#take(space);
  }

  #members(path: Path): void {
    if (this.#sign("}")) return;
    do {
      const at = this.#offset;
      const key = this.#take(string);
      if (key === undefined) this.#fail("a key in double quotes");
      this.#take(space);
      if (!this.#sign(":")) this.#fail('":" after the key');
      this.#value([...path, JSON.parse(key) as string], at);
    } while (this.#sign(","));
    if (!this.#sign("}")) this.#fail('"," or "}"');
  }

  #items(path: Path): void {
    if (this.#sign("]")) return;
    let index = 0;
    do this.#value([...path, index++], this.#offset);
    while (this.#sign(","));
    if (!this.#sign("]")) this.#fail('"," or "]"');
  }
}

/** The value of a document. @throws JsonError */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // The engine's own messages differ from version to version, and not all of them tell the place.
    new Walk(text, () => {}).whole();
    throw error;
  }
}

/** Where a document has what a path names, or the nearest enclosing value that is there. @throws JsonError */
export function jsonPlace(text: string, path: Path, at?: "key"): Place {
  let nearest = 0;
  let depth = -1;
  new Walk(text, (found, value, key) => {
    if (found.length <= depth || found.length > path.length) return;
    if (!found.every((element, index) => element === path[index])) return;
    depth = found.length;
    nearest = at === "key" && found.length === path.length ? key : value;
  }).whole();
  return placeAt(text, nearest);
}
