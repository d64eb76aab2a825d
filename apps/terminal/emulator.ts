/** The state of the terminal: what its program wrote, as rows of cells. Escape sequences are the package's matter. */
import xterm from "@xterm/headless";
import { type Color, mix } from "../../lib/drawing/surface.js";
import { paletteColor, theme } from "./palette.js";

/** How a cell looks. A wide one covers the next, which is its tail. */
export const flags = { bold: 1, underline: 2, strikethrough: 4, overline: 8, wide: 16, tail: 32 } as const;

/** One cell as it is to be painted. */
export interface Cell {
  codePoint: number;
  foreground: Color;
  background: Color;
  flags: number;
}

export type CursorShape = "block" | "underline" | "bar";

export interface Cursor {
  readonly column: number;
  /** In the visible part. */
  readonly row: number;
  readonly shape: CursorShape;
}

/** What a program gets told, and what it tells. */
export interface EmulatorListener {
  /** Something that is visible may have changed. */
  changed(): void;
  /** An answer to the program. */
  reply(text: string): void;
  titled(title: string): void;
}

const cursorMode = 25;
const space = 0x20;

export class Emulator {
  readonly #terminal: InstanceType<typeof xterm.Terminal>;
  #cursorShown = true;
  #cursorShape: CursorShape = "block";

  constructor(columns: number, rows: number, scrollback: number, listener: EmulatorListener) {
    const terminal = new xterm.Terminal({ cols: columns, rows, scrollback, allowProposedApi: true, logLevel: "off" });
    this.#terminal = terminal;
    terminal.onWriteParsed(() => listener.changed());
    terminal.onData((text) => listener.reply(text));
    terminal.onTitleChange((title) => listener.titled(title));
    // The package keeps to itself whether the cursor is shown, and in what shape: each handler looks on, and leaves the
    // sequence to it.
    const shows = (shown: boolean) => (parameters: readonly (number | readonly number[])[]) => {
      if (parameters.includes(cursorMode)) this.#cursorShown = shown;
      return false;
    };
    terminal.parser.registerCsiHandler({ prefix: "?", final: "h" }, shows(true));
    terminal.parser.registerCsiHandler({ prefix: "?", final: "l" }, shows(false));
    terminal.parser.registerCsiHandler({ intermediates: " ", final: "q" }, ([parameter]) => {
      const style = Number(parameter ?? 0);
      this.#cursorShape = style >= 5 ? "bar" : style >= 3 ? "underline" : "block";
      return false;
    });
    terminal.parser.registerEscHandler({ final: "c" }, () => {
      this.#cursorShown = true;
      this.#cursorShape = "block";
      return false;
    });
  }

  get columns(): number {
    return this.#terminal.cols;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  get modes(): {
    readonly applicationCursor: boolean;
    readonly bracketedPaste: boolean;
    readonly focusReports: boolean;
  } {
    const { applicationCursorKeysMode, bracketedPasteMode, sendFocusMode } = this.#terminal.modes;
    return {
      applicationCursor: applicationCursorKeysMode,
      bracketedPaste: bracketedPasteMode,
      focusReports: sendFocusMode,
    };
  }

  /** Whether the program shows a screen of its own, which has no scrollback. */
  get alternate(): boolean {
    return this.#terminal.buffer.active.type === "alternate";
  }

  /** The line at the top, of all that are kept. */
  get top(): number {
    return this.#terminal.buffer.active.viewportY;
  }

  /** Takes bytes; `done` is called once they are interpreted. */
  write(bytes: Uint8Array, done: () => void): void {
    this.#terminal.write(bytes, done);
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
  }

  /** Lines to scroll by, downwards when positive. Returns whether that moved anything. */
  scroll(lines: number): boolean {
    const before = this.top;
    this.#terminal.scrollLines(lines);
    return this.top !== before;
  }

  scrollToBottom(): void {
    this.#terminal.scrollToBottom();
  }

  /** Undefined where it is hidden or scrolled away. */
  get cursor(): Cursor | undefined {
    const { baseY, cursorX, cursorY, viewportY } = this.#terminal.buffer.active;
    const row = baseY + cursorY - viewportY;
    if (!this.#cursorShown || row >= this.rows) return undefined;
    return { column: Math.min(cursorX, this.columns - 1), row, shape: this.#cursorShape };
  }

  /** Calls `use` with each column of a visible row; the cell is the same object each time. */
  row(row: number, use: (column: number, cell: Cell) => void): void {
    const buffer = this.#terminal.buffer.active;
    const line = buffer.getLine(buffer.viewportY + row);
    const source = buffer.getNullCell();
    const cell: Cell = { codePoint: space, foreground: theme.foreground, background: theme.background, flags: 0 };
    for (let column = 0; column < this.columns; ++column) {
      const found = line?.getCell(column, source);
      if (found === undefined) {
        cell.codePoint = space;
        cell.foreground = theme.foreground;
        cell.background = theme.background;
        cell.flags = 0;
      } else look(found, cell);
      use(column, cell);
    }
  }

  /** The text of a line, of all that are kept, between two columns, and whether it goes on in the next one. */
  text(line: number, from = 0, to = this.columns): { readonly text: string; readonly wrapped: boolean } {
    const { active } = this.#terminal.buffer;
    const wrapped = active.getLine(line + 1)?.isWrapped === true;
    return { text: active.getLine(line)?.translateToString(!wrapped, from, to) ?? "", wrapped };
  }

  dispose(): void {
    this.#terminal.dispose();
  }
}

type SourceCell = NonNullable<ReturnType<InstanceType<typeof xterm.Terminal>["buffer"]["active"]["getNullCell"]>>;

/** Fills `cell` with how a cell of the package looks. */
function look(source: SourceCell, cell: Cell): void {
  // Of several characters that make one, the first is the one that others are put onto.
  cell.codePoint = source.isInvisible() ? space : (source.getChars().codePointAt(0) ?? space);
  const bold = source.isBold() !== 0;
  let foreground: Color = theme.foreground;
  if (source.isFgRGB()) foreground = source.getFgColor();
  else if (source.isFgPalette()) {
    const index = source.getFgColor();
    foreground = paletteColor(bold && index < 8 ? index + 8 : index);
  }
  let background: Color = theme.background;
  if (source.isBgRGB()) background = source.getBgColor();
  else if (source.isBgPalette()) background = paletteColor(source.getBgColor());
  if (source.isInverse()) [foreground, background] = [background, foreground];
  if (source.isDim()) foreground = mix(background, foreground, 150);
  cell.foreground = foreground;
  cell.background = background;
  cell.flags =
    (bold ? flags.bold : 0) |
    (source.isUnderline() ? flags.underline : 0) |
    (source.isStrikethrough() ? flags.strikethrough : 0) |
    (source.isOverline() ? flags.overline : 0) |
    (source.getWidth() === 2 ? flags.wide : 0) |
    (source.getWidth() === 0 ? flags.tail : 0);
}
