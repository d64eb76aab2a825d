/** One ability of a device: keys, motion, touches. A decoder has several, and each sees every event. */
import type { RawEvent } from "../../bindings/evdev.js";
import type { InputEvent } from "../../sessions/event/index.js";
import type { DeviceState } from "./device-facts.js";

export interface Part {
  /** Takes in an event of the kernel. What it means is told at the end of the report. */
  take(event: RawEvent): void;
  /** The end of a report: what happened since the last one. */
  report(): readonly InputEvent[];
  /** Takes over how the device stands, instead of the events that were lost; the next report tells of the difference. */
  synchronize(state: DeviceState): void;
}
