/**
 * Lines in files that are filled in turn.
 *
 * A sandboxed component opens no path, so it cannot make, rename or remove files: it gets descriptors of all that it will
 * ever use. The first line of each says which number in the whole log it has; the file with the highest is the newest.
 */
import { fstatSync, ftruncateSync, readSync, writeSync } from "node:fs";

const headerExpression = /^# log file ([0-9]{1,15})\n/;
const longestHeader = 32;

export class LogFiles {
  readonly #descriptors: readonly number[];
  readonly #size: number;
  #index = 0;
  #number = 0;
  #length = 0;

  /** Goes on at the end of the newest file. The descriptors stay the caller's; `size` is the most bytes of one file. */
  constructor(descriptors: readonly number[], size: number) {
    this.#descriptors = descriptors;
    this.#size = size;
    const numbers = descriptors.map(fileNumber);
    this.#number = Math.max(...numbers);
    if (this.#number === 0) this.#begin(0);
    else {
      this.#index = numbers.indexOf(this.#number);
      this.#length = fstatSync(descriptors[this.#index] as number).size;
    }
  }

  /** The file that lines go to now: its place among the descriptors. */
  get current(): number {
    return this.#index;
  }

  /** Writes whole lines. Throws what the file system throws, such as ENOSPC. */
  write(lines: readonly string[]): void {
    let text = "";
    let bytes = 0;
    for (const line of lines) {
      const length = Buffer.byteLength(line) + 1;
      if (this.#length + bytes + length > this.#size && this.#length + bytes > longestHeader) {
        this.#append(text);
        this.#begin((this.#index + 1) % this.#descriptors.length);
        text = "";
        bytes = 0;
      }
      text += `${line}\n`;
      bytes += length;
    }
    this.#append(text);
  }

  #begin(index: number): void {
    const descriptor = this.#descriptors[index] as number;
    ftruncateSync(descriptor, 0);
    this.#index = index;
    this.#length = 0;
    this.#number += 1;
    this.#append(`# log file ${this.#number}\n`);
  }

  #append(text: string): void {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length; ) {
      const count = writeSync(
        this.#descriptors[this.#index] as number,
        bytes,
        written,
        bytes.length - written,
        this.#length,
      );
      written += count;
      this.#length += count;
    }
  }
}

/** The number of a file in the whole log; 0 for one that was never part of it. */
function fileNumber(descriptor: number): number {
  const bytes = Buffer.alloc(longestHeader);
  const length = readSync(descriptor, bytes, 0, longestHeader, 0);
  // private copy: read from a file just now
  return Number(headerExpression.exec(bytes.toString("latin1", 0, length))?.[1] ?? 0);
}
