/** Characters that join others: what dead keys and compositions do. */
import { compositions, standingAlone } from "../layouts/layout.js";

/** Up to so many characters are one sequence. */
export const longestSequence = 4;

export interface Sequence {
  /** Code points, 2 to 4 of them. */
  readonly characters: readonly number[];
  readonly becomes: number;
}

class Node {
  readonly next = new Map<number, Node>();
  becomes: number | undefined;
}

/** What comes of a character: those before it that joined nothing, and its own; undefined: it waits for the next. */
export interface Composed {
  readonly before: readonly number[];
  readonly own: number | undefined;
}

export class Sequences {
  readonly #root = new Node();
  #node = this.#root;
  /** What was typed since the root. */
  #waiting: number[] = [];

  /** What is in `own` goes before what the marks make of letters. */
  constructor(marks: Iterable<number>, own: readonly Sequence[]) {
    for (const mark of marks)
      for (const [letter, becomes] of compositions(mark)) this.#add({ characters: [mark, letter], becomes });
    for (const sequence of own) this.#add(sequence);
  }

  #add({ characters, becomes }: Sequence): void {
    let node = this.#root;
    for (const character of characters) {
      const next = node.next.get(character) ?? new Node();
      node.next.set(character, next);
      node = next;
    }
    node.becomes = becomes;
  }

  /** Takes the next character. Of several sequences that fit, the longest counts; what fits none stands alone. */
  take(character: number): Composed {
    const next = this.#node.next.get(character);
    if (next !== undefined) {
      if (next.next.size > 0) {
        this.#node = next;
        this.#waiting.push(character);
        return { before: [], own: undefined };
      }
      this.#reset();
      return { before: [], own: next.becomes };
    }
    if (this.#node === this.#root) return { before: [], own: character };
    const before = this.#abandon();
    const { own } = this.take(character);
    return { before, own };
  }

  /** What waits, as far as it got. */
  #abandon(): readonly number[] {
    const given = this.#node.becomes === undefined ? this.#waiting.map(standingAlone) : [this.#node.becomes];
    this.#reset();
    return given;
  }

  #reset(): void {
    this.#node = this.#root;
    this.#waiting = [];
  }
}
