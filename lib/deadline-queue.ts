/** Deadlines in order: a binary heap whose entries know their place, so that cancelling one costs no search. */

/** What waits for a time. The queue keeps `position`; -1: it does not wait. */
export interface Deadline {
  /** In the unit and on the clock of the queue's user. Constant while the entry is in the queue. */
  deadline: number;
  position: number;
}

export class DeadlineQueue<Entry extends Deadline> {
  readonly #heap: Entry[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** The entry with the earliest deadline. */
  get first(): Entry | undefined {
    return this.#heap[0];
  }

  /** Adds an entry, or moves one that is there to its new deadline. */
  insert(entry: Entry, deadline: number): void {
    this.remove(entry);
    entry.deadline = deadline;
    this.#heap.push(entry);
    this.#rise(entry, this.#heap.length - 1);
  }

  /** Takes an entry out; false when it was not in. */
  remove(entry: Entry): boolean {
    const { position } = entry;
    if (position < 0) return false;
    entry.position = -1;
    const last = this.#heap.pop() as Entry;
    if (last !== entry) {
      this.#rise(last, position);
      this.#sink(last, last.position);
    }
    return true;
  }

  /** Takes out the earliest entry if it is due at `now`. */
  take(now: number): Entry | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.deadline > now) return undefined;
    this.remove(first);
    return first;
  }

  #place(entry: Entry, position: number): void {
    this.#heap[position] = entry;
    entry.position = position;
  }

  #rise(entry: Entry, from: number): void {
    let position = from;
    while (position > 0) {
      const above = (position - 1) >>> 1;
      const parent = this.#heap[above] as Entry;
      if (parent.deadline <= entry.deadline) break;
      this.#place(parent, position);
      position = above;
    }
    this.#place(entry, position);
  }

  #sink(entry: Entry, from: number): void {
    let position = from;
    for (;;) {
      let below = 2 * position + 1;
      const left = this.#heap[below];
      const right = this.#heap[below + 1];
      if (left === undefined) break;
      if (right !== undefined && right.deadline < left.deadline) below += 1;
      const child = this.#heap[below] as Entry;
      if (child.deadline >= entry.deadline) break;
      this.#place(child, position);
      position = below;
    }
    this.#place(entry, position);
  }
}
