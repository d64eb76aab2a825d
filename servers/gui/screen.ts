/** The screen: displays that show parts of it, and the views on it. */
import { SessionError } from "../../base/errors.js";
import { policyFor } from "../../base/policy.js";
import type { SessionRequest } from "../../base/server.js";
import type { Layer } from "../../bindings/pixel.js";
import type { PixelBuffer } from "../../lib/pixel-buffer.js";
import { at0, isEmpty, nowhere, sameRect } from "../../lib/rectangle.js";
import { Watchers } from "../../lib/watchers.js";
import { CaptureSession } from "../../sessions/capture/index.js";
import type { Point, Rect } from "../../sessions/geometry/geometry.generated.js";
import type { ViewsDisplay } from "../../sessions/gui/index.js";
import { compose } from "./composition.js";
import { colorNumber, type DisplayConfig, type GuiConfig } from "./config.js";
import { Display, type Shown } from "./display.js";
import { unionOf } from "./domain.js";
import { Stack } from "./stack.js";
import type { ViewOwner } from "./view.js";

/** As many as the interface can tell of. */
const mostDisplays = 8;

/** Whose pixels displays fetch. */
interface Drawer extends ViewOwner {
  /** The screen, or what shows it, is another. */
  panoramaChanged(): void;
}

export class Screen implements Shown {
  #config: GuiConfig;
  readonly #displays = new Set<Display>();
  readonly #drawers = new Set<Drawer>();
  #rect: Rect = nowhere;
  #pointer: Point = { x: 0, y: 0 };
  readonly stack: Stack;
  readonly #rearranged = new Watchers();

  constructor(config: GuiConfig) {
    this.#config = config;
    this.#rect = at0(config.screen);
    const screen = this;
    this.stack = new Stack(
      {
        get screen() {
          return screen.#rect;
        },
        get pointer() {
          return screen.#pointer;
        },
      },
      (rect) => this.#damaged(rect),
    );
  }

  get screen(): Rect {
    return this.#rect;
  }

  movePointer(point: Point): void {
    this.#pointer = point;
  }

  showPointer(_visible: boolean): void {}

  get displays(): readonly ViewsDisplay[] {
    return [...this.#displays].flatMap(({ facts }) => facts ?? []);
  }

  add(drawer: Drawer): void {
    this.#drawers.add(drawer);
  }

  remove(drawer: Drawer): void {
    this.#drawers.delete(drawer);
  }

  /** Opens a Capture session. @throws SessionError `Denied` when there are too many */
  open(request: SessionRequest<object>): CaptureSession {
    if (this.#displays.size >= mostDisplays)
      throw new SessionError("Denied", `Cannot capture the screen: ${mostDisplays} displays do so already`);
    const config = policyFor<DisplayConfig>(this.#config.capture, "Capture", request.label);
    return new CaptureSession(request, (session) => {
      const display = new Display(session, config, this, (closed) => {
        this.#displays.delete(closed);
        this.rearranged();
      });
      this.#displays.add(display);
      return display;
    });
  }

  rearranged(): void {
    const union = unionOf([...this.#displays].flatMap(({ rect }) => rect ?? []));
    const rect = isEmpty(union) ? at0(this.#config.screen) : union;
    if (!sameRect(rect, this.#rect)) {
      this.#rect = rect;
      this.stack.invalidate();
      for (const display of this.#displays) display.resized();
    }
    for (const drawer of this.#drawers) drawer.panoramaChanged();
    this.#rearranged.tell();
  }

  /** Calls `watcher` when the screen, or what shows it, is another. */
  onRearranged(watcher: () => void): void {
    this.#rearranged.add(watcher);
  }

  #damaged(rect: Rect): void {
    for (const display of this.#displays) display.damaged(rect);
  }

  draw(buffer: PixelBuffer, at: Point, rect: Rect): void {
    compose(buffer, at, rect, this.#layers(), colorNumber(this.#config.background));
  }

  /** From the front to the back. */
  #layers(): readonly Layer[] {
    return this.stack.placed.flatMap(({ view, place, visible }): Layer[] => {
      const { shown } = view.owner.framebuffer;
      if (shown === undefined || isEmpty(visible)) return [];
      const { x, y } = view.bufferOrigin;
      return [{ rect: visible, picture: shown, origin: { x: visible.x - place.x + x, y: visible.y - place.y + y } }];
    });
  }

  captured(display: Display, rect: Rect): void {
    for (const drawer of this.#drawers) {
      const { framebuffer } = drawer;
      if (!framebuffer.unsynced) continue;
      const { source } = framebuffer;
      const follows =
        source !== "" && [...this.#displays].some(({ label, name }) => label === source || name === source);
      if (follows ? display.label === source || display.name === source : this.stack.shows(drawer, rect))
        framebuffer.synced();
    }
  }
}
