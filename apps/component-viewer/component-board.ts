/** The picture of the components: a row each, and arcs between those that have sessions with each other. */
import { lastElement } from "../../base/label.js";
import type { Canvas } from "../../lib/drawing/canvas.js";
import { colors, fonts } from "../../lib/drawing/look.js";
import { Outline } from "../../lib/drawing/outline.js";
import type { WindowContent } from "../../lib/drawing/window.js";
import { keyCode } from "../../lib/input/key-codes.js";
import { printable, sizeText } from "../../lib/readable.js";
import type { InputEvent } from "../../sessions/event/index.js";
import type { Rect } from "../../sessions/geometry/geometry.generated.js";
import { type Component, type Components, historyLength, type Link } from "./components.js";

const margin = 12;
const headHeight = 40;
const rowHeight = 26;
const footHeight = 58;
const graphWidth = historyLength;
const quotaWidth = 90;
const nameAt = 30;
/** What components of a nested init are moved to the right. */
const insetWidth = 14;
/** Pixels of each column with the gap behind it, from the left; in a narrow window the last of the optional ones are left out. */
const widths = { name: 160, graph: graphWidth + 10, processor: 60, memory: 80, quota: quotaWidth + 20 };
const optional = ["graph", "memory", "quota"] as const;
/** Least room for arcs. */
const leastArcs = 36;
/** Rows between which an arc reaches furthest to the right. */
const furthestRows = 14;
const arcPieces = 24;

const keys = { up: keyCode("KEY_UP"), down: keyCode("KEY_DOWN"), left: keyCode("BTN_LEFT") };

const stateColors: Readonly<Record<string, number>> = {
  alive: colors.good,
  starting: colors.warning,
  waiting: colors.warning,
  incomplete: colors.warning,
  "crash-loop": colors.bad,
};

type Column = keyof typeof widths | "arcs";

/** Where the columns begin that a window of some width has room for. */
function columnsOf(width: number): ReadonlyMap<Column, number> {
  const fits = (left: readonly string[]): boolean => {
    const used = Object.entries(widths).reduce((sum, [name, own]) => sum + (left.includes(name) ? 0 : own), 0);
    return nameAt + used + leastArcs + margin <= width;
  };
  const left: string[] = [];
  for (const name of optional.toReversed()) if (!fits(left)) left.push(name);
  const columns = new Map<Column, number>();
  let at = nameAt;
  for (const [name, own] of Object.entries(widths) as [keyof typeof widths, number][]) {
    if (left.includes(name)) continue;
    columns.set(name, at);
    at += own;
  }
  return columns.set("arcs", at);
}

export class ComponentBoard implements WindowContent {
  readonly #components: Components;
  readonly #changed: () => void;
  #selected: string | undefined;
  /** The first row that is seen. */
  #first = 0;
  #rowsSeen = 1;
  #pointerY = 0;

  constructor(components: Components, changed: () => void) {
    this.#components = components;
    this.#changed = changed;
  }

  input(events: readonly InputEvent[]): void {
    for (const event of events) this.#take(event);
  }

