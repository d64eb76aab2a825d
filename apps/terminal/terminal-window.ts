/** The terminal's window: paints what the emulator has, and hands on what is typed. */
import { monotonic } from "../../base/monotonic.js";
import type { Canvas } from "../../lib/drawing/canvas.js";
import type { WindowContent, WindowFrame } from "../../lib/drawing/window.js";
import { keyCode } from "../../lib/input/key-codes.js";
import { intersection } from "../../lib/rectangle.js";
import type { InputEvent } from "../../sessions/event/index.js";
import type { Area, Point, Rect } from "../../sessions/geometry/geometry.generated.js";
import { CellPainter } from "./cell-painter.js";
import type { Clipboard } from "./clipboard.js";
import type { TerminalConfig } from "./config.js";
import { Emulator } from "./emulator.js";
import { KeyRepeat } from "./key-repeat.js";
import { Keyboard } from "./keyboard.js";
import { Line } from "./line.js";
import { theme } from "./palette.js";
import { type Place, Selection } from "./selection.js";

/** Pixels around the cells. */
const margin = 4;
const linesOfNotch = 3;
/** Two clicks that are no further apart take a word. */
const doubleClickMilliseconds = 400;

const buttons = { left: keyCode("BTN_LEFT"), middle: keyCode("BTN_MIDDLE") };

export class TerminalWindow implements WindowContent {
  readonly emulator: Emulator;
  readonly line: Line;
  readonly #clipboard: Clipboard;
  readonly #frame: WindowFrame;
  readonly #keyboard = new Keyboard();
  readonly #repeat = new KeyRepeat((text) => this.#type(text));
  readonly #selection: Selection;
  #painter: CellPainter;
  /** The canvas has nothing of this painter's. */
  #unpainted = true;
  #focused = false;
  #pointer: Point = { x: 0, y: 0 };
  #selecting = false;
  #clicked = Number.NEGATIVE_INFINITY;
  /** Parts of lines that a wheel or a finger has turned, and that have not moved anything. */
  #turned = 0;
  #touchY: number | undefined;

  constructor(config: TerminalConfig, clipboard: Clipboard, frame: WindowFrame) {
    this.#clipboard = clipboard;
    this.#frame = frame;
    this.#painter = new CellPainter(config.fontSize);
    this.emulator = new Emulator(config.columns, config.lines, config.scrollback, {
      changed: () => {
        this.#selection.check();
        frame.changed();
      },
      reply: (text) => this.line.send(text),
      titled: (title) => {
        frame.title = title === "" ? config.title : title;
      },
    });
    this.#selection = new Selection(this.emulator);
    this.line = new Line(this.emulator);
  }

  /** Pixels for as many cells as a configuration says. */
  static size({ columns, lines, fontSize }: TerminalConfig): Area {
    const { cellWidth, cellHeight } = new CellPainter(fontSize);
    return { width: columns * cellWidth + 2 * margin, height: lines * cellHeight + 2 * margin };
  }

  set fontSize(size: number) {
    this.#painter = new CellPainter(size);
    this.#unpainted = true;
    this.#frame.changed();
  }

  draw(canvas: Canvas, fresh: boolean): Rect {
    const whole = fresh || this.#unpainted;
    if (whole) {
      this.#unpainted = false;
      this.#painter.forget();
      canvas.clear(canvas.bounds, theme.background);
      this.#takeSize(canvas.surface);
    }
    const painted = this.#painter.paint(canvas, margin, margin, this.emulator, this.#selection, this.#focused);
    // A window may be smaller than the smallest terminal.
    return whole ? canvas.bounds : intersection(painted, canvas.bounds);
  }

