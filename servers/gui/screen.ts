/** The screen: displays that show parts of it, and who draws on it. */
import { SessionError } from "../../base/errors.js";
import { policyFor } from "../../base/policy.js";
import type { SessionRequest } from "../../base/server.js";
import type { PixelBuffer } from "../../lib/pixel-buffer.js";
import { at0, isEmpty, sameRect } from "../../lib/rectangle.js";
import { CaptureSession } from "../../sessions/capture/index.js";
import type { Point, Rect } from "../../sessions/geometry/geometry.generated.js";
import type { ViewsDisplay } from "../../sessions/gui/index.js";
import { compose } from "./composition.js";
import { colorNumber, type DisplayConfig, type GuiConfig } from "./config.js";
import { Display, type Shown } from "./display.js";
import { unionOf } from "./domain.js";
import { Scene } from "./scene.js";
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
  #rect: Rect;
  readonly scene: Scene;
  readonly #resized: () => void;

  /**
   * `resized` is told when the screen, or what shows it, is another; `rearranged`, when other views may lie at a point than
   * before.
   */
  constructor(config: GuiConfig, resized: () => void, rearranged: () => void) {
    this.#config = config;
    this.#rect = at0(config.screen);
    this.#resized = resized;
    this.scene = new Scene(config, this.#rect, (rect) => this.#damaged(rect), rearranged);
  }

  /** Other rules, for what is there too. */
  configure(config: GuiConfig): void {
    this.#config = config;
    for (const display of this.#displays) display.configure(this.#displayConfig(display.label));
    this.#arrange();
    this.resized();
  }

  #displayConfig(label: string): DisplayConfig {
    return policyFor<DisplayConfig>(this.#config.capture, "Capture", label);
  }

  get screen(): Rect {
    return this.#rect;
  }

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
    return new CaptureSession(request, (session) => {
      const display = new Display(session, this.#displayConfig(request.label), this, (closed) => {
        this.#displays.delete(closed);
        this.resized();
      });
      this.#displays.add(display);
      return display;
    });
  }

  resized(): void {
    const union = unionOf([...this.#displays].flatMap(({ rect }) => rect ?? []));
    const rect = isEmpty(union) ? at0(this.#config.screen) : union;
    if (!sameRect(rect, this.#rect)) {
      this.#rect = rect;
      this.#arrange();
    }
    for (const drawer of this.#drawers) drawer.panoramaChanged();
    this.#resized();
  }

  #arrange(): void {
    this.scene.arrange(this.#config, this.#rect);
    for (const display of this.#displays) display.resized();
  }

  #damaged(rect: Rect): void {
    for (const display of this.#displays) display.damaged(rect);
  }

  draw(buffer: PixelBuffer, at: Point, rect: Rect): void {
    compose(buffer, at, rect, this.scene.layers, colorNumber(this.#config.background));
  }

  captured(display: Display, rect: Rect): void {
    for (const drawer of this.#drawers) {
      const { framebuffer } = drawer;
      if (!framebuffer.unsynced) continue;
      const { source } = framebuffer;
      const follows = source !== "" && [...this.#displays].some((other) => other.isCalled(source));
      if (follows ? display.isCalled(source) : this.scene.stack.shows(drawer, rect)) framebuffer.synced();
    }
  }
}
