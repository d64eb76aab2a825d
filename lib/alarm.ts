/** A wake-up at a time, with the resolution of the kernel's clock; between wake-ups it costs nothing. */

import { forgetSlot, onSlot, startEventLoop } from "../base/event-loop.js";
import { native, slotBits } from "../bindings/native.js";
import { armTimer, createTimer, disarmTimer, drainTimer, type TimerClock } from "../bindings/timer.js";

export class Alarm implements Disposable {
  readonly #descriptor: number;
  readonly #slot: number;
  readonly #handler: (clockWasSet: boolean) => void;
  #open = true;

  /** On the clock `date`, `handler` is also called, with true, when somebody sets that clock. */
  constructor(handler: (clockWasSet: boolean) => void, clock: TimerClock = "monotonic") {
    startEventLoop();
    this.#handler = handler;
    this.#descriptor = createTimer(clock);
    this.#slot = native.watchDescriptor(this.#descriptor, 1);
    onSlot(this.#slot, (bits) => {
      // Drained first, since the handler may arm it.
      if ((bits & slotBits.readable) !== 0) handler(drainTimer(this.#descriptor));
    });
    // Whether the process goes on is for its sessions to say.
    native.reference(this.#slot, false);
  }

  /** Wakes at this time of its clock, in nanoseconds, instead of the time set before. */
  set(nanoseconds: number): void {
    if (!this.#open) return;
    // Who arms it may be within the handler of something else.
    if (armTimer(this.#descriptor, nanoseconds)) queueMicrotask(() => this.#handler(true));
  }

  clear(): void {
    // Its number may be somebody else's by then.
    if (this.#open) disarmTimer(this.#descriptor);
  }

  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#open = false;
    forgetSlot(this.#slot);
    native.unwatch(this.#slot);
    native.closeDescriptor(this.#descriptor);
  }
}
