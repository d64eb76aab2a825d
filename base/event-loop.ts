/**
 * Where news from the native waiting hook arrive: one table of handlers by slot.
 *
 * The hook reports in batches; each handler drains its session, bounded, and asks for another turn when it stopped
 * before the end.
 */
import { native } from "../bindings/native.js";

/** `bits` are {@link import("../bindings/native.js").slotBits}. */
export type SlotHandler = (bits: number) => void;

const handlers: (SlotHandler | undefined)[] = [];
const ready = new Int32Array(2 * 256);
let started = false;

/**
 * How long the loop looks at active sessions before it sleeps, in microseconds. 50 us is about the price of a
 * wake-up across processors, so looking costs at most twice the optimum. 0 turns looking off. Benchmarks
 * and tests set the variable; a component in its sandbox has a scrubbed environment.
 */
const windowMicroseconds = Number(process.env["BULKHEAD_SPIN_MICROSECONDS"] ?? 50);

function onReady(count: number): void {
  for (let i = 0; i < count; ++i) {
    const handler = handlers[ready[2 * i] as number];
    if (handler === undefined) continue;
    try {
      handler(ready[2 * i + 1] as number);
    } catch (error) {
      // Uncaught, as in any callback; but the news of the other slots is told only once.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

/** Starts the hook; every function that makes a slot calls this first. */
export function startEventLoop(): void {
  if (started) return;
  started = true;
  native.startWaiting(ready, onReady, windowMicroseconds);
}

/**
 * Calls `handler` whenever a descriptor is readable or writable, until the returned function is called; at a hang-up
 * too. The descriptor stays the caller's. One descriptor has one watch: to watch it for both, watch a duplicate.
 */
export function watchDescriptor(descriptor: number, wanted: "readable" | "writable", handler: () => void): () => void {
  startEventLoop();
  const slot = native.watchDescriptor(descriptor, wanted === "readable" ? 1 : 2);
  handlers[slot] = handler;
  return () => {
    handlers[slot] = undefined;
    native.unwatch(slot);
  };
}

export function onSlot(slot: number, handler: SlotHandler): void {
  handlers[slot] = handler;
}

export function forgetSlot(slot: number): void {
  handlers[slot] = undefined;
}
