/** Room in a packet stream's bulk area: first fit over a sorted free list. Offsets and lengths in bytes. */

interface Range {
  start: number;
  end: number;
}

export class BulkAllocator {
  readonly #alignment: number;
  #free: Range[];

  /** `alignment` is a power of two; every allocation starts at a multiple and occupies whole multiples of it. */
  constructor(bytes: number, alignment = 64) {
    this.#alignment = alignment;
    const whole = Math.floor(bytes / alignment) * alignment;
    this.#free = whole > 0 ? [{ start: 0, end: whole }] : [];
  }

  #rounded(length: number): number {
    return Math.max(this.#alignment, Math.ceil(length / this.#alignment) * this.#alignment);
  }

  /** The offset of `length` bytes, or undefined when no free range is long enough. Length 0 needs no room. */
  allocate(length: number): number | undefined {
    if (length === 0) return 0;
    const bytes = this.#rounded(length);
    const index = this.#free.findIndex((range) => range.end - range.start >= bytes);
    if (index < 0) return undefined;
    const range = this.#free[index] as Range;
    const offset = range.start;
    range.start += bytes;
    if (range.start === range.end) this.#free.splice(index, 1);
    return offset;
  }

  /** Gives back what {@link allocate} returned for the same length. */
  free(offset: number, length: number): void {
    if (length === 0) return;
    const end = offset + this.#rounded(length);
    let index = 0;
    while (index < this.#free.length && (this.#free[index] as Range).start < offset) index += 1;
    const before = this.#free[index - 1];
    const after = this.#free[index];
    if (before?.end === offset) {
      before.end = end;
      if (after?.start === end) {
        before.end = after.end;
        this.#free.splice(index, 1);
      }
    } else if (after?.start === end) after.start = offset;
    else this.#free.splice(index, 0, { start: offset, end });
  }

  /** Bytes not allocated. */
  get available(): number {
    return this.#free.reduce((sum, range) => sum + range.end - range.start, 0);
  }
}
