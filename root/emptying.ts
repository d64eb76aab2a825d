/**
 * Memory that nobody uses any more goes back to the host a little later: megabytes take the kernel milliseconds, in which
 * whoever waits for a component to start again has better use for this process.
 */
import { native } from "../bindings/native.js";

/** Milliseconds. */
const delay = 10;

export class Emptying implements Disposable {
  readonly #descriptors: number[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** Takes over the descriptor of a dataspace. Its pages go even if somebody keeps it mapped. */
  add(descriptor: number): void {
    this.#descriptors.push(descriptor);
    this.#timer ??= setTimeout(() => this[Symbol.dispose](), delay);
  }

  /** Empties what is left, now. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const descriptor of this.#descriptors.splice(0)) {
      native.discardPages(descriptor);
      native.closeDescriptor(descriptor);
    }
  }
}
