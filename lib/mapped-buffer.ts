/** The buffer that a session's server shares with its client: fetched when it is needed, and forgotten with the server. */
import { Dataspace } from "../base/dataspace.js";
import { SessionError } from "../base/errors.js";
import type { Capability } from "../base/message.js";

export class MappedBuffer {
  readonly #writable: boolean;
  #fetched: Promise<Dataspace> | undefined;

  /** `writable: false` is for buffers that only the server writes. */
  constructor({ writable = true }: { readonly writable?: boolean } = {}) {
    this.#writable = writable;
  }

  /**
   * Runs `use` with the buffer, mapped; `fetch` asks for it where it is not there yet. `least` is what the interface says
   * of its size. After a failure the next use fetches again.
   *
   * A call that `use` makes before it awaits anything reaches the server whose buffer it has. A later one may be kept for
   * the next server, which has another buffer.
   * @throws SessionError `Disconnected` when the buffer was forgotten before it was used
   */
  async with<Result>(
    sessionName: string,
    fetch: () => Promise<Capability>,
    least: number,
    use: (buffer: Dataspace) => Promise<Result>,
  ): Promise<Result> {
    this.#fetched ??= this.#fetch(sessionName, fetch, least);
    const fetched = this.#fetched;
    let dataspace: Dataspace;
    try {
      dataspace = await fetched;
    } catch (error) {
      if (this.#fetched === fetched) this.#fetched = undefined;
      throw error;
    }
    // In the same step as what follows: between two of them the server may be found dead.
    if (this.#fetched !== fetched)
      throw new SessionError("Disconnected", `Cannot use ${sessionName}: its buffer went with its server`);
    return use(dataspace);
  }

  async #fetch(sessionName: string, fetch: () => Promise<Capability>, least: number): Promise<Dataspace> {
    const dataspace = Dataspace.of(await fetch(), { writable: this.#writable });
    if (dataspace.size >= least) return dataspace;
    dataspace.close();
    throw new SessionError("Malformed", `Cannot use ${sessionName}: its buffer is smaller than the interface says`);
  }

  /**
   * Unmaps it in the next turn of the loop: whoever has an answer that came with the news of the server's end still reads
   * what belongs to it.
   */
  forget(): void {
    const fetched = this.#fetched;
    this.#fetched = undefined;
    fetched?.then(
      (dataspace) => setImmediate(() => dataspace.close()),
      () => {},
    );
  }
}
