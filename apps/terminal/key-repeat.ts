/**
 * Repeats what a held key sends. Only for keys without a character, such as arrows: those with one are repeated by the
 * event filter, which knows nothing of what the others send.
 */
import type { InputEvent } from "../../sessions/event/index.js";

/** Milliseconds before the first repetition, and between two. */
const delay = 400;
const period = 33;

export class KeyRepeat {
  readonly #send: (text: string) => void;
  #key: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(send: (text: string) => void) {
    this.#send = send;
  }

  /** To be told of every event, and of what it made the terminal send. */
  handle(event: InputEvent, sent: string): void {
    if (event.kind === "press") {
      this.stop();
      if (sent !== "" && event.character === undefined) this.#begin(event.key, sent);
    } else if (event.kind === "focus-leave" || (event.kind === "release" && event.key === this.#key)) this.stop();
  }

  #begin(key: number, text: string): void {
    this.#key = key;
    const repeat = (): void => {
      this.#send(text);
      this.#timer = setTimeout(repeat, period);
    };
    this.#timer = setTimeout(repeat, delay);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#key = undefined;
  }
}
