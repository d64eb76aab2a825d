/** Which windows there are, where they are, and in which order. Pure: nothing here draws, or knows a session. */
import type { Area, Point, Rect } from "../../sessions/geometry/geometry.generated.js";
import { contentOf, type Edges, framed } from "./frame.js";
import type { LayoutDocument, RememberedWindow } from "./layout-document.js";
import { placeFor, withinReach } from "./placement.js";

/** How a window lies: where it was put, or on all of the screen, or on half of it. */
export type Lie = "normal" | "maximised" | "left" | "right";

/** Least content of a window that is resized by hand. */
const least: Area = { width: 80, height: 40 };

/** A window as the layout knows it. */
export interface Window {
  readonly id: number;
  /** Of whom it is. */
  readonly label: string;
  readonly title: string;
  readonly lie: Lie;
  /** Its user does not want to see it. */
  readonly hidden: boolean;
  /** Size of its content, as its client made it. */
  readonly content: Area;
  /** Where it is to be, once its client has followed. */
  readonly wanted: Rect;
  /** Where it was before it filled the screen. */
  readonly normal: Rect;
  /** When it was brought to the front last, by the layout's own count: the order of windows. */
  readonly used: number;
  /** Which edges stay where they are, while the client has another size than is wanted. */
  readonly fixed: { readonly right: boolean; readonly bottom: boolean };
}

type Changes = { readonly [K in keyof Window]?: Window[K] };

/** A window that was here before, and its place in the order. */
type Former = RememberedWindow & Pick<Window, "used">;

export class Layout {
  #area: Rect;
  /** From the front to the back. */
  #windows: readonly Window[] = [];
  #active: number | undefined;
  #uses = 0;
  /** By label, in the order in which they went. */
  readonly #remembered = new Map<string, Former[]>();

  /** @param area the part of the screen that windows may be on */
  constructor(area: Rect) {
    this.#area = area;
  }

  get area(): Rect {
    return this.#area;
  }

  /** The screen has another size: what fills it follows, and nothing is out of reach. */
  set area(area: Rect) {
    this.#area = area;
    for (const window of this.#windows) {
      const normal = { ...window.normal, ...withinReach(window.normal, area) };
      this.#change(window.id, { normal, wanted: this.#place(window.lie, normal) });
    }
  }

  /** All windows, from the front to the back. */
  get windows(): readonly Window[] {
    return this.#windows;
  }

  find(id: number): Window | undefined {
    return this.#windows.find((window) => window.id === id);
  }

  /** Who gets the keys; undefined: nobody. */
  get active(): Window | undefined {
    const window = this.#active === undefined ? undefined : this.find(this.#active);
    return window?.hidden === false ? window : undefined;
  }

