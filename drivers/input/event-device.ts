/** An input device of the kernel, on a descriptor that the host opened. */
import {
  giveInputEvents,
  grabInput,
  type InputAxis,
  inputAxis,
  inputIdentity,
  inputSet,
  inputSlots,
  prepareInput,
  type RawEvent,
  takeInputEvents,
} from "../../bindings/evdev.js";
import { absoluteAxis, eventType, type Light, light, synchronizeCode } from "../../lib/input/event-codes.js";
import type { HostGrant } from "../../sessions/platform/index.js";
import type { Lights } from "./config.js";
import type { DeviceFacts, DeviceState } from "./device-facts.js";

/** The kernel asks for no more slots at once. */
const mostSlots = 64;
/** Reads that forget what waits: more than the kernel keeps, but no end of them where a device floods. */
const mostForgotten = 64;

export class EventDevice {
  readonly #grant: HostGrant;
  readonly #lights: ReadonlySet<number>;
  readonly name: string;
  readonly facts: DeviceFacts;

  /** Takes over the grant. Throws what the kernel answers; the grant is closed then. */
  constructor(grant: HostGrant) {
    this.#grant = grant;
    const { descriptor } = grant;
    try {
      prepareInput(descriptor);
      this.name = inputIdentity(descriptor).name;
      this.#lights = inputSet(descriptor, "lights");
      const axes = new Map<number, InputAxis>();
      for (const axis of inputSet(descriptor, "absolute")) axes.set(axis, inputAxis(descriptor, axis));
      this.facts = {
        properties: inputSet(descriptor, "properties"),
        keys: inputSet(descriptor, "keys"),
        relative: inputSet(descriptor, "relative"),
        axes,
      };
    } catch (error) {
      grant.close();
      throw error;
    }
  }

  get descriptor(): number {
    return this.#grant.descriptor;
  }

  /** What it is on the host. */
  get path(): string {
    return this.#grant.path;
  }

  /** Keeps its events from everybody else, such as the kernel's console. Throws EBUSY where somebody else does. */
  grab(): void {
    grabInput(this.descriptor, true);
  }

  /** Events that wait, 64 at most. Throws ENODEV once it was unplugged. */
  take(): RawEvent[] {
    return takeInputEvents(this.descriptor);
  }

  /** Takes no notice of what came before: by then the kernel may say that it dropped some, as when the clock was chosen. */
  forget(): void {
    for (let reads = 0; reads < mostForgotten && this.take().length > 0; reads += 1);
  }

  state(): DeviceState {
    const { descriptor, facts } = this;
    const slots = Math.min(mostSlots, (facts.axes.get(absoluteAxis.touchSlot)?.maximum ?? 0) + 1);
    return {
      pressed: inputSet(descriptor, "pressed"),
      axis: (axis) => inputAxis(descriptor, axis).value,
      slots: (axis) => inputSlots(descriptor, axis, slots),
    };
  }

  /** Switches those of the lights that it has. */
  setLights(lights: Lights): void {
    const events = Object.entries(lights)
      .map(([name, on]): RawEvent => [eventType.light, light[name as Light], Number(on)])
      .filter(([, number]) => this.#lights.has(number));
    if (events.length === 0) return;
    giveInputEvents(this.descriptor, [...events, [eventType.synchronize, synchronizeCode.report, 0]]);
  }

  close(): void {
    this.#grant.close();
  }
}
