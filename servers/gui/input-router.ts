/** Who gets which input: the focused client keys, the one under the pointer motion, and whoever got a press all until its release. */
import { highestKey, type InputEvent } from "../../sessions/event/index.js";
import type { Point, Rect } from "../../sessions/geometry/geometry.generated.js";
import type { GuiSession } from "./gui-session.js";
import type { Stack } from "./stack.js";
import type { Placed, View } from "./view.js";

/** Buttons of mice, and of pens: what they press is under the pointer. */
function points(key: number): boolean {
  return (key >= 0x110 && key <= 0x117) || (key >= 0x140 && key <= 0x14f);
}

/** Whoever makes events. */
export interface Source {
  /** The part of the screen that its positions are shares of; undefined: all of it. */
  readonly area?: Rect | undefined;
}

/** What the router knows of the screen, and tells about it. */
export interface Surface {
  readonly screen: Rect;
  readonly stack: Pick<Stack, "at" | "placed">;
  /** The pointer is there now. */
  movePointer(point: Point): void;
  /** Whether the pointer is seen: not while fingers point, nor while a client has the motion for itself. */
  showPointer(visible: boolean): void;
}

/** What the router asks those who decide on more than one event. */
export interface Policy {
  /** Who gets this key, and all until it is up, whoever has the focus; undefined: no such rule; null: it is not there. */
  globalReceiver(key: number): GuiSession | null | undefined;
  readonly focused: GuiSession | undefined;
  /** The client was clicked, and its domain takes the focus by that. */
  clicked(session: GuiSession): void;
}

/** What of the router's state others are told. */
export interface RouterNews {
  hovered?(session: GuiSession | undefined): void;
  keys?(pressed: ReadonlySet<number>): void;
  pointed?(point: Point): void;
  touched?(touches: number): void;
}

/** A touch of a source, under the number that clients see. */
interface Finger {
  readonly id: number;
}

/** A key that is down. */
interface Held {
  /** In how many sources. */
  sources: number;
  /** Who got its press, and gets its release. */
  session: GuiSession | undefined;
}

/** Who gets everything while something is pressed. */
interface Receiver {
  /** Undefined: it is gone. */
  readonly session: GuiSession | undefined;
  /** Where it began, and the top left of that view then: a window that is dragged by its pixels moves under the pointer. */
  readonly view: View | undefined;
  readonly place?: Point;
}

export class InputRouter {
  readonly #surface: Surface;
  readonly #policy: Policy;
  readonly #news: RouterNews;
  #pointer: Point;
  /** Motion that was less than a pixel. */
  #rest: Point = { x: 0, y: 0 };
  readonly #keys = new Map<number, Held>();
  /** By source and the source's own number. */
  readonly #fingers = new Map<Source, Map<number, Finger>>();
  /** While something is pressed: who gets all input, and in which of its views it began. Undefined: nothing is, or it hit nobody. */
  #receiver: Receiver | undefined;
  #hovered: GuiSession | undefined;
  /** The pointer is in use: what lies under it is what somebody points at. */
  #pointing = false;
  readonly #exclusive = new WeakSet<GuiSession>();
  /** Axes that are off their rest, and who was told. */
  readonly #axes = new Map<string, { readonly event: InputEvent & { kind: "axis" }; readonly session: GuiSession }>();

  constructor(surface: Surface, policy: Policy, news: RouterNews) {
    this.#surface = surface;
    this.#policy = policy;
    this.#news = news;
    this.#pointer = { x: surface.screen.x, y: surface.screen.y };
  }

  get #touches(): number {
    return [...this.#fingers.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Something is pressed or touched, so its receiver gets everything. */
  get #busy(): boolean {
    return this.#keys.size > 0 || this.#fingers.size > 0;
  }

  /** Input of one source. */
  submit(source: Source, events: readonly InputEvent[]): void {
    for (const event of events) this.#route(source, event);
  }

