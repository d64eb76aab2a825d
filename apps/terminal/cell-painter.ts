/** Paints cells, and only those that look otherwise than before. */
import { type Canvas, coverageColors } from "../../lib/drawing/canvas.js";
import { Font } from "../../lib/drawing/font.js";
import { FontFace } from "../../lib/drawing/font-face.js";
import { outlines as mono } from "../../lib/drawing/fonts/mono.generated.js";
import { outlines as monoBold } from "../../lib/drawing/fonts/mono-bold.generated.js";
import type { Coverage } from "../../lib/drawing/outline.js";
import { bounding, intersection, nowhere } from "../../lib/rectangle.js";
import type { Rect } from "../../sessions/geometry/geometry.generated.js";
import { type Cell, type Cursor, type Emulator, flags } from "./emulator.js";
import { isLineCharacter, lineCharacter } from "./line-characters.js";
import { theme } from "./palette.js";
import type { Selection } from "./selection.js";

const faces = { plain: new FontFace(mono), bold: new FontFace(monoBold) };

/** Numbers that are kept of a painted cell: code point, colours, flags. */
const numbersOfCell = 4;
const barWidth = 2;
const space = 0x20;
/** Pairs of colours whose mixtures are kept, 1 KiB each. */
const mostTables = 256;

export class CellPainter {
  readonly cellWidth: number;
  readonly cellHeight: number;
  readonly #plain: Font;
  readonly #bold: Font;
  readonly #baseline: number;
  readonly #glyphs = new Map<number, Coverage>();
  /** Mixtures of a foreground with a background. */
  readonly #tables = new Map<number, Uint32Array>();
  /** What is on the canvas. */
  #painted = new Int32Array(0);
  #cursor: (Cursor & { readonly focused: boolean }) | undefined;

