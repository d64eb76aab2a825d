/**
 * The frame of one window on the screen: a view that the application's own view lies in, a title bar, and borders.
 *
 * Two sessions, so that little memory does for any size: one has the title bar and the lower border as lines of its
 * buffer, the other the borders at the sides as a column. All views begin where the frame begins, and show their part of
 * it by their offset; so every position that is heard of counts from the frame's corner.
 */
import type { Env } from "../../base/env.js";
import { Canvas } from "../../lib/drawing/canvas.js";
import { colors, fonts } from "../../lib/drawing/look.js";
import { surfaceOf } from "../../lib/drawing/surface.js";
import { sameRect } from "../../lib/rectangle.js";
import type { InputEvent } from "../../sessions/event/index.js";
import type { Area, Rect } from "../../sessions/geometry/geometry.generated.js";
import { Gui, type GuiConnection, type GuiView } from "../../sessions/gui/index.js";
import { borderWidth, buttonsOf, titleHeight } from "./frame.js";

/** What a frame shows. */
export interface Face {
  readonly frame: Rect;
  readonly filling: boolean;
  readonly title: string;
  readonly label: string;
  readonly active: boolean;
  /** The button that the pointer is on. */
  readonly hovered: "close" | "maximise" | undefined;
}

const nowhere: Rect = { x: 0, y: 0, width: 0, height: 0 };
const barLines = titleHeight + borderWidth;
/** Buffers grow by so many pixels at once: a window that is resized asks for a new one seldom. */
const step = 128;

function grown(length: number): number {
  return Math.ceil(length / step) * step;
}

export class Decoration {
  readonly #bars: GuiConnection;
  readonly #sides: GuiConnection;
  readonly #frame: GuiView;
  readonly #bottom: GuiView;
  readonly #left: GuiView;
  readonly #right: GuiView;
  /** What names the frame to the session of the application. */
  readonly token: Uint8Array;
  #shown: Face | undefined;
  /** What is to be shown next; "hidden": nothing; undefined: what is shown. */
  #next: Face | "hidden" | undefined;
  #showing = false;

  private constructor(
    bars: GuiConnection,
    sides: GuiConnection,
    views: { readonly frame: GuiView; readonly bottom: GuiView; readonly left: GuiView; readonly right: GuiView },
    token: Uint8Array,
  ) {
    this.#bars = bars;
    this.#sides = sides;
    this.#frame = views.frame;
    this.#bottom = views.bottom;
    this.#left = views.left;
    this.#right = views.right;
    this.token = token;
  }

  /** Makes a frame that is not seen yet. `input` gets what happens on it, in pixels from its corner. */
  static async open(env: Env, label: string, input: (events: readonly InputEvent[]) => void): Promise<Decoration> {
    const bars = await env.connect(Gui, { label });
    let sides: GuiConnection | undefined;
    try {
      sides = await env.connect(Gui, { label });
      const frame = await bars.view({ rect: nowhere });
      const bottom = await bars.view({ rect: nowhere, parent: frame });
      const token = await frame.token();
      const within = await sides.associate(token);
      const left = await sides.view({ rect: nowhere, parent: within });
      const right = await sides.view({ rect: nowhere, parent: within });
      bars.input.onEvents(input);
      sides.input.onEvents(input);
      return new Decoration(bars, sides, { frame, bottom, left, right }, token);
    } catch (error) {
      await Promise.all([bars.close(), sides?.close()]);
      throw error;
    }
  }

  /** Shows the frame so, as soon as what is under way is done; undefined: not at all. Of several, the last counts. */
  show(face: Face | undefined): void {
    this.#next = face ?? "hidden";
    if (!this.#showing) void this.#run();
  }

  async #run(): Promise<void> {
    this.#showing = true;
    try {
      for (let face = this.#next; face !== undefined; face = this.#next) {
        this.#next = undefined;
        await this.#show(face === "hidden" ? undefined : face);
      }
    } catch {
      // Its sessions are closed, with the window; or the GUI server is gone, and then so is the window.
    } finally {
      this.#showing = false;
    }
  }