  #take(event: InputEvent): void {
    if (event.kind === "absolute-motion") this.#pointerY = event.y;
    else if (event.kind === "touch") this.#selectAt(event.y);
    else if (event.kind === "wheel") this.#scroll(this.#first - Math.sign(event.y) * 3);
    else if (event.kind === "press") {
      if (event.key === keys.left) this.#selectAt(this.#pointerY);
      else if (event.key === keys.up) this.#step(-1);
      else if (event.key === keys.down) this.#step(1);
    }
  }

  #scroll(first: number): void {
    this.#first = Math.max(0, Math.min(first, this.#components.all.length - this.#rowsSeen));
    this.#changed();
  }

  #selectAt(y: number): void {
    const row = Math.floor((y - headHeight) / rowHeight);
    this.#selected = row >= 0 && row < this.#rowsSeen ? this.#components.all[this.#first + row]?.name : undefined;
    this.#changed();
  }

  #step(by: number): void {
    const names = this.#components.all.map(({ name }) => name);
    const at = this.#selected === undefined ? -1 : names.indexOf(this.#selected);
    const next = Math.max(0, Math.min(names.length - 1, at + by));
    this.#selected = names[next];
    this.#scroll(Math.min(next, Math.max(this.#first, next - this.#rowsSeen + 1)));
  }

  /** The component whose sessions are shown. */
  get selected(): string | undefined {
    return this.#selected;
  }

  draw(canvas: Canvas): Rect {
    const all = this.#components.all;
    const links = this.#components.links;
    canvas.clear(canvas.bounds, colors.background);
    this.#drawHead(canvas, all, links);
    const rows = {
      x: 0,
      y: headHeight,
      width: canvas.width,
      height: Math.max(0, canvas.height - headHeight - footHeight),
    };
    this.#rowsSeen = Math.max(1, Math.floor(rows.height / rowHeight));
    this.#first = Math.max(0, Math.min(this.#first, all.length - this.#rowsSeen));
    canvas.within(rows, () => {
      all.forEach((component, index) => {
        const y = rows.y + (index - this.#first) * rowHeight;
        this.#drawRow(canvas, component, { x: 0, y, width: canvas.width, height: rowHeight }, links);
      });
      this.#drawLinks(canvas, all, links, rows);
    });
    this.#drawFoot(canvas, links);
    return canvas.bounds;
  }

  #drawHead(canvas: Canvas, all: readonly Component[], links: readonly Link[]): void {
    const box = { x: 0, y: 0, width: canvas.width, height: headHeight };
    canvas.clear(box, colors.panel);
    const inner = { ...box, x: margin, width: box.width - 2 * margin };
    canvas.label("Components", inner, fonts.bold, colors.text);
    const processor = all.reduce((sum, { rate }) => sum + rate.processor, 0);
    const memory = all.reduce((sum, { rate }) => sum + rate.memory, 0);
    const sessions = links.reduce((sum, { services }) => sum + services.length, 0);
    const alive = all.filter(({ state }) => state === "alive").length;
    const facts = `${alive} of ${all.length} alive    ${percent(processor)}    ${sizeText(memory)}    ${sessions} sessions`;
    canvas.label(facts, inner, fonts.text, colors.faint, { align: "right" });
  }

  #drawRow(canvas: Canvas, component: Component, row: Rect, links: readonly Link[]): void {
    const { name, depth, state, restarts, quota, quotaUsed, rate, history } = component;
    if (name === this.#selected) canvas.clear(row, colors.raised);
    const linked = links.some(
      ({ client, server }) =>
        (client === name && server === this.#selected) || (server === name && client === this.#selected),
    );
    const inset = depth * insetWidth;
    canvas.shape(
      new Outline().circle(margin + 5 + inset, row.y + rowHeight / 2, 4.5),
      stateColors[state] ?? colors.faint,
    );
    const columns = columnsOf(canvas.width);
    const draw = (column: keyof typeof widths, what: (cell: Rect) => void): void => {
      const x = columns.get(column);
      if (x !== undefined) what({ ...row, x, width: widths[column] - 6 });
    };
    const font = name === this.#selected || linked ? fonts.bold : fonts.text;
    const suffix = restarts > 0 ? `  ↻${restarts}` : "";
    const runs = state === "alive";
    const label = printable(lastElement(name)) + suffix;
    draw("name", (cell) =>
      canvas.label(label, { ...cell, x: cell.x + inset, width: cell.width - inset }, font, colors.text),
    );
    draw("graph", (cell) => this.#drawHistory(canvas, history, { ...cell, width: graphWidth }));
    draw("processor", (cell) =>
      canvas.label(runs ? percent(rate.processor) : state, cell, fonts.text, runs ? colors.text : colors.faint),
    );
    if (rate.memory > 0) draw("memory", (cell) => canvas.label(sizeText(rate.memory), cell, fonts.text, colors.text));
    if (quota > 0) draw("quota", (cell) => drawQuota(canvas, Math.min(1, quotaUsed / quota), cell));
  }

  #drawHistory(canvas: Canvas, history: readonly number[], cell: Rect): void {
    const height = cell.height - 8;
    const bottom = cell.y + 4 + height;
    canvas.clear({ x: cell.x, y: bottom, width: cell.width, height: 1 }, colors.border);
    history.forEach((share, index) => {
      // A root, so that the little that most use is seen beside the much that some do.
      const length = Math.round(Math.sqrt(Math.min(1, share)) * height);
      const x = cell.x + cell.width - history.length + index;
      if (length > 0) canvas.clear({ x, y: bottom - length, width: 1, height: length }, colors.good);
    });
  }

  /** From row to row, the further apart the wider; those of the selected component last and bright. */
  #drawLinks(canvas: Canvas, all: readonly Component[], links: readonly Link[], rows: Rect): void {
    const places = new Map(all.map(({ name }, index) => [name, index]));
    const left = columnsOf(canvas.width).get("arcs") as number;
    const room = Math.max(0, canvas.width - left - margin);
    const drawLink = ({ client, server, services }: Link, color: number): void => {
      const [from, to] = [places.get(client), places.get(server)];
      if (from === undefined || to === undefined) return;
      const y = (place: number): number => rows.y + (place - this.#first + 0.5) * rowHeight;
      const reach = from === to ? rowHeight / 2 : room * Math.min(1, Math.abs(to - from) / furthestRows);
      const at = (piece: number) => ({
        x: left + reach * Math.sin((piece / arcPieces) * Math.PI),
        y: y(from) + ((y(to) - y(from)) * (1 - Math.cos((piece / arcPieces) * Math.PI))) / 2,
      });
      const width = Math.min(3, 1 + services.length / 4);
      for (let piece = 0; piece < arcPieces; ++piece) canvas.line(at(piece), at(piece + 1), color, width);
      canvas.shape(new Outline().circle(left, y(to), 3), color);
    };
    const ofSelected = ({ client, server }: Link): boolean => client === this.#selected || server === this.#selected;
    for (const link of links) if (!ofSelected(link)) drawLink(link, colors.border);
    for (const link of links)
      if (ofSelected(link)) drawLink(link, link.client === this.#selected ? colors.accent : colors.good);
  }

  #drawFoot(canvas: Canvas, links: readonly Link[]): void {
    const box = { x: 0, y: canvas.height - footHeight, width: canvas.width, height: footHeight };
    canvas.clear(box, colors.panel);
    const line = (index: number): Rect => ({
      x: margin,
      y: box.y + 6 + (index * (footHeight - 12)) / 2,
      width: box.width - 2 * margin,
      height: (footHeight - 12) / 2,
    });
    const selected = this.#selected;
    if (selected === undefined) {
      canvas.label("Select a component to see whom it uses, and whom it serves.", line(0), fonts.text, colors.faint);
      return;
    }
    const list = (own: readonly Link[], side: "client" | "server", word: string): string =>
      own.length === 0
        ? "nobody"
        : own.map((link) => `${[...new Set(link.services)].join(", ")} ${word} ${printable(link[side])}`).join("   ");
    const uses = links.filter(({ client }) => client === selected);
    const serves = links.filter(({ server }) => server === selected);
    canvas.label(`uses: ${list(uses, "server", "of")}`, line(0), fonts.text, colors.accent);
    canvas.label(`serves: ${list(serves, "client", "to")}`, line(1), fonts.text, colors.good);
  }
}

function drawQuota(canvas: Canvas, share: number, cell: Rect): void {
  const bar = { x: cell.x, y: cell.y + 7, width: quotaWidth, height: rowHeight - 14 };
  canvas.roundedRectangle(bar, 3, colors.panel);
  const color = share > 0.9 ? colors.bad : share > 0.7 ? colors.warning : colors.accent;
  if (share > 0) canvas.roundedRectangle({ ...bar, width: Math.max(6, Math.round(share * quotaWidth)) }, 3, color);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.0995 ? 1 : 0)} %`;
}