  constructor(fontSize: number) {
    this.#plain = new Font(faces.plain, fontSize);
    this.#bold = new Font(faces.bold, fontSize);
    this.cellWidth = Math.max(1, Math.round(this.#plain.advance(0x4d)));
    this.cellHeight = this.#plain.lineHeight;
    this.#baseline = this.#plain.ascent;
  }

  /** Everything is to be painted anew: the canvas is another one. */
  forget(): void {
    this.#painted = new Int32Array(0);
    this.#cursor = undefined;
  }

  /** Paints onto a canvas, from a point on; returns around what. */
  paint(canvas: Canvas, x: number, y: number, emulator: Emulator, selection: Selection, focused: boolean): Rect {
    const { columns, rows, top } = emulator;
    if (this.#painted.length !== columns * rows * numbersOfCell) {
      this.#painted = new Int32Array(columns * rows * numbersOfCell).fill(-1);
      this.#cursor = undefined;
    }
    const cursor = emulator.cursor;
    this.#liftCursor(cursor, columns, focused);
    const painted = this.#painted;
    let damage = nowhere;
    const add = (box: Rect): void => {
      damage = bounding(damage, box);
    };
    for (let row = 0; row < rows; ++row) {
      emulator.row(row, (column, cell) => {
        if (selection.holds(top + row, column)) cell.background = theme.selection;
        const at = (row * columns + column) * numbersOfCell;
        if (
          painted[at] === cell.codePoint &&
          painted[at + 1] === cell.foreground &&
          painted[at + 2] === cell.background &&
          painted[at + 3] === cell.flags
        )
          return;
        painted[at] = cell.codePoint;
        painted[at + 1] = cell.foreground;
        painted[at + 2] = cell.background;
        painted[at + 3] = cell.flags;
        if (this.#cursor?.row === row && this.#cursor.column === column) this.#cursor = undefined;
        // The character to its left covers it.
        if (cell.flags & flags.tail) return;
        add(this.#cell(canvas, x + column * this.cellWidth, y + row * this.cellHeight, cell));
      });
    }
    if (cursor !== undefined && this.#cursor === undefined) {
      add(this.#drawCursor(canvas, x, y, columns, cursor, focused));
      this.#cursor = { ...cursor, focused };
    }
    return damage;
  }

  /** Where the cursor is no more what it was, its cell is as if it had not been painted. */
  #liftCursor(now: Cursor | undefined, columns: number, focused: boolean): void {
    const was = this.#cursor;
    if (was === undefined) return;
    const stays = now?.column === was.column && now.row === was.row && now.shape === was.shape;
    if (stays && focused === was.focused) return;
    this.#painted[(was.row * columns + was.column) * numbersOfCell] = -1;
    this.#cursor = undefined;
  }

  #cell(canvas: Canvas, x: number, y: number, cell: Cell): Rect {
    const { cellWidth, cellHeight } = this;
    const box = { x, y, width: cellWidth * (cell.flags & flags.wide ? 2 : 1), height: cellHeight };
    if (cell.codePoint === space) canvas.clear(box, cell.background);
    else canvas.stamp(this.#glyph(cell), this.#colorsOf(cell), x, y);
    const { position, thickness } = this.#plain.underline;
    const bar = (top: number): void =>
      canvas.clear(
        { x, y: Math.min(top, y + cellHeight - thickness), width: box.width, height: thickness },
        cell.foreground,
      );
    if (cell.flags & flags.underline) bar(y + this.#baseline + position);
    if (cell.flags & flags.strikethrough) bar(y + Math.round(this.#baseline * 0.7));
    if (cell.flags & flags.overline) bar(y);
    return box;
  }

  #colorsOf({ foreground, background }: Cell): Uint32Array {
    const key = foreground * 2 ** 24 + background;
    let table = this.#tables.get(key);
    if (table === undefined) {
      // Programs with many colours change them often, and those of before are not needed again.
      if (this.#tables.size >= mostTables) this.#tables.clear();
      table = coverageColors(background, foreground);
      this.#tables.set(key, table);
    }
    return table;
  }

  /** What a character covers of its whole cell, and no other one. */
  #glyph({ codePoint, flags: look }: Cell): Coverage {
    const key = codePoint * 4 + (look & flags.bold ? 2 : 0) + (look & flags.wide ? 1 : 0);
    let glyph = this.#glyphs.get(key);
    if (glyph === undefined) {
      const width = this.cellWidth * (look & flags.wide ? 2 : 1);
      glyph = isLineCharacter(codePoint)
        ? lineCharacter(codePoint, width, this.cellHeight)
        : this.#placed((look & flags.bold ? this.#bold : this.#plain).glyph(codePoint), width);
      this.#glyphs.set(key, glyph);
    }
    return glyph;
  }

  #placed(glyph: Coverage, width: number): Coverage {
    const cell = { x: 0, y: 0, width, height: this.cellHeight };
    const top = glyph.y + this.#baseline;
    const common = intersection({ ...glyph, y: top }, cell);
    const values = new Uint8Array(cell.width * cell.height);
    for (let row = common.y; row < common.y + common.height; ++row) {
      const from = (row - top) * glyph.width + common.x - glyph.x;
      values.set(glyph.values.subarray(from, from + common.width), row * width + common.x);
    }
    return { ...cell, values };
  }

  #drawCursor(canvas: Canvas, x: number, y: number, columns: number, cursor: Cursor, focused: boolean): Rect {
    const { cellWidth, cellHeight } = this;
    const at = (cursor.row * columns + cursor.column) * numbersOfCell;
    const [left, top] = [x + cursor.column * cellWidth, y + cursor.row * cellHeight];
    const wide = ((this.#painted[at + 3] as number) & flags.wide) !== 0;
    const box = { x: left, y: top, width: cellWidth * (wide ? 2 : 1), height: cellHeight };
    if (!focused) canvas.frame(box, theme.cursor);
    else if (cursor.shape === "bar") canvas.clear({ ...box, width: barWidth }, theme.cursor);
    else if (cursor.shape === "underline")
      canvas.clear({ ...box, y: top + cellHeight - barWidth, height: barWidth }, theme.cursor);
    else {
      const codePoint = this.#painted[at] as number;
      const look = this.#painted[at + 3] as number;
      this.#cell(canvas, left, top, { codePoint, foreground: theme.background, background: theme.cursor, flags: look });
    }
    return box;
  }
}
