/** A bounded queue of bytes. */

export class ByteRing {
  readonly #bytes: Uint8Array;
  #start = 0;
  #length = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** Bytes that wait. */
  get length(): number {
    return this.#length;
  }

  /** Bytes that {@link write} would take. */
  get room(): number {
    return this.#bytes.length - this.#length;
  }

  /** Takes the first bytes of `source`, as many as there is room for; returns how many. */
  write(source: Uint8Array): number {
    const count = Math.min(source.length, this.room);
    const end = (this.#start + this.#length) % this.#bytes.length;
    const first = Math.min(count, this.#bytes.length - end);
    this.#bytes.set(source.subarray(0, first), end);
    this.#bytes.set(source.subarray(first, count), 0);
    this.#length += count;
    return count;
  }

  /** Moves the oldest bytes into `target`, as many as it holds; returns how many. */
  read(target: Uint8Array): number {
    const count = Math.min(target.length, this.#length);
    const first = Math.min(count, this.#bytes.length - this.#start);
    target.set(this.#bytes.subarray(this.#start, this.#start + first));
    target.set(this.#bytes.subarray(0, count - first), first);
    this.#length -= count;
    this.#start = this.#length === 0 ? 0 : (this.#start + count) % this.#bytes.length;
    return count;
  }

  clear(): void {
    this.#start = 0;
    this.#length = 0;
  }
}
