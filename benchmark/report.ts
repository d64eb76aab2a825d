/** The outcome of a run: JSON for machines, docs/performance.md for people. */
import { cpus, release, totalmem } from "node:os";
import { limit } from "./processes.js";
import type { Figures, Measured, Row } from "./row.js";

export interface Result extends Measured {
  readonly name: string;
  readonly unit: string;
  readonly peerName?: string;
  readonly limitName?: string;
  /** Repeats this row alone. */
  readonly command: string;
  /** Whether the goal was reached. */
  readonly met: boolean;
}

export interface Report {
  readonly machine: {
    readonly processor: string;
    readonly processors: number;
    readonly memoryBytes: number;
    readonly kernel: string;
    readonly node: string;
    readonly date: string;
    /** A cache line from one CPU to another and back, before and after the run: what passes between CPUs scales with it. */
    readonly cacheLineNanoseconds: readonly [number, number];
  };
  readonly results: readonly Result[];
}

export async function probe(): Promise<number> {
  return (await limit("probe", [])).roundTripNanoseconds ?? Number.NaN;
}

export function describeMachine(cacheLineNanoseconds: [number, number]): Report["machine"] {
  return {
    processor: cpus()[0]?.model.trim() ?? "unknown",
    processors: cpus().length,
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    cacheLineNanoseconds,
  };
}

/** Whether the figures reach the row's goal. */
export function met(row: Row, figures: Figures): boolean {
  const reached = (bound: number): boolean => (row.better === "lower" ? figures.ours <= bound : figures.ours >= bound);
  const { ofLimit, ofPeer, figure } = row.goal;
  return (
    (ofLimit === undefined || reached(ofLimit * (figures.limit ?? Number.NaN))) &&
    (ofPeer === undefined || reached(ofPeer * (figures.peer ?? Number.NaN))) &&
    (figure === undefined || reached(figure))
  );
}

function short(value: number): string {
  if (value === 0) return "0";
  return Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

/** How much better than `other`, or how much worse, in words. */
function times(row: Row, ours: number, other: number): string {
  const ratio = row.better === "lower" ? ours / other : other / ours;
  return ratio <= 1 ? `${short(1 / ratio)} times better` : `${short(ratio)} times worse`;
}

function percent(ours: number, other: number): string {
  return `${short((ours / other) * 100)} %`;
}

/** What the row asks for, in words. */
export function goalInWords(row: Row): string {
  const parts: string[] = [];
  const { ofLimit, ofPeer, figure } = row.goal;
  if (ofLimit !== undefined)
    parts.push(
      row.better === "lower" ? `within ${short(ofLimit)} times the limit` : `${percent(ofLimit, 1)} of the limit`,
    );
  if (ofPeer !== undefined) {
    const better = row.better === "lower" ? 1 / ofPeer : ofPeer;
    parts.push(
      better >= 1 ? `${short(better)} times better than the peer` : `within ${short(1 / better)} times the peer`,
    );
  }
  if (figure !== undefined)
    parts.push(`${row.better === "lower" ? "at most" : "at least"} ${short(figure)} ${row.unit}`);
  return parts.join(", ");
}

/** One line for the terminal. */
export function line(row: Row, result: Result): string {
  const parts = [`${short(result.ours)} ${row.unit}`];
  if (result.peer !== undefined) parts.push(`peer ${short(result.peer)} (${times(row, result.ours, result.peer)})`);
  if (result.limit !== undefined)
    parts.push(
      `limit ${short(result.limit)} (${row.better === "lower" ? `${short(result.ours / result.limit)} times` : percent(result.ours, result.limit)})`,
    );
  if (result.unpinned !== undefined)
    parts.push(
      `unpinned ${[result.unpinned.ours, result.unpinned.peer, result.unpinned.limit].map((value) => (value === undefined ? "-" : short(value))).join("/")}`,
    );
  for (const [name, value] of Object.entries(result.beside ?? {})) parts.push(`${name} ${short(value)}`);
  return `${result.met ? "met   " : "missed"} ${row.name.padEnd(20)} ${parts.join("; ")}`;
}

/** docs/performance.md. */
export function markdown(rows: readonly Row[], report: Report): string {
  const { machine } = report;
  const lines = [
    "# Performance",
    "",
    "Printed by `npm run benchmark -- --markdown docs/performance.md`; each row's command repeats that row alone.",
    "",
    `Machine: ${machine.processors} CPUs (${machine.processor}), ${short(machine.memoryBytes / 2 ** 30)} GiB, Linux ${machine.kernel}, Node ${machine.node}, ${machine.date}. A cache line took ${machine.cacheLineNanoseconds.map(short).join(" ns before the run and ")} ns after it from one CPU to the other and back. Whatever passes between CPUs scales with that figure, and on a virtual machine it moves: compare ratios, not figures of different days.`,
    "",
    "Each figure is the median of several rounds in which ours, the peer and the limit took turns. They are placed alike: two processes on CPUs 0 and 1 unless the row says otherwise. The limit is a small C program of its own (benchmark/limit/) or fio; it shares no code with ours.",
    "",
    "| | ours | peer | limit | goal | |",
    "|---|---|---|---|---|---|",
  ];
  const rowOf = new Map(rows.map((row) => [row.name, row]));
  for (const result of report.results) {
    const row = rowOf.get(result.name);
    if (row === undefined) continue;
    const peer = result.peer === undefined ? "" : `${short(result.peer)}: ${times(row, result.ours, result.peer)}`;
    const limitText =
      result.limit === undefined
        ? ""
        : `${short(result.limit)}: ${row.better === "lower" ? `${short(result.ours / result.limit)} times` : percent(result.ours, result.limit)}`;
    lines.push(
      `| [${row.name}](#${row.name}) | ${short(result.ours)} ${row.unit} | ${peer} | ${limitText} | ${goalInWords(row)} | ${result.met ? "met" : "**missed**"} |`,
    );
  }
  for (const result of report.results) {
    const row = rowOf.get(result.name);
    if (row === undefined) continue;
    lines.push(
      "",
      `## ${row.name}`,
      "",
      `${row.title[0]?.toUpperCase()}${row.title.slice(1)}, in ${row.unit}; ${row.better} is better.`,
      "",
    );
    lines.push(`- ours: ${short(result.ours)}`);
    if (result.peer !== undefined) lines.push(`- peer, ${row.peerName}: ${short(result.peer)}`);
    if (result.limit !== undefined) lines.push(`- limit, ${row.limitName}: ${short(result.limit)}`);
    if (result.unpinned !== undefined) {
      const { ours, peer, limit: bound } = result.unpinned;
      lines.push(
        `- left to the scheduler: ours ${short(ours)}${peer === undefined ? "" : `, peer ${short(peer)}`}${bound === undefined ? "" : `, limit ${short(bound)}`}`,
      );
    }
    for (const [name, value] of Object.entries(result.beside ?? {})) lines.push(`- ${name}: ${short(value)}`);
    lines.push("", "```", result.command, "```");
  }
  return `${lines.join("\n")}\n`;
}