  #change(id: number, changes: Changes): void {
    this.#windows = this.#windows.map((window) => (window.id === id ? { ...window, ...changes } : window));
  }

  #place(lie: Lie, normal: Rect): Rect {
    const { x, y, width, height } = this.#area;
    const half = Math.floor(width / 2);
    if (lie === "maximised") return this.#area;
    if (lie === "left") return { x, y, width: half, height };
    return lie === "right" ? { x: x + half, y, width: width - half, height } : normal;
  }

  /**
   * A new window. One that was here before lies where it lay, behind those that were used later; else it lies where there
   * is room, in front. Whichever is in front then has the keys, unless the new one has to stay `behind` who has them.
   */
  add(id: number, label: string, title: string, content: Area, { behind = false } = {}): void {
    const former = this.#remembered.get(label)?.shift();
    const size = framed(content, false);
    const seen = this.#windows.filter(({ hidden }) => !hidden).map((window) => this.frame(window));
    const normal = former?.normal ?? { ...size, ...placeFor(size, this.#area, seen) };
    const reached = { ...normal, ...withinReach(normal, this.#area) };
    const lie = former?.lie ?? "normal";
    const wanted = this.#place(lie, reached);
    const fixed = { right: false, bottom: false };
    const used = former?.used ?? ++this.#uses;
    const { active } = this;
    this.#windows = [
      { id, label, title, lie, hidden: false, content, wanted, normal: reached, used, fixed },
      ...this.#windows,
    ].sort((a, b) => b.used - a.used);
    this.#active = this.#front?.id;
    if (behind && active !== undefined) this.activate(active.id);
  }

  get #front(): Window | undefined {
    return this.#windows.find(({ hidden }) => !hidden);
  }

  /** The window is gone, and is remembered. The next one in front gets the keys. */
  remove(id: number): void {
    const window = this.find(id);
    if (window === undefined) return;
    const { label, lie, normal, used } = window;
    this.#remember({ label, lie, normal, used });
    this.#windows = this.#windows.filter((other) => other !== window);
    if (this.#active === id) this.#active = this.#front?.id;
  }

  /** Where the frame is now: around what the client has, which may not yet be what is wanted. */
  frame({ wanted, content, lie, fixed }: Window): Rect {
    const size = framed(content, lie === "maximised");
    return {
      x: fixed.right ? wanted.x + wanted.width - size.width : wanted.x,
      y: fixed.bottom ? wanted.y + wanted.height - size.height : wanted.y,
      ...size,
    };
  }

  /** The size that the content should have. */
  wantedContent({ wanted, lie }: Window): Area {
    const { width, height } = contentOf(wanted, lie === "maximised");
    return { width, height };
  }

  /** The client has made its content another size; of its own accord when nobody wanted that size. */
  resized(id: number, content: Area): void {
    const window = this.find(id);
    if (window === undefined) return;
    const asked = this.wantedContent(window);
    const before = window.content;
    const grewByItself =
      window.lie === "normal" &&
      asked.width === before.width &&
      asked.height === before.height &&
      (content.width !== asked.width || content.height !== asked.height);
    this.#change(id, { content });
    if (!grewByItself) return;
    const normal = { ...window.wanted, ...framed(content, false) };
    this.#change(id, { normal, wanted: normal, fixed: { right: false, bottom: false } });
  }

  retitled(id: number, title: string): void {
    this.#change(id, { title });
  }

  /** Brings a window to the front, and gives it the keys. A hidden one is seen again. */
  activate(id: number): void {
    const window = this.find(id);
    if (window === undefined) return;
    const front = { ...window, hidden: false, used: ++this.#uses };
    this.#windows = [front, ...this.#windows.filter((other) => other.id !== id)];
    this.#active = id;
  }

  /** Puts a window out of sight; the next one in front gets the keys. */
  hide(id: number): void {
    this.#change(id, { hidden: true });
    if (this.#active === id) this.#active = this.#front?.id;
  }

  /** Puts the upper left corner of a window there. One that filled the screen has its own size again. */
  move(id: number, to: Point): void {
    const window = this.find(id);
    if (window === undefined) return;
    const frame = { ...window.normal, x: to.x, y: to.y };
    const normal = { ...frame, ...withinReach(frame, this.#area) };
    this.#change(id, { lie: "normal", normal, wanted: normal, fixed: { right: false, bottom: false } });
  }

  /** Moves some edges of a frame by so many pixels from where they were in `from`. */
  resize(id: number, from: Rect, edges: Edges, by: Point): void {
    const window = this.find(id);
    if (window === undefined) return;
    const smallest = framed(least, false);
    const width = Math.max(smallest.width, from.width + (edges.right ? by.x : edges.left ? -by.x : 0));
    const height = Math.max(smallest.height, from.height + (edges.bottom ? by.y : edges.top ? -by.y : 0));
    const frame = {
      x: edges.left ? from.x + from.width - width : from.x,
      y: edges.top ? from.y + from.height - height : from.y,
      width,
      height,
    };
    const normal = { ...frame, ...withinReach(frame, this.#area) };
    const fixed = { right: edges.left === true, bottom: edges.top === true };
    this.#change(id, { lie: "normal", normal, wanted: normal, fixed });
  }

  /** Lets a window lie otherwise; asked for again, as before. */
  lay(id: number, lie: Lie): void {
    const window = this.find(id);
    if (window === undefined) return;
    const next = window.lie === lie ? "normal" : lie;
    this.#change(id, { lie: next, wanted: this.#place(next, window.normal), fixed: { right: false, bottom: false } });
  }

  /** What is worth keeping: where windows are, and were, and their order. */
  document(): LayoutDocument {
    const all: readonly Former[] = [...this.#windows, ...[...this.#remembered.values()].flat()];
    const windows = [...all].sort((a, b) => b.used - a.used).map(({ label, lie, normal }) => ({ label, lie, normal }));
    return { windows };
  }

  /** Remembers what a document says of windows that are still to come: all of them were used before any that is here. */
  remember({ windows }: LayoutDocument): void {
    for (const [place, window] of windows.entries()) this.#remember({ ...window, used: -place });
  }

  #remember(window: Former): void {
    const { label } = window;
    this.#remembered.set(label, [...(this.#remembered.get(label) ?? []), window].slice(-maxRemembered));
  }
}

/** Of one label. */
const maxRemembered = 8;
