/** Numbers of Linux's input events, as `linux/input-event-codes.h` has them. Keys are in key-codes.ts. */

export const eventType = { synchronize: 0, key: 1, relative: 2, absolute: 3, light: 17 } as const;

/** Codes of {@link eventType.synchronize}. */
export const synchronizeCode = { report: 0, touch: 2, dropped: 3 } as const;

export const relativeAxis = {
  x: 0,
  y: 1,
  horizontalWheel: 6,
  wheel: 8,
  wheelFine: 11,
  horizontalWheelFine: 12,
} as const;

/** Parts of a wheel's notch, as the fine axes count them. */
export const wheelParts = 120;

export const absoluteAxis = {
  x: 0,
  y: 1,
  z: 2,
  rx: 3,
  ry: 4,
  rz: 5,
  gas: 9,
  brake: 10,
  hat0x: 16,
  hat0y: 17,
  hat2x: 20,
  hat2y: 21,
  touchSlot: 47,
  touchX: 53,
  touchY: 54,
  touchId: 57,
} as const;

/** What a device says of itself as a whole: a pad moves a pointer, a screen is touched where its picture is. */
export const inputProperty = { pointer: 0, direct: 1 } as const;

/** Lights of a keyboard. */
export const light = { numLock: 0, capsLock: 1, scrollLock: 2, compose: 3, kana: 4 } as const;
export type Light = keyof typeof light;

/** Buses of {@link import("../../bindings/evdev.js").InputIdentity}. */
export const inputBus = { virtual: 6 } as const;
