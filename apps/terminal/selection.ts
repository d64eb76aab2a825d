/** What somebody marked with the pointer, as a range of the text that the terminal keeps. */
import type { Emulator } from "./emulator.js";

/** A boundary between two characters: in front of that column, of that line of all that are kept. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

const wordCharacter = /[\p{L}\p{N}_\-./:@~]/u;

export class Selection {
  readonly #emulator: Emulator;
  #anchor: Place | undefined;
  #end: Place | undefined;
  /** What it held when it was made. */
  #text = "";

  constructor(emulator: Emulator) {
    this.#emulator = emulator;
  }

  begin(place: Place): void {
    this.#anchor = place;
    this.#end = undefined;
    this.#text = "";
  }

  /** Moves the end that the pointer holds. */
  extend(place: Place): void {
    if (this.#anchor === undefined) return;
    this.#end = place;
    this.#text = this.#read();
  }

  /** Takes the word around a place. */
  word(place: Place): void {
    const { text } = this.#emulator.text(place.line);
    const isWord = (column: number): boolean => wordCharacter.test(text[column] ?? " ");
    let [from, to] = [place.column, place.column];
    while (from > 0 && isWord(from - 1)) from -= 1;
    while (to < text.length && isWord(to)) to += 1;
    this.begin({ line: place.line, column: from });
    this.extend({ line: place.line, column: to });
  }

  clear(): void {
    this.#anchor = undefined;
    this.#end = undefined;
    this.#text = "";
  }

  get text(): string {
    return this.#text;
  }

  /** Gives up where the program wrote something else there, or the oldest lines went and everything moved. */
  check(): void {
    if (this.#end !== undefined && this.#read() !== this.#text) this.clear();
  }

  get #range(): readonly [Place, Place] | undefined {
    const [a, b] = [this.#anchor, this.#end];
    if (a === undefined || b === undefined) return undefined;
    return a.line < b.line || (a.line === b.line && a.column <= b.column) ? [a, b] : [b, a];
  }

  /** Whether a cell belongs to it. */
  holds(line: number, column: number): boolean {
    const range = this.#range;
    if (range === undefined) return false;
    const [from, to] = range;
    if (line < from.line || line > to.line) return false;
    return (line > from.line || column >= from.column) && (line < to.line || column < to.column);
  }

  /** Lines that are only continued, since the window is narrow, are one. */
  #read(): string {
    const range = this.#range;
    if (range === undefined) return "";
    const [from, to] = range;
    let text = "";
    for (let line = from.line; line <= to.line; ++line) {
      const last = line === to.line;
      const part = this.#emulator.text(line, line === from.line ? from.column : 0, last ? to.column : undefined);
      text += part.text + (last || part.wrapped ? "" : "\n");
    }
    return text;
  }
}