  async #show(face: Face | undefined): Promise<void> {
    const before = this.#shown;
    this.#shown = face;
    if (face === undefined) return this.#frame.geometry(nowhere);
    const { frame, filling } = face;
    const whole: Rect = { x: 0, y: 0, width: frame.width, height: frame.height };
    const sameSize =
      before !== undefined &&
      before.filling === filling &&
      before.frame.width === frame.width &&
      before.frame.height === frame.height;
    if (!sameSize) {
      const at = (x: number, y: number, view: GuiView): void => {
        view.geometry(filling ? nowhere : whole);
        view.offset({ x, y });
      };
      await this.#paint(face);
      at(0, frame.height - barLines, this.#bottom);
      at(0, titleHeight, this.#left);
      at(frame.width - borderWidth, titleHeight, this.#right);
    } else if (!sameFace(before, face)) await this.#paint(face);
    if (before === undefined || !sameRect(before.frame, frame)) this.#frame.geometry(frame);
  }

  /** Has buffers large enough, and draws into them. */
  async #paint(face: Face): Promise<void> {
    const { width, height } = face.frame;
    const border = face.active ? colors.accent : colors.border;
    await buffered(this.#bars, { width, height: barLines }, (area) => ({ width: grown(area.width), height: barLines }));
    await buffered(this.#sides, { width: borderWidth, height }, (area) => ({
      width: borderWidth,
      height: grown(area.height),
    }));
    const { buffer: bars } = this.#bars;
    if (bars !== undefined) drawBars(new Canvas(surfaceOf(bars)), face, border);
    this.#bars.refresh();
    this.#sides.buffer?.pixels.fill(border);
    this.#sides.refresh();
  }

  /** In front of all other windows. */
  front(): void {
    this.#frame.front();
  }

  async close(): Promise<void> {
    await Promise.all([this.#bars.close(), this.#sides.close()]);
  }
}

function sameFace(a: Face, b: Face): boolean {
  return a.title === b.title && a.label === b.label && a.active === b.active && a.hovered === b.hovered;
}

async function buffered(gui: GuiConnection, needed: Area, larger: (needed: Area) => Area): Promise<void> {
  const { area } = gui.buffer ?? {};
  if (area === undefined || area.width < needed.width || area.height < needed.height)
    await gui.makeBuffer(larger(needed));
}

function drawBars(canvas: Canvas, face: Face, border: number): void {
  const { frame, title, label, active, filling, hovered } = face;
  canvas.clear(canvas.bounds, active ? colors.raised : colors.panel);
  const { close, maximise } = buttonsOf(frame, filling);
  for (const [name, box] of [
    ["close", close],
    ["maximise", maximise],
  ] as const)
    if (hovered === name) canvas.clear(box, name === "close" ? colors.bad : colors.border);
  const ink = active ? colors.text : colors.faint;
  const within = 6;
  const [left, top] = [close.x + within, close.y + within];
  const [right, bottom] = [close.x + close.width - within, close.y + close.height - within];
  canvas.line({ x: left, y: top }, { x: right, y: bottom }, ink, 1.6);
  canvas.line({ x: left, y: bottom }, { x: right, y: top }, ink, 1.6);
  canvas.frame(
    {
      x: maximise.x + within,
      y: maximise.y + within,
      width: maximise.width - 2 * within,
      height: maximise.height - 2 * within,
    },
    ink,
  );
  const text: Rect = { x: 10, y: 0, width: Math.max(0, maximise.x - 20), height: titleHeight };
  const shownTitle = fonts.bold.fit(title, text.width);
  canvas.label(shownTitle, text, fonts.bold, ink);
  // Whose window it is, which no title can say in its place.
  const after = shownTitle === "" ? 0 : Math.ceil(fonts.bold.measure(shownTitle)) + 12;
  if (after < text.width)
    canvas.label(label, { ...text, x: text.x + after, width: text.width - after }, fonts.small, colors.faint);
  if (filling) return;
  canvas.frame({ x: 0, y: 0, width: frame.width, height: titleHeight + 1 }, border);
  canvas.clear({ x: 0, y: titleHeight, width: canvas.width, height: borderWidth }, border);
}
