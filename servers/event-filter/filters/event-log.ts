/** Prints what passes. */
import { s } from "../../../base/schema.js";
import { keyName } from "../../../lib/input/key-codes.js";
import type { InputEvent } from "../../../sessions/event/event-record.js";
import { filterKind } from "./filter.js";

function character(codePoint: number): string {
  return codePoint < 32 || codePoint === 127
    ? `U+${codePoint.toString(16).padStart(4, "0")}`
    : `"${String.fromCodePoint(codePoint)}"`;
}

/** An event as people read it: `press KEY_A "a"`. */
export function eventText(event: InputEvent): string {
  switch (event.kind) {
    case "press":
      return `press ${keyName(event.key)}${event.character === undefined ? "" : ` ${character(event.character)}`}`;
    case "release":
      return `release ${keyName(event.key)}`;
    case "touch":
      return `touch ${event.id} at ${event.x}, ${event.y}`;
    case "touch-release":
      return `touch-release ${event.id}`;
    case "sequence":
      return `sequence ${event.number}`;
    case "axis":
      return `axis ${event.axis} ${event.value}`;
    default:
      return "x" in event ? `${event.kind} ${event.x}, ${event.y}` : event.kind;
  }
}

const motions: ReadonlySet<InputEvent["kind"]> = new Set(["relative-motion", "absolute-motion", "touch", "axis"]);

export const eventLog = filterKind({
  options: {
    prefix: s.string({ maxBytes: 64, default: "", doc: "What each line begins with." }),
    motion: s.boolean({ default: false, doc: "Whether to print motions, touches and axes as well." }),
  },
  lists: {},
  make({ prefix, motion }, { print }, sink) {
    return {
      handle(event) {
        if (motion || !motions.has(event.kind)) print(`${prefix}${eventText(event)}`);
        sink(event);
      },
    };
  },
});
