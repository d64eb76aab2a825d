/** What the kernel's events of a device mean. */
import type { RawEvent } from "../../bindings/evdev.js";
import { eventType, synchronizeCode } from "../../lib/input/event-codes.js";
import { HeldState, type InputEvent } from "../../sessions/event/index.js";
import { type DeviceFacts, type DeviceKind, type DeviceState, kindOf } from "./device-facts.js";
import { GamePad } from "./game-pad.js";
import { Keys } from "./keys.js";
import { Motion } from "./motion.js";
import type { Part } from "./part.js";
import { Tablet } from "./tablet.js";
import { TouchPad } from "./touch-pad.js";
import { touchScreen } from "./touch-screen.js";

/** Where something is comes before what is pressed there. */
function partsOf(facts: DeviceFacts, kind: DeviceKind): Part[] {
  const special: { readonly [Kind in DeviceKind]: () => Part[] } = {
    "touch-screen": () => [touchScreen(facts)],
    "touch-pad": () => [new TouchPad(facts)],
    tablet: () => [new Tablet(facts)],
    "game-pad": () => [new GamePad(facts)],
    plain: () => [],
  };
  return [...special[kind](), new Motion(facts), new Keys(kind)];
}

/**
 * Turns a device's events into those of an Event session, report by report. When the kernel says that it dropped some,
 * what follows is left out up to the end of the report, and how the device stands is taken over instead.
 */
export class Decoder {
  readonly kind: DeviceKind;
  readonly #parts: readonly Part[];
  readonly #state: () => DeviceState;
  /** Two parts may mean one key. */
  readonly #held = new HeldState();
  #dropped = false;
  #losses = 0;

  /** `state` looks how the device stands; what it throws, `decode` does. */
  constructor(facts: DeviceFacts, state: () => DeviceState) {
    this.kind = kindOf(facts);
    this.#parts = partsOf(facts, this.kind);
    this.#state = state;
  }

  /** How often the kernel dropped events, because nobody took them in time. */
  get losses(): number {
    return this.#losses;
  }

  /** The events of all reports that end among these, which are all that was taken from the kernel. */
  decode(events: readonly RawEvent[]): InputEvent[] {
    const told: InputEvent[] = [];
    for (const event of events) {
      const [type, code] = event;
      if (type === eventType.synchronize && code === synchronizeCode.dropped) {
        this.#dropped = true;
        this.#losses += 1;
      } else if (type === eventType.synchronize && code === synchronizeCode.report) {
        if (!this.#dropped) told.push(...this.#report());
        else {
          this.#dropped = false;
          // The rest was taken from the kernel before, and has led to how the device stands now.
          return [...told, ...this.synchronize()];
        }
      } else if (!this.#dropped) {
        for (const part of this.#parts) part.take(event);
      }
    }
    return told;
  }

  /** Takes over how the device stands: the events that lead there. Also to begin with, for keys that are held then. */
  synchronize(): InputEvent[] {
    const state = this.#state();
    for (const part of this.#parts) part.synchronize(state);
    return this.#report();
  }

  #report(): InputEvent[] {
    return this.#parts.flatMap((part) => part.report()).filter((event) => this.#held.follow(event));
  }
}
