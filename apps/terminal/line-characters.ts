/**
 * Lines and blocks of characters (U+2500 to U+259F), drawn by rule instead of from a font, so that they meet their
 * neighbours in cells of any size without a gap.
 */
import { type Coverage, Outline } from "../../lib/drawing/outline.js";

const firstCharacter = 0x2500;
const firstBlock = 0x2580;
const afterLast = 0x25a0;

/** Weight of each arm, clockwise from the top: 0 none, 1 light, 2 heavy, 3 double. Dots stand for what is no such cross. */
const arms = `
  0101 0202 1010 2020 .... .... .... .... .... .... .... .... 0110 0210 0120 0220
  0011 0012 0021 0022 1100 1200 2100 2200 1001 1002 2001 2002 1110 1210 2110 1120
  2120 2210 1220 2220 1011 1012 2011 1021 2021 2012 1022 2022 0111 0112 0211 0212
  0121 0122 0221 0222 1101 1102 1201 1202 2101 2102 2201 2202 1111 1112 1211 1212
  2111 1121 2121 2112 2211 1122 1221 2212 1222 2122 2221 2222 .... .... .... ....
  0303 3030 0310 0130 0330 0013 0031 0033 1300 3100 3300 1003 3001 3003 1310 3130
  3330 1013 3031 3033 0313 0131 0333 1303 3101 3303 1313 3131 3333 .... .... ....
  .... .... .... .... 0001 1000 0100 0010 0002 2000 0200 0020 0201 1020 0102 2010`
  .trim()
  .split(/\s+/);

/** Number of dashes of the dashed lines; of four, the second and fourth are heavy, the latter two vertical. */
const dashes = new Map([
  [0x2504, 3],
  [0x2508, 4],
  [0x254c, 2],
]);

/** Which quarters are filled, from U+2596 on: 1 top left, 2 top right, 4 bottom left, 8 bottom right. */
const quarters = [4, 8, 1, 13, 9, 7, 11, 2, 6, 14];

const heavy = 2;
const double = 3;

export function isLineCharacter(codePoint: number): boolean {
  return codePoint >= firstCharacter && codePoint < afterLast;
}

/** What the character covers of a cell of so many pixels. */
export function lineCharacter(codePoint: number, width: number, height: number): Coverage {
  const cell = new Cell(width, height);
  if (codePoint >= firstBlock) block(cell, codePoint - firstBlock);
  else line(cell, codePoint);
  return { x: 0, y: 0, width, height, values: cell.values };
}

class Cell {
  readonly width: number;
  readonly height: number;
  readonly values: Uint8Array;
  /** Thickness of a light line, and of a heavy one; how far the lines of a double one are from the middle. */
  readonly light: number;
  readonly heavy: number;
  readonly apart: number;
  /** Where a light line through the middle begins. */
  readonly middleX: number;
  readonly middleY: number;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.values = new Uint8Array(width * height);
    this.light = Math.max(1, Math.round(height / 16));
    this.heavy = this.light * 2 + 1;
    this.apart = this.light + 1;
    this.middleX = Math.floor((width - this.light) / 2);
    this.middleY = Math.floor((height - this.light) / 2);
  }

  fill(left: number, top: number, right: number, bottom: number, value = 255): void {
    for (let row = Math.max(0, top); row < Math.min(bottom, this.height); ++row)
      this.values.fill(
        value,
        row * this.width + Math.max(0, left),
        row * this.width + Math.max(0, Math.min(right, this.width)),
      );
  }

  draw(outline: Outline): void {
    const bounds = { x: 0, y: 0, width: this.width, height: this.height };
    const { x, y, width, height, values } = outline.coverage(bounds);
    for (let row = 0; row < height; ++row)
      this.values.set(values.subarray(row * width, (row + 1) * width), (y + row) * this.width + x);
  }
}

function line(cell: Cell, codePoint: number): void {
  const cross = arms[codePoint - firstCharacter] as string;
  if (cross !== "....") {
    const weights = [...cross].map(Number);
    for (let direction = 0; direction < 4; ++direction) arm(cell, weights, direction);
    return;
  }
  for (const [first, count] of dashes)
    if (codePoint >= first && codePoint < first + 4) return dashed(cell, count, codePoint - first);
  if (codePoint <= 0x2570) return corner(cell, codePoint - 0x256d);
  const { width, height, light } = cell;
  const outline = new Outline();
  if (codePoint !== 0x2572) outline.stroke(0, height, width, 0, light);
  if (codePoint !== 0x2571) outline.stroke(0, 0, width, height, light);
  cell.draw(outline);
}

