/** Keys and buttons. */
import type { RawEvent } from "../../bindings/evdev.js";
import { eventType } from "../../lib/input/event-codes.js";
import { keyCode } from "../../lib/input/key-codes.js";
import { highestKey, type InputEvent } from "../../sessions/event/index.js";
import type { DeviceKind, DeviceState } from "./device-facts.js";
import type { Part } from "./part.js";

const touch = keyCode("BTN_TOUCH");
/** They say which tool is near, and are no buttons. The three around `BTN_TOUCH` are. */
const firstTool = keyCode("BTN_TOOL_PEN");
const lastTool = keyCode("BTN_TOOL_QUADTAP");
const buttonsOfTools = new Set([keyCode("BTN_STYLUS"), keyCode("BTN_STYLUS2"), keyCode("BTN_STYLUS3")]);

/** What a button is called from here on; undefined: it is none. */
function meaning(code: number, kind: DeviceKind): number | undefined {
  if (code <= 0 || code > highestKey) return undefined;
  // The tip of a pen presses what it points at; a finger is a touch, which is told as one.
  if (code === touch) return kind === "tablet" ? keyCode("BTN_LEFT") : kind === "plain" ? code : undefined;
  return code >= firstTool && code <= lastTool && !buttonsOfTools.has(code) ? undefined : code;
}

export class Keys implements Part {
  readonly #kind: DeviceKind;
  readonly #held = new Set<number>();
  #events: InputEvent[] = [];

  constructor(kind: DeviceKind) {
    this.#kind = kind;
  }

  take([type, code, value]: RawEvent): void {
    // 2 is a repetition, which a filter makes where it is wanted.
    if (type === eventType.key && (value === 0 || value === 1)) this.#set(meaning(code, this.#kind), value === 1);
  }

  #set(key: number | undefined, down: boolean): void {
    if (key === undefined || this.#held.has(key) === down) return;
    if (down) this.#held.add(key);
    else this.#held.delete(key);
    this.#events.push({ kind: down ? "press" : "release", key });
  }

  report(): readonly InputEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  synchronize({ pressed }: DeviceState): void {
    const wanted = new Set([...pressed].flatMap((code) => meaning(code, this.#kind) ?? []));
    for (const key of [...this.#held]) if (!wanted.has(key)) this.#set(key, false);
    for (const key of wanted) this.#set(key, true);
  }
}
