/**
 * Processes that wait ready, by what they are ready for. Starting one ahead takes the time of a start off the path of
 * whoever needs it next: a new component, or a driver that has just died.
 */

/** How a pool makes and drops its processes. */
export interface PoolMaker<Kind, Waiting> {
  spawn(kind: Kind): Promise<Waiting>;
  /** Settles when the process has ended by itself. */
  ended(waiting: Waiting): Promise<unknown>;
  /** Gives up what belonged to a process that has ended. */
  discard(waiting: Waiting): void;
}

interface Shelf<Kind, Waiting> {
  readonly kind: Kind;
  wanted: number;
  readonly waiting: Waiting[];
}

/** Milliseconds before a process is made, so that whoever just started has the processor first. */
const delay = 20;

export class ProcessPool<Kind, Waiting> {
  readonly #maker: PoolMaker<Kind, Waiting>;
  /** By the kind's JSON text. */
  readonly #shelves = new Map<string, Shelf<Kind, Waiting>>();
  #making = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(maker: PoolMaker<Kind, Waiting>) {
    this.#maker = maker;
  }

  /** Keeps at least `count` processes of this kind from now on. */
  keep(kind: Kind, count: number): void {
    const key = JSON.stringify(kind);
    const shelf = this.#shelves.get(key) ?? { kind, wanted: 0, waiting: [] };
    shelf.wanted = Math.max(shelf.wanted, count);
    this.#shelves.set(key, shelf);
    this.#refillSoon();
  }

  /** A process of this kind, if one waits. */
  take(kind: Kind): Waiting | undefined {
    const taken = this.#shelves.get(JSON.stringify(kind))?.waiting.shift();
    if (taken !== undefined) this.#refillSoon();
    return taken;
  }

  /** Makes no more. What waits is ended by whoever ends its spawner. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const { waiting } of this.#shelves.values()) for (const one of waiting.splice(0)) this.#maker.discard(one);
  }

  #refillSoon(): void {
    if (this.#making || this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#refill(), delay);
  }

  /** One at a time: making processes side by side would only slow each. */
  async #refill(): Promise<void> {
    this.#making = true;
    for (;;) {
      const shelf = [...this.#shelves.values()].find(({ waiting, wanted }) => waiting.length < wanted);
      if (shelf === undefined || this.#closed) break;
      let made: Waiting;
      try {
        made = await this.#maker.spawn(shelf.kind);
      } catch {
        // The next start meets the same error and reports it.
        break;
      }
      if (this.#closed) {
        this.#maker.discard(made);
        break;
      }
      shelf.waiting.push(made);
      void this.#maker.ended(made).then(() => this.#drop(shelf, made));
    }
    this.#making = false;
  }

  #drop(shelf: Shelf<Kind, Waiting>, made: Waiting): void {
    const index = shelf.waiting.indexOf(made);
    if (index < 0) return;
    shelf.waiting.splice(index, 1);
    this.#maker.discard(made);
  }
}
