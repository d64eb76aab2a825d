/**
 * Input events, and the 16 bytes that each takes in the buffers of Event and Input:
 *
 * | byte | content                                                            |
 * | ---- | ------------------------------------------------------------------ |
 * | 0    | kind                                                               |
 * | 1-3  | 0                                                                  |
 * | 4-7  | key, axis, number of the touch or of the sequence (uint32)         |
 * | 8-11 | character (uint32), or x, or the value of an axis (float32)        |
 * | 12-15| y (float32)                                                        |
 */

/** Where something is: on its way to a GUI server a share of the screen, from 0 to 1; from it, pixels of the client's view. */
export interface Position {
  readonly x: number;
  readonly y: number;
}

/** Axes of a game pad: sticks from -1 to 1, triggers (`LT`, `RT`) from 0 to 1. */
export const axes = ["LX", "LY", "LT", "RX", "RY", "RT"] as const;
export type Axis = (typeof axes)[number];

export type InputEvent =
  /** A key or button by its number in Linux, and the code point that it means, once a filter has found one. Key 0 with a character repeats it. */
  | { readonly kind: "press"; readonly key: number; readonly character?: number }
  | { readonly kind: "release"; readonly key: number }
  /** Of a mouse: its own steps. */
  | ({ readonly kind: "relative-motion" } & Position)
  | ({ readonly kind: "absolute-motion" } & Position)
  /** In notches; a wheel of high resolution turns by parts of one. Up and right are positive. */
  | ({ readonly kind: "wheel" } & Position)
  | { readonly kind: "focus-enter" }
  | { readonly kind: "focus-leave" }
  | { readonly kind: "hover-leave" }
  | ({ readonly kind: "touch"; readonly id: number } & Position)
  | { readonly kind: "touch-release"; readonly id: number }
  /** Marks a place in the stream, so that a report can say how far its writer had read. */
  | { readonly kind: "sequence"; readonly number: number }
  | { readonly kind: "axis"; readonly axis: Axis; readonly value: number };

export const eventBytes = 16;

/** In the order of their numbers, from 1 on. */
const kinds = [
  "press",
  "release",
  "relative-motion",
  "absolute-motion",
  "wheel",
  "focus-enter",
  "focus-leave",
  "hover-leave",
  "touch",
  "touch-release",
  "sequence",
  "axis",
] as const satisfies readonly InputEvent["kind"][];

const at = { code: 4, first: 8, second: 12 } as const;

function code(event: InputEvent): number {
  switch (event.kind) {
    case "press":
    case "release":
      return event.key;
    case "touch":
    case "touch-release":
      return event.id;
    case "sequence":
      return event.number;
    case "axis":
      return axes.indexOf(event.axis);
    default:
      return 0;
  }
}

/** Writes an event at a byte of a buffer. */
export function writeEvent(view: DataView, byte: number, event: InputEvent): void {
  view.setUint32(byte, kinds.indexOf(event.kind) + 1, true);
  view.setUint32(byte + at.code, code(event), true);
  if (event.kind === "press") view.setUint32(byte + at.first, event.character ?? 0, true);
  else view.setFloat32(byte + at.first, event.kind === "axis" ? event.value : "x" in event ? event.x : 0, true);
  view.setFloat32(byte + at.second, "y" in event ? event.y : 0, true);
}

/** Reads the event at a byte of a private copy; undefined where there is none: a wrong kind, axis, character or number. */
export function readEvent(view: DataView, byte: number): InputEvent | undefined {
  const kind = kinds[view.getUint32(byte, true) - 1];
  const number = view.getUint32(byte + at.code, true);
  const x = view.getFloat32(byte + at.first, true);
  const y = view.getFloat32(byte + at.second, true);
  switch (kind) {
    case "press": {
      const character = view.getUint32(byte + at.first, true);
      if (character > 0x10ffff) return undefined;
      return character === 0 ? { kind, key: number } : { kind, key: number, character };
    }
    case "release":
      return { kind, key: number };
    case "relative-motion":
    case "absolute-motion":
    case "wheel":
      return Number.isFinite(x) && Number.isFinite(y) ? { kind, x, y } : undefined;
    case "touch":
      return Number.isFinite(x) && Number.isFinite(y) ? { kind, id: number, x, y } : undefined;
    case "touch-release":
      return { kind, id: number };
    case "sequence":
      return { kind, number };
    case "axis": {
      const axis = axes[number];
      return axis !== undefined && Number.isFinite(x) ? { kind, axis, value: x } : undefined;
    }
    case "focus-enter":
    case "focus-leave":
    case "hover-leave":
      return { kind };
    case undefined:
      return undefined;
  }
}