  #takeSize({ width, height }: Area): void {
    const { cellWidth, cellHeight } = this.#painter;
    // The emulator knows no smaller terminal.
    const columns = Math.max(2, Math.floor((width - 2 * margin) / cellWidth));
    const rows = Math.max(1, Math.floor((height - 2 * margin) / cellHeight));
    if (columns === this.emulator.columns && rows === this.emulator.rows) return;
    this.#selection.clear();
    this.emulator.resize(columns, rows);
    this.line.resized();
  }

  input(events: readonly InputEvent[]): void {
    for (const event of events) this.#take(event);
  }

  #take(event: InputEvent): void {
    switch (event.kind) {
      case "focus-enter":
      case "focus-leave":
        this.#focused = event.kind === "focus-enter";
        if (this.emulator.modes.focusReports) this.line.send(this.#focused ? "\u001b[I" : "\u001b[O");
        this.#frame.changed();
        break;
      case "absolute-motion":
        this.#pointer = { x: event.x, y: event.y };
        if (this.#selecting) this.#select(() => this.#selection.extend(this.#boundary()));
        break;
      case "wheel":
        this.#scroll(-event.y * linesOfNotch);
        break;
      case "touch":
        if (this.#touchY !== undefined) this.#scroll((this.#touchY - event.y) / this.#painter.cellHeight);
        this.#touchY = event.y;
        break;
      case "touch-release":
        this.#touchY = undefined;
        break;
      case "release":
        if (event.key === buttons.left) this.#selecting = false;
        break;
    }
    if (event.kind === "press" && this.#pressed(event.key)) return;
    if (event.kind === "press" && this.#command(event)) return;
    const sent = this.#keyboard.handle(event, this.emulator.modes);
    this.#repeat.handle(event, sent);
    if (sent !== "") this.#type(sent);
  }

  /** Whether it was a button of the pointer. */
  #pressed(key: number): boolean {
    if (key === buttons.middle) this.#paste();
    else if (key === buttons.left) {
      const now = monotonic();
      const twice = now - this.#clicked < doubleClickMilliseconds;
      this.#clicked = twice ? Number.NEGATIVE_INFINITY : now;
      this.#selecting = !twice;
      this.#select(() => (twice ? this.#selection.word(this.#cell()) : this.#selection.begin(this.#boundary())));
    } else return false;
    return true;
  }

  /** Whether it was a key for the terminal itself. */
  #command({ key }: { readonly key: number }): boolean {
    if (!this.#keyboard.held("shift")) return false;
    const control = this.#keyboard.held("control");
    if (control && key === keyCode("KEY_C")) {
      if (this.#selection.text !== "") this.#clipboard.copy(this.#selection.text);
    } else if ((control && key === keyCode("KEY_V")) || key === keyCode("KEY_INSERT")) this.#paste();
    else if (key === keyCode("KEY_PAGEUP")) this.#move(1 - this.emulator.rows);
    else if (key === keyCode("KEY_PAGEDOWN")) this.#move(this.emulator.rows - 1);
    else return false;
    return true;
  }

  #type(text: string): void {
    this.#selection.clear();
    this.emulator.scrollToBottom();
    this.line.send(text);
    this.#frame.changed();
  }

  #paste(): void {
    const paste = async (): Promise<void> => {
      const content = await this.#clipboard.content();
      if (content === "") return;
      // What is pasted ends no line by an escape sequence, and cannot pretend that it ended.
      const text = content.replaceAll("\u001b", "").replaceAll(/\r?\n/g, "\r");
      this.#type(this.emulator.modes.bracketedPaste ? `\u001b[200~${text}\u001b[201~` : text);
    };
    void paste();
  }

  #select(change: () => void): void {
    change();
    this.#frame.changed();
  }

  /** By lines, downwards when positive, and not always whole. A program with a screen of its own gets arrows. */
  #scroll(lines: number): void {
    this.#turned += lines;
    const whole = Math.trunc(this.#turned);
    if (whole === 0) return;
    this.#turned -= whole;
    if (!this.emulator.alternate) return this.#move(whole);
    const arrow = `\u001b${this.emulator.modes.applicationCursor ? "O" : "["}${whole < 0 ? "A" : "B"}`;
    this.line.send(arrow.repeat(Math.min(Math.abs(whole), this.emulator.rows)));
  }

  #move(lines: number): void {
    if (this.emulator.scroll(lines)) this.#frame.changed();
  }

  /** Where the pointer is, in cells, not whole. */
  #inCells(): Point {
    return {
      x: Math.max(0, (this.#pointer.x - margin) / this.#painter.cellWidth),
      y: Math.min(this.emulator.rows - 1, Math.max(0, (this.#pointer.y - margin) / this.#painter.cellHeight)),
    };
  }

  #cell(): Place {
    const { x, y } = this.#inCells();
    return { line: this.emulator.top + Math.floor(y), column: Math.floor(x) };
  }

  /** The boundary between two characters that is nearest to the pointer. */
  #boundary(): Place {
    const { x, y } = this.#inCells();
    return { line: this.emulator.top + Math.floor(y), column: Math.min(this.emulator.columns, Math.round(x)) };
  }
}
