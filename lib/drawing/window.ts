/** A window: a view of a buffer that is drawn when its content changed and a display is ready for more. */
import type { Env } from "../../base/env.js";
import { SessionError } from "../../base/errors.js";
import type { InputEvent } from "../../sessions/event/index.js";
import type { Area, Point, Rect } from "../../sessions/geometry/geometry.generated.js";
import { Gui, type GuiConnection, type GuiView } from "../../sessions/gui/index.js";
import { Occurrence } from "../occurrence.js";
import { isEmpty, nowhere, sameRect } from "../rectangle.js";
import { Canvas } from "./canvas.js";
import { surfaceOf } from "./surface.js";

export interface WindowOptions {
  readonly title: string;
  /** Pixels that it has at first, or as many of them as there are. Without it, all that there are. */
  readonly size?: Area | undefined;
  /** Where its top left is, from the corner of the part of the screen that it may be on. */
  readonly position?: Point | undefined;
  /** Whether it lets through what is behind it. */
  readonly alpha?: boolean;
  /** Label of the session, for a component with several windows. */
  readonly label?: string;
}

export interface WindowContent {
  /**
   * Draws what has changed, and returns around what; `fresh`: the canvas has nothing of before. The canvas is for this
   * call alone.
   */
  draw(canvas: Canvas, fresh: boolean): Rect;
  /** Takes events, in their order. Positions are pixels of the window. */
  input?(events: readonly InputEvent[]): void;
}

/** A window as its content sees it. */
export interface WindowFrame {
  readonly area: Area;
  /** What its title bar says; at most 64 bytes. */
  title: string;
  /** The content changed: it is drawn as soon as a display has fetched what was drawn before. */
  changed(): void;
}

/** Codes of errors that say that a larger window is beyond this component's means. */
const lacks: ReadonlySet<string> = new Set(["OutOfRam", "OutOfCaps", "InsufficientRam", "InsufficientCaps"]);

function sameArea(a: Area, b: Area): boolean {
  return a.width === b.width && a.height === b.height;
}

/**
 * A window as large as its maker wants it, until whoever manages windows gives it another size. On a screen without such a
 * manager it keeps its size, as far as the screen has it.
 */
export class Window<Content extends WindowContent = WindowContent> implements WindowFrame, AsyncDisposable {
  readonly gui: GuiConnection;
  readonly content: Content;
  readonly #options: WindowOptions;
  /** There once there is room for it. */
  #view: GuiView | undefined;
  #title: string;
  /** What there is for the window, as it was heard last. */
  #room: Rect = nowhere;
  #roomChanged = true;
  /** Where it is. */
  #rect: Rect = nowhere;
  #fresh = true;
  readonly #wanted = new Occurrence();
  #fetching = Promise.resolve();
  readonly #closed = new AbortController();

  private constructor(gui: GuiConnection, options: WindowOptions, make: (frame: WindowFrame) => Content) {
    this.gui = gui;
    this.#options = options;
    this.#title = options.title;
    this.content = make(this);
  }

  /**
   * Opens a window, and draws from then on what `make` makes for it. `ram` of the component covers its buffer: 4 bytes a
   * pixel, 6 with `alpha`.
   */
  static async open<Content extends WindowContent>(
    env: Env,
    options: WindowOptions,
    make: (frame: WindowFrame) => Content,
  ): Promise<Window<Content>> {
    const gui = await env.connect(Gui, options.label === undefined ? {} : { label: options.label });
    const window = new Window(gui, options, make);
    try {
      await window.#begin();
      return window;
    } catch (error) {
      await window.close();
      throw error;
    }
  }

  async #begin(): Promise<void> {
    this.gui.onPanoramaChange(() => {
      this.#roomChanged = true;
      this.changed();
    });
    this.gui.onRedraw(() => {
      this.#fresh = true;
      this.changed();
    });
    await this.#fit();
    const { content } = this;
    if (content.input !== undefined) this.gui.input.onEvents((events) => content.input?.(events));
    this.#run().catch((error: unknown) => {
      if (!this.#closed.signal.aborted) throw error;
    });
  }

  get area(): Area {
    return this.#rect;
  }

  get title(): string {
    return this.#title;
  }

  set title(title: string) {
    if (title === this.#title) return;
    this.#title = title;
    this.#view?.title(title).catch(() => {});
  }

  changed(): void {
    this.#wanted.happened();
  }

  /** Resolves once a display has what was drawn last. Whoever measures what it shows may rest until then. */
  fetched(): Promise<void> {
    return this.#fetching;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      const seen = this.#wanted.count;
      await this.#fit();
      this.#draw();
      this.#fetching = this.gui.sync({ signal }).catch((error: unknown) => {
        if (!(error instanceof SessionError && error.code === "Aborted")) throw error;
      });
      await this.#wanted.after(seen, signal);
      await this.#fetching;
    }
  }

  async #fit(): Promise<void> {
    if (!this.#roomChanged) return;
    this.#roomChanged = false;
    const { size: wanted, position = { x: 0, y: 0 }, alpha = false } = this.#options;
    const before = this.#room;
    const { rect: room } = await this.gui.panorama();
    this.#room = room;
    // Where somebody manages windows, what there is for this one is its own size.
    const managed = wanted === undefined || (!isEmpty(before) && sameArea(before, this.#rect));
    const width = managed ? room.width : Math.min(wanted.width, room.width);
    const height = managed ? room.height : Math.min(wanted.height, room.height);
    const rect = { x: room.x + position.x, y: room.y + position.y, width, height };
    if (isEmpty(rect) || sameRect(rect, this.#rect)) return;
    if (!sameArea(rect, this.#rect)) {
      try {
        await this.gui.makeBuffer({ width, height }, { alpha });
      } catch (error) {
        if (this.#view === undefined || !(error instanceof SessionError) || !lacks.has(error.code)) throw error;
        const message = `Cannot make the window ${width} x ${height} pixels large: ${error.message}`;
        console.error(`${message}; it stays as it is. Give this component more "ram"`);
        return;
      }
      this.#fresh = true;
    }
    this.#rect = rect;
    if (this.#view === undefined) this.#view = await this.gui.view({ rect, title: this.#title });
    else this.#view.geometry(rect);
  }

  #draw(): void {
    const { buffer } = this.gui;
    if (buffer === undefined) return;
    const canvas = new Canvas(surfaceOf(buffer));
    const fresh = this.#fresh;
    this.#fresh = false;
    const damage = this.content.draw(canvas, fresh);
    if (fresh) this.gui.refresh();
    else if (!isEmpty(damage)) this.gui.refresh(damage);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.gui.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
