/** The kinds of filters, by the names that configurations have for them. */
import { accelerate } from "./accelerate.js";
import { buttonScroll } from "./button-scroll.js";
import { characterGenerator } from "./character-generator.js";
import { eventLog } from "./event-log.js";
import { remap } from "./remap.js";
import { shortcutReport } from "./shortcut-report.js";
import { touchClick } from "./touch-click.js";
import { touchGesture } from "./touch-gesture.js";
import { touchKey } from "./touch-key.js";
import { transform } from "./transform.js";

export const filterKinds = {
  remap,
  chargen: characterGenerator,
  buttonScroll,
  accelerate,
  touchClick,
  touchKey,
  touchGesture,
  transform,
  log: eventLog,
  report: shortcutReport,
} as const;

export type FilterName = keyof typeof filterKinds;
export const filterNames = Object.keys(filterKinds) as FilterName[];
