/**
 * The keyboards, mice and touch screens of all browsers, as one input device. A key is down as long as somebody holds it;
 * what a browser holds is released when it goes.
 */
import type { InputEvent } from "../../sessions/event/event-record.js";

/** Takes events as one, in their order. */
export type Submit = (events: readonly InputEvent[]) => Promise<void>;

/** The largest number that Linux gives to a key or button. */
const largestKey = 0x2ff;
/** Fingers of one browser, and numbers that they have on its screen. */
const mostTouches = 16;
const fastestMotion = 10_000;
const fastestWheel = 100;
/** Events that wait while nobody takes them. */
const mostWaiting = 2048;

function withinScreen({ x, y }: { readonly x: number; readonly y: number }): boolean {
  return x >= 0 && x <= 1 && y >= 0 && y <= 1;
}

/** Whether a browser may send this. */
export function acceptable(event: InputEvent): boolean {
  switch (event.kind) {
    case "press":
      return event.key === 0 ? event.character !== undefined : event.key <= largestKey;
    case "release":
      return event.key > 0 && event.key <= largestKey;
    case "absolute-motion":
      return withinScreen(event);
    case "touch":
      return event.id < mostTouches && withinScreen(event);
    case "touch-release":
      return event.id < mostTouches;
    case "relative-motion":
      return Math.max(Math.abs(event.x), Math.abs(event.y)) <= fastestMotion;
    case "wheel":
      return Math.max(Math.abs(event.x), Math.abs(event.y)) <= fastestWheel;
    default:
      return false;
  }
}

/** The input of one browser. */
export class BrowserInput {
  readonly #shared: SharedInput;
  readonly keys = new Set<number>();
  /** Numbers of its touches, by those that the browser gave them. */
  readonly touches = new Map<number, number>();

  constructor(shared: SharedInput) {
    this.#shared = shared;
  }

  /** Passes on acceptable events. */
  accept(events: readonly InputEvent[]): void {
    this.#shared.pass(events.flatMap((event) => this.#translated(event) ?? []));
  }

  /** Releases everything. */
  release(): void {
    this.accept([
      ...[...this.keys].map((key): InputEvent => ({ kind: "release", key })),
      ...[...this.touches.keys()].map((id): InputEvent => ({ kind: "touch-release", id })),
    ]);
  }

  /** The event as all others see it; undefined when it changes nothing for them. */
  #translated(event: InputEvent): InputEvent | undefined {
    switch (event.kind) {
      case "press": {
        if (event.key === 0) return event;
        // Browsers repeat keys; a filter does that here.
        if (this.keys.has(event.key)) return undefined;
        const held = this.#shared.holds(event.key);
        this.keys.add(event.key);
        return held ? undefined : event;
      }
      case "release":
        return this.keys.delete(event.key) && !this.#shared.holds(event.key) ? event : undefined;
      case "touch": {
        const id = this.touches.get(event.id) ?? this.#shared.freeTouch();
        this.touches.set(event.id, id);
        return { ...event, id };
      }
      case "touch-release": {
        const id = this.touches.get(event.id);
        this.touches.delete(event.id);
        return id === undefined ? undefined : { ...event, id };
      }
      default:
        return event;
    }
  }
}

export class SharedInput {
  readonly #browsers = new Set<BrowserInput>();
  #submit: Submit | undefined;
  /** Nobody will take events. */
  #refused = false;
  #waiting: InputEvent[] = [];
  #submitting = false;

  /** Where events go from now on, those first that came before there was anybody to take them. */
  attach(submit: Submit): void {
    this.#submit = submit;
    this.#send();
  }

  /** Nobody will take events: there is nothing to keep them for. */
  refuse(): void {
    this.#refused = true;
    this.#waiting = [];
  }

  /** Events of a browser that begins. */
  browser(): BrowserInput {
    const browser = new BrowserInput(this);
    this.#browsers.add(browser);
    return browser;
  }

  /** A browser has gone: releases what it held. */
  leave(browser: BrowserInput): void {
    browser.release();
    this.#browsers.delete(browser);
  }

  holds(key: number): boolean {
    return [...this.#browsers].some(({ keys }) => keys.has(key));
  }

  freeTouch(): number {
    const taken = new Set([...this.#browsers].flatMap(({ touches }) => [...touches.values()]));
    let id = 0;
    while (taken.has(id)) id += 1;
    return id;
  }

  pass(events: readonly InputEvent[]): void {
    if (this.#refused) return;
    for (const event of events) {
      // Where the pointer was on its way does not matter.
      if (event.kind === "absolute-motion" && this.#waiting.at(-1)?.kind === event.kind) this.#waiting.pop();
      this.#waiting.push(event);
    }
    if (this.#waiting.length > mostWaiting) this.#forget();
    this.#send();
  }

  /** Nobody takes events: what waits is dropped, but for the end of all that is held. */
  #forget(): void {
    const keys = new Set<number>();
    const touches = new Set<number>();
    for (const event of this.#waiting) {
      if ((event.kind === "press" && event.key !== 0) || event.kind === "release") keys.add(event.key);
      else if (event.kind === "touch" || event.kind === "touch-release") touches.add(event.id);
    }
    for (const browser of this.#browsers) {
      for (const key of browser.keys) keys.add(key);
      for (const id of browser.touches.values()) touches.add(id);
      browser.keys.clear();
      browser.touches.clear();
    }
    this.#waiting = [
      ...[...keys].map((key): InputEvent => ({ kind: "release", key })),
      ...[...touches].map((id): InputEvent => ({ kind: "touch-release", id })),
    ];
  }

  #send(): void {
    const submit = this.#submit;
    if (this.#submitting || submit === undefined || this.#waiting.length === 0) return;
    this.#submitting = true;
    const events = this.#waiting;
    this.#waiting = [];
    void submit(events)
      .catch(() => {}) // the session is being opened anew, or has ended: whoever has it says so
      .finally(() => {
        this.#submitting = false;
        this.#send();
      });
  }
}