  #route(source: Source, event: InputEvent): void {
    switch (event.kind) {
      case "press":
        return this.#press(event);
      case "release":
        return this.#release(event);
      case "relative-motion":
        return this.#relative(event);
      case "absolute-motion":
        return this.#absolute(source, event);
      case "wheel":
        return this.#tell(this.#exclusiveClient() ?? this.#receiving() ?? this.#pointedAt()?.view.owner, event);
      case "touch":
        return this.#touch(source, event);
      case "touch-release":
        return this.#liftFinger(source, event.id);
      case "axis":
        return this.#axis(event);
      case "sequence":
        return this.#tell(this.#receiving() ?? this.#hovered ?? this.#policy.focused, event);
      default:
        return;
    }
  }

  #tell(to: unknown, event: InputEvent): void {
    (to as GuiSession | undefined)?.input.submit(event);
  }

  /** Who gets everything for now; undefined also when nobody does. */
  #receiving(): GuiSession | undefined {
    return this.#receiver?.session;
  }

  #pointedAt(): Placed | undefined {
    return this.#surface.stack.at(this.#pointer);
  }

  /** Who has all motion for itself now. */
  #exclusiveClient(): GuiSession | undefined {
    const { focused } = this.#policy;
    return focused !== undefined && this.#exclusive.has(focused) && !this.#busyWithOther(focused) ? focused : undefined;
  }

  #busyWithOther(session: GuiSession): boolean {
    return this.#busy && this.#receiver?.session !== session;
  }

  #press(event: InputEvent & { kind: "press" }): void {
    const { key } = event;
    if (key === 0) return this.#tell((this.#receiver ?? { session: this.#policy.focused }).session, event);
    if (key > highestKey) return;
    const held = this.#keys.get(key);
    if (held !== undefined) {
      held.sources += 1;
      return;
    }
    if (!this.#busy) this.#begin(this.#receiverOf(key));
    // Who holds a button on nothing, or has a mouse that says so, can type all the same.
    const receiver = this.#receiver ?? (points(key) ? undefined : this.#receiverOf(key));
    this.#keys.set(key, { sources: 1, session: receiver?.session });
    this.#tell(receiver?.session, event);
    this.#news.keys?.(new Set(this.#keys.keys()));
  }

  #release(event: InputEvent & { kind: "release" }): void {
    const held = this.#keys.get(event.key);
    if (held === undefined) return;
    held.sources -= 1;
    if (held.sources > 0) return;
    this.#tell(held.session, event);
    this.#keys.delete(event.key);
    this.#news.keys?.(new Set(this.#keys.keys()));
    this.#endOnceIdle();
  }

  #receiverOf(key: number): Receiver | undefined {
    const global = this.#policy.globalReceiver(key);
    if (global !== undefined) return { session: global ?? undefined, view: undefined };
    const exclusive = this.#exclusiveClient();
    if (points(key) && exclusive === undefined) return this.#clicked(this.#pointedAt());
    const session = exclusive ?? this.#policy.focused;
    return session && { session, view: undefined };
  }

  /** Who gets a click there. */
  #clicked(placed: Placed | undefined): Receiver | undefined {
    if (placed === undefined) return undefined;
    const session = placed.view.owner as GuiSession;
    const { focus } = session.domain.config;
    if (focus === "none") return undefined;
    if (focus === "click") this.#policy.clicked(session);
    return { session, view: placed.view, place: placed.place };
  }

  #begin(receiver: Receiver | undefined): void {
    this.#receiver = receiver;
    if (receiver !== undefined && this.#hovered !== undefined && this.#hovered !== receiver.session && receiver.view)
      this.#hover(receiver.session);
  }

  #endOnceIdle(): void {
    if (this.#busy) return;
    this.#receiver = undefined;
    this.rearranged();
  }

  /** What lies under the pointer may be another view, though nobody moved it. */
  rearranged(): void {
    if (!this.#pointing || this.#busy || this.#exclusiveClient() !== undefined) return;
    const placed = this.#pointedAt();
    const session = placed?.view.owner as GuiSession | undefined;
    if (session === this.#hovered) return;
    this.#hover(session);
    this.#tellMotion(session, placed?.view);
  }

  #point(visible: boolean): void {
    this.#pointing = visible;
    this.#surface.showPointer(visible);
  }

  #relative(event: InputEvent & { kind: "relative-motion" }): void {
    const exclusive = this.#exclusiveClient();
    if (exclusive !== undefined) {
      this.#point(false);
      return this.#tell(exclusive, event);
    }
    // A slow hand moves by parts of a pixel.
    const x = this.#rest.x + event.x;
    const y = this.#rest.y + event.y;
    const steps = { x: Math.trunc(x), y: Math.trunc(y) };
    this.#rest = { x: x - steps.x, y: y - steps.y };
    if (steps.x !== 0 || steps.y !== 0) this.#moveTo({ x: this.#pointer.x + steps.x, y: this.#pointer.y + steps.y });
  }

  #absolute(source: Source, event: InputEvent & { kind: "absolute-motion" }): void {
    const point = this.#pixel(source, event);
    const exclusive = this.#exclusiveClient();
    if (exclusive === undefined) return this.#moveTo(point);
    const steps = { x: point.x - this.#pointer.x, y: point.y - this.#pointer.y };
    this.#pointer = point;
    this.#tell(exclusive, { kind: "relative-motion", ...steps });
  }

  /** The pixel at a share of what a source points at. */
  #pixel({ area = this.#surface.screen }: Source, { x, y }: Point): Point {
    const column = Math.min(area.width - 1, Math.floor(x * area.width));
    const line = Math.min(area.height - 1, Math.floor(y * area.height));
    return this.#within({ x: area.x + column, y: area.y + line });
  }

  #within({ x, y }: Point): Point {
    const { screen } = this.#surface;
    return {
      x: Math.min(screen.x + screen.width - 1, Math.max(screen.x, x)),
      y: Math.min(screen.y + screen.height - 1, Math.max(screen.y, y)),
    };
  }

  #moveTo(point: Point): void {
    this.#pointer = this.#within(point);
    this.#point(true);
    this.#surface.movePointer(this.#pointer);
    this.#news.pointed?.(this.#pointer);
    if (this.#busy) {
      const { session, view, place } = this.#receiver ?? {};
      return this.#tellMotion(session, view ?? this.#pointedAt()?.view, place);
    }
    const placed = this.#pointedAt();
    const session = placed?.view.owner as GuiSession | undefined;
    this.#hover(session);
    this.#tellMotion(session, placed?.view);
  }

  /** Whether the client is told of motion that it did not begin by a press. */
  #seesMotion(session: GuiSession): boolean {
    const { focused } = this.#policy;
    return this.#receiving() === session || session.domain.config.hover === "always" || focused === session;
  }

  #tellMotion(session: GuiSession | undefined, view: View | undefined, place?: Point): void {
    if (session === undefined || !this.#seesMotion(session)) return;
    this.#tell(session, { kind: "absolute-motion", ...this.#relativeTo(view, this.#pointer, place) });
  }

  /** The point as seen from the top left of a view. */
  #relativeTo(view: View | undefined, { x, y }: Point, place?: Point): Point {
    const from = place ?? this.#surface.stack.placed.find((one) => one.view === view)?.place ?? { x: 0, y: 0 };
    return { x: x - from.x, y: y - from.y };
  }

  #hover(session: GuiSession | undefined): void {
    if (session === this.#hovered) return;
    this.#tell(this.#hovered, { kind: "hover-leave" });
    this.#hovered = session;
    this.#news.hovered?.(session);
  }

  #touch(source: Source, event: InputEvent & { kind: "touch" }): void {
    const point = this.#pixel(source, event);
    let fingers = this.#fingers.get(source);
    const finger = fingers?.get(event.id) ?? this.#newFinger();
    if (fingers?.has(event.id) !== true) {
      if (!this.#busy) this.#begin(this.#clicked(this.#surface.stack.at(point)));
      this.#point(false);
      fingers ??= new Map();
      this.#fingers.set(source, fingers.set(event.id, finger));
      this.#news.touched?.(this.#touches);
    }
    const { session, view, place } = this.#receiver ?? {};
    this.#tell(session, { kind: "touch", id: finger.id, ...this.#relativeTo(view, point, place) });
  }

  /** The least number that no finger has. */
  #newFinger(): Finger {
    const taken = new Set([...this.#fingers.values()].flatMap((fingers) => [...fingers.values()].map(({ id }) => id)));
    let id = 0;
    while (taken.has(id)) id += 1;
    return { id };
  }

  #liftFinger(source: Source, number: number): void {
    const fingers = this.#fingers.get(source);
    const finger = fingers?.get(number);
    if (fingers === undefined || finger === undefined) return;
    this.#tell(this.#receiver?.session, { kind: "touch-release", id: finger.id });
    fingers.delete(number);
    if (fingers.size === 0) this.#fingers.delete(source);
    this.#news.touched?.(this.#touches);
    this.#endOnceIdle();
  }

  #axis(event: InputEvent & { kind: "axis" }): void {
    const { focused } = this.#policy;
    this.#tell(focused, event);
    if (event.value === 0 || focused === undefined) this.#axes.delete(event.axis);
    else this.#axes.set(event.axis, { event, session: focused });
  }

  /** Another client has the focus: sticks that the one before holds come to rest there. */
  focusChanged(): void {
    for (const [name, { event, session }] of this.#axes) {
      if (session === this.#policy.focused) continue;
      this.#tell(session, { ...event, value: 0 });
      this.#axes.delete(name);
    }
    if (this.#exclusiveClient() !== undefined) this.#point(false);
  }

  exclusive(session: GuiSession, enabled: boolean): void {
    if (enabled) this.#exclusive.add(session);
    else this.#exclusive.delete(session);
    if (this.#exclusiveClient() !== undefined) this.#point(false);
  }

  /** The client is gone: what it got is nobody's until all keys are up. */
  closed(session: GuiSession): void {
    if (this.#receiver?.session === session) this.#receiver = { session: undefined, view: undefined };
    for (const held of this.#keys.values()) if (held.session === session) held.session = undefined;
    if (this.#hovered === session) {
      this.#hovered = undefined;
      this.#news.hovered?.(undefined);
    }
    for (const [name, axis] of this.#axes) if (axis.session === session) this.#axes.delete(name);
  }
}
