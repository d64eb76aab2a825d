/** What is on the screen: views, and in front of them what only the server draws. */
import type { Layer, Picture } from "../../bindings/pixel.js";
import { isEmpty } from "../../lib/rectangle.js";
import type { Point, Rect } from "../../sessions/geometry/geometry.generated.js";
import type { Domain } from "./domain.js";
import { Labels, strip } from "./plate.js";
import { pointerLayer, pointerRect } from "./pointer.js";
import { Stack } from "./stack.js";
import type { Placed, View, ViewOwner } from "./view.js";

/** How much of its domain's colour a view has that is tinted, of 255. */
const tintAmount = 110;
const nobody = 0x00_00_00;

export interface SceneOptions {
  /** Height of the strip; 0: there is none. */
  readonly strip: number;
  readonly pointer: boolean;
}

export class Scene {
  #options: SceneOptions;
  #screen: Rect;
  #pointer: Point = { x: 0, y: 0 };
  #pointerVisible = false;
  #focused: ViewOwner | undefined;
  #strip: Picture | undefined;
  readonly #labels = new Labels();
  readonly #damaged: (rect: Rect) => void;
  readonly stack: Stack;

  /** `damaged` is told what has to be drawn anew; `rearranged`, that other views may lie at a point than before. */
  constructor(options: SceneOptions, screen: Rect, damaged: (rect: Rect) => void, rearranged: () => void) {
    this.#options = options;
    this.#screen = screen;
    this.#damaged = damaged;
    const scene = this;
    this.stack = new Stack(
      {
        get screen() {
          return scene.desk;
        },
        get pointer() {
          return scene.#pointer;
        },
        followed: () => damaged(pointerRect(this.#pointer)),
        rearranged,
      },
      damaged,
      (view) => this.labelOf(view)?.area,
    );
  }

  /** The part of the screen that clients have: all but the strip. */
  get desk(): Rect {
    const { x, y, width, height } = this.#screen;
    const taken = Math.min(this.#options.strip, height);
    return { x, y: y + taken, width, height: height - taken };
  }

  get pointer(): Point {
    return this.#pointer;
  }

  /** What is seen has another size, or other rules; who calls it has everything drawn. */
  arrange(options: SceneOptions, screen: Rect): void {
    this.#options = options;
    this.#screen = screen;
    this.#strip = undefined;
    this.stack.sort();
  }

  /** Somebody else has the focus. */
  focus(owner: ViewOwner | undefined): void {
    const before = this.#focused;
    this.#focused = owner;
    this.stripChanged();
    for (const { view, visible } of this.stack.placed) {
      const { domain } = view.owner;
      // Whose tint came or went, and whose labels changed.
      if (domain === before?.domain || domain === owner?.domain) this.#damaged(visible);
    }
  }

  /** What the strip says of the focused client is another. */
  stripChanged(): void {
    this.#strip = undefined;
    this.#damaged(this.#stripRect);
  }

  get #stripRect(): Rect {
    const { x, y, width } = this.#screen;
    return { x, y, width, height: this.#screen.height - this.desk.height };
  }

  movePointer(point: Point): void {
    if (point.x === this.#pointer.x && point.y === this.#pointer.y) return;
    const before = this.#pointer;
    this.stack.changeFollowing(() => {
      this.#pointer = point;
    });
    if (!this.#drawsPointer) return;
    this.#damaged(pointerRect(before));
    this.#damaged(pointerRect(point));
  }

  showPointer(visible: boolean): void {
    if (visible === this.#pointerVisible) return;
    this.#pointerVisible = visible;
    if (this.#options.pointer) this.#damaged(pointerRect(this.#pointer));
  }

  /** Not where a client's own follows the pointer. */
  get #drawsPointer(): boolean {
    return this.#options.pointer && this.#pointerVisible && !this.stack.hasFollowing;
  }

  /** The label on a view; undefined where its domain has none. */
  labelOf({ owner, title }: View): Picture | undefined {
    if (!owner.domain.config.label) return undefined;
    return this.#labels.of(title === "" ? owner.label : `${owner.label}: ${title}`, owner.domain.color);
  }

  #tintOf(domain: Domain): Layer["tint"] {
    if (domain.config.content !== "tinted" || this.#focused?.domain === domain) return undefined;
    return { color: domain.color, amount: tintAmount };
  }

  /** From the front to the back. */
  get layers(): readonly Layer[] {
    const layers: Layer[] = [];
    const bar = this.#stripRect;
    if (!isEmpty(bar)) layers.push({ rect: bar, picture: this.#stripPicture(bar), origin: { x: 0, y: 0 } });
    if (this.#drawsPointer) layers.unshift(pointerLayer(this.#pointer));
    for (const placed of this.stack.everything) if (!isEmpty(placed.visible)) layers.push(...this.#layerOf(placed));
    return layers;
  }

  #layerOf({ view, place, visible, label }: Placed): Layer[] {
    if (label) {
      const picture = this.labelOf(view);
      return picture ? [{ rect: visible, picture, origin: { x: visible.x - place.x, y: visible.y - place.y } }] : [];
    }
    const { shown } = view.owner.framebuffer;
    if (shown === undefined) return [];
    const { x, y } = view.bufferOrigin;
    const origin = { x: visible.x - place.x + x, y: visible.y - place.y + y };
    return [{ rect: visible, picture: shown, origin, tint: this.#tintOf(view.owner.domain) }];
  }

  #stripPicture({ width, height }: Rect): Picture {
    this.#strip ??= strip(this.#stripText, width, height, this.#focused?.domain.color ?? nobody);
    return this.#strip;
  }

  get #stripText(): string {
    if (this.#focused === undefined) return "";
    const title = this.stack.placed.find(({ view }) => view.owner === this.#focused && view.title !== "")?.view.title;
    return title === undefined ? this.#focused.label : `${this.#focused.label}: ${title}`;
  }
}