/** An arm from the middle to an edge. Where it begins depends on what it meets there. */
function arm(cell: Cell, weights: readonly number[], direction: number): void {
  const weight = (turn: number): number => weights[(direction + turn) % 4] as number;
  const [own, clockwise, opposite, counterclockwise] = [weight(0), weight(1), weight(2), weight(3)];
  if (own === 0) return;
  const { light, apart } = cell;
  const surplus = Math.floor((cell.heavy - light) / 2);
  if (own === double) {
    for (const [side, near, far] of [
      [1, clockwise, counterclockwise],
      [-1, counterclockwise, clockwise],
    ] as const) {
      const outer = opposite === double || far !== double ? 0 : -apart;
      const begin = near === double ? apart : near > 0 ? 0 : outer;
      rail(cell, direction, side * apart, begin, light);
    }
    return;
  }
  const thickness = own === heavy ? cell.heavy : light;
  const doubles = [clockwise, counterclockwise].filter((one) => one === double).length;
  const heavies = [clockwise, counterclockwise].some((one) => one === heavy);
  let begin = heavies ? -surplus : 0;
  if (opposite === 0 && doubles > 0) begin = doubles === 2 ? apart : -apart;
  rail(cell, direction, own === heavy ? -surplus : 0, begin, thickness, true);
}

/**
 * A straight piece to the edge of a direction, `begin` pixels off the middle. It is moved sideways: clockwise of its
 * direction, or, with `fixed`, to the right or downwards.
 */
function rail(cell: Cell, direction: number, sideways: number, begin: number, thickness: number, fixed = false): void {
  const { middleX, middleY, width, height, light } = cell;
  // Clockwise of up and of right are right and down; of the other two, left and up.
  const move = fixed || direction < 2 ? sideways : -sideways;
  if (direction === 0) cell.fill(middleX + move, 0, middleX + move + thickness, middleY + light - begin);
  else if (direction === 1) cell.fill(middleX + begin, middleY + move, width, middleY + move + thickness);
  else if (direction === 2) cell.fill(middleX + move, middleY + begin, middleX + move + thickness, height);
  else cell.fill(0, middleY + move, middleX + light - begin, middleY + move + thickness);
}

function dashed(cell: Cell, count: number, kind: number): void {
  const { middleX, middleY, width, height, light } = cell;
  const thickness = kind % 2 === 1 ? cell.heavy : light;
  const off = Math.floor((thickness - light) / 2);
  const length = kind < 2 ? width : height;
  for (let dash = 0; dash < count; ++dash) {
    const from = Math.round((dash * length) / count);
    const to = Math.max(from + 1, Math.round(((dash + 0.6) * length) / count));
    if (kind < 2) cell.fill(from, middleY - off, to, middleY - off + thickness);
    else cell.fill(middleX - off, from, middleX - off + thickness, to);
  }
}

/** A round corner; of four, clockwise from the one whose arms go to the bottom and to the right. */
function corner(cell: Cell, kind: number): void {
  const { middleX, middleY, width, height, light } = cell;
  const [x, y] = [middleX + light / 2, middleY + light / 2];
  const right = kind === 0 || kind === 3 ? 1 : -1;
  const down = kind < 2 ? 1 : -1;
  const radius = Math.min(width, height) / 2;
  const [centerX, centerY] = [x + right * radius, y + down * radius];
  const outline = new Outline().stroke(x, centerY, x, down > 0 ? height : 0, light);
  outline.stroke(centerX, y, right > 0 ? width : 0, y, light);
  const steps = 8;
  const at = (step: number): [number, number] => {
    const angle = (step / steps) * (Math.PI / 2);
    return [centerX - right * radius * Math.cos(angle), centerY - down * radius * Math.sin(angle)];
  };
  for (let step = 0; step < steps; ++step) outline.stroke(...at(step), ...at(step + 1), light);
  cell.draw(outline);
}

function block(cell: Cell, index: number): void {
  const { width, height } = cell;
  const across = (eighths: number): number => Math.round((width * eighths) / 8);
  const down = (eighths: number): number => Math.round((height * eighths) / 8);
  if (index === 0) cell.fill(0, 0, width, down(4));
  else if (index <= 8) cell.fill(0, height - down(index), width, height);
  else if (index <= 15) cell.fill(0, 0, across(16 - index), height);
  else if (index === 16) cell.fill(across(4), 0, width, height);
  else if (index <= 19) cell.fill(0, 0, width, height, (index - 16) * 64);
  else if (index === 20) cell.fill(0, 0, width, down(1));
  else if (index === 21) cell.fill(width - across(1), 0, width, height);
  else {
    const filled = quarters[index - 22] as number;
    if (filled & 1) cell.fill(0, 0, across(4), down(4));
    if (filled & 2) cell.fill(across(4), 0, width, down(4));
    if (filled & 4) cell.fill(0, down(4), across(4), height);
    if (filled & 8) cell.fill(across(4), down(4), width, height);
  }
}
