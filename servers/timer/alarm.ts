/** A wake-up at a time, with the resolution of the kernel's clock; between wake-ups it costs nothing. */

import { forgetSlot, onSlot, startEventLoop } from "../../base/event-loop.js";
import { native, slotBits } from "../../bindings/native.js";
import { armTimer, createTimer, disarmTimer } from "../../bindings/timer.js";

export class Alarm implements Disposable {
  readonly #descriptor: number;
  readonly #slot: number;

  constructor(handler: () => void) {
    startEventLoop();
    this.#descriptor = createTimer();
    this.#slot = native.watchDescriptor(this.#descriptor, 1);
    onSlot(this.#slot, (bits) => {
      if ((bits & slotBits.readable) === 0) return;
      // Readable until it is armed anew or disarmed, so disarm first: the handler may arm it.
      disarmTimer(this.#descriptor);
      handler();
    });
    // Whether the process goes on is for its sessions to say.
    native.reference(this.#slot, false);
  }

  /** Wakes at this time, in nanoseconds of CLOCK_MONOTONIC, instead of the time set before. */
  set(nanoseconds: number): void {
    armTimer(this.#descriptor, nanoseconds);
  }

  clear(): void {
    disarmTimer(this.#descriptor);
  }

  [Symbol.dispose](): void {
    forgetSlot(this.#slot);
    native.unwatch(this.#slot);
    native.closeDescriptor(this.#descriptor);
  }
}
