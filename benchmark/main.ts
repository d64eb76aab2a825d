/**
 * `npm run benchmark -- [--only NAME[,NAME]] [--json FILE] [--markdown FILE] [--quick] [--list]`: measures every row
 * beside its peer and its limit. Without the machine to itself only the ratios mean something.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { blockRows } from "./block-rows.js";
import { componentRows } from "./component-rows.js";
import { netRows } from "./net-rows.js";
import { packetRows } from "./packet-rows.js";
import { pixelRows } from "./pixel-rows.js";
import { describeMachine, line, markdown, met, probe, type Report, type Result } from "./report.js";
import { restartRows } from "./restart-rows.js";
import type { Effort, Row } from "./row.js";
import { rpcRows } from "./rpc-rows.js";
import { screenRows } from "./screen-rows.js";

const rows: readonly Row[] = [
  ...rpcRows,
  ...packetRows,
  ...componentRows,
  ...restartRows,
  ...blockRows,
  ...netRows,
  ...pixelRows,
  ...screenRows,
];

function options() {
  try {
    return parseArgs({
      options: {
        only: { type: "string" },
        json: { type: "string" },
        markdown: { type: "string" },
        quick: { type: "boolean", default: false },
        list: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    console.error(
      `${(error as Error).message}\nUsage: npm run benchmark -- [--only NAME,...] [--quick] [--json FILE] [--markdown FILE] | --list`,
    );
    process.exit(2);
  }
}

const { values } = options();

function chosenRows(): readonly Row[] {
  if (values.only === undefined) return rows;
  return values.only.split(",").map((name) => {
    const row = rows.find((each) => each.name === name);
    if (row === undefined) {
      process.stderr.write(
        `Cannot run benchmark "${name}": the benchmarks are ${rows.map((each) => each.name).join(", ")}\n`,
      );
      process.exit(2);
    }
    return row;
  });
}

async function measure(row: Row, effort: Effort): Promise<Result> {
  const measured = await row.measure(effort);
  return {
    name: row.name,
    unit: row.unit,
    ...measured,
    ...(row.peerName === undefined ? {} : { peerName: row.peerName }),
    ...(row.limitName === undefined ? {} : { limitName: row.limitName }),
    command: `npm run benchmark -- --only ${row.name}`,
    met: met(row, measured),
  };
}

async function main(): Promise<void> {
  const chosen = chosenRows();
  if (values.list) return void process.stdout.write(chosen.map((row) => `${row.name}: ${row.title}\n`).join(""));
  const limits = fileURLToPath(new URL("../../benchmark/limit/", import.meta.url));
  execFileSync("make", ["-s", "-C", limits], { stdio: ["ignore", "inherit", "inherit"] });
  const effort: Effort = values.quick ? { rounds: 3, milliseconds: 200 } : { rounds: 7, milliseconds: 500 };
  const results: Result[] = [];
  const before = await probe();
  for (const row of chosen) {
    const obstacle = row.obstacle?.();
    if (obstacle !== undefined) {
      process.stdout.write(`left out ${row.name}: ${obstacle}\n`);
      continue;
    }
    const result = await measure(row, effort);
    results.push(result);
    process.stdout.write(`${line(row, result)}\n`);
  }
  const report: Report = { machine: describeMachine([before, await probe()]), results };
  process.stdout.write(
    `cache line between two CPUs and back: ${report.machine.cacheLineNanoseconds.join(" ns before, ")} ns after\n`,
  );
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
  if (values.markdown !== undefined) writeFileSync(values.markdown, markdown(rows, report));
}

await main();
