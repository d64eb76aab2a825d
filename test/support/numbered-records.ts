/** An endless text whose every record tells its own place, and what became of it on its way through a line. */

/** Bytes of a record, with its line feed. */
export const recordBytes = 32;

function checkOf(number: number): string {
  return (Math.imul(number + 1, 0x9e37_79b1) >>> 0).toString(16).padStart(8, "0");
}

function record(number: number): string {
  return `record ${String(number).padStart(10, "0")} ${checkOf(number)} ....\n`;
}

/** Records `first` to `first + count - 1`. */
export function records(first: number, count: number): Uint8Array {
  return Buffer.from(Array.from({ length: count }, (_, index) => record(first + index)).join(""), "latin1");
}

/** Where the text did not go on as it should: how far it fell back (negative: those bytes came twice) or leapt (they are lost). */
export interface Break {
  readonly at: number;
  readonly bytes: number;
}

function numberAt(text: Buffer, at: number): number | undefined {
  const found = /^record (\d{10}) ([0-9a-f]{8}) \.{4}\n$/.exec(text.toString("latin1", at, at + recordBytes));
  return found !== null && checkOf(Number(found[1])) === found[2] ? Number(found[1]) : undefined;
}

/** Whether the bytes are a beginning of `first` and an end of `second`, with nothing between or instead. */
function joins(bytes: Buffer, first: Buffer, second: Buffer): boolean {
  for (let split = Math.max(0, bytes.length - second.length); split <= bytes.length; ++split) {
    const end = second.subarray(second.length - (bytes.length - split));
    if (bytes.subarray(0, split).equals(first.subarray(0, split)) && bytes.subarray(split).equals(end)) return true;
  }
  return false;
}

/**
 * Follows a text that should be the records from 0 on.
 * @returns its breaks, and the position in the records that it reached
 * @throws when a part of it belongs nowhere
 */
export function follow(text: Buffer): { readonly breaks: readonly Break[]; readonly reached: number } {
  const breaks: Break[] = [];
  let offset = 0; // position in the records minus position in the text
  for (let at = 0; at < text.length; ) {
    const position = at + offset;
    const inRecord = position % recordBytes;
    const expected = Buffer.from(record(Math.floor(position / recordBytes)), "latin1").subarray(
      inRecord,
      inRecord + text.length - at,
    );
    if (text.subarray(at, at + expected.length).equals(expected)) {
      at += expected.length;
      continue;
    }
    // The next whole record tells where the text is now; what comes before it belongs to one or the other.
    let next = at + 1;
    while (next < text.length && numberAt(text, next) === undefined) next += 1;
    const number = numberAt(text, next);
    if (number === undefined)
      throw new Error(
        `The text ends in something else after byte ${at}: ${JSON.stringify(text.toString("latin1", at, at + 80))}`,
      );
    if (!joins(text.subarray(at, next), expected, Buffer.from(record(number - 1), "latin1"))) {
      throw new Error(
        `The text holds something else at byte ${at}: ${JSON.stringify(text.toString("latin1", at, next))}`,
      );
    }
    const changed = number * recordBytes - next;
    breaks.push({ at, bytes: changed - offset });
    offset = changed;
    at = next;
  }
  return { breaks, reached: text.length + offset };
}
