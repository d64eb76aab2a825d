// exclusive
// timeout: 300s
/**
 * Every component of the default system but the root dies again and again, in random order and at random moments, under
 * block and terminal load. Nothing that was acknowledged is lost, and the host and the ledger are as they were before.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parse } from "jsonc-parser";
import * as assert from "uvu/assert";
import { packageRoot } from "../../bindings/prebuilt.js";
import { versionOf } from "../support/block-version.js";
import { follow, recordBytes } from "../support/numbered-records.js";
import { suite } from "../support/suite.js";
import { FarEnd } from "./far-end.js";
import { type BlockSummary, FaultSystem, percentile, rounds, type StartDocument } from "./fault-system.js";

const test = suite("deaths of all components");

const blocks = 256;
/** Where the load's blocks begin: behind those of the others. */
const ownBlocks = 20_000;
const piece = 4096;
const silence = 300;

/** The default system, with two loads that live, and one more of each kind that dies like everything else. */
function systemUnderLoad(): { start: Record<string, StartDocument>; rest: Record<string, unknown> } {
  const text = readFileSync(join(packageRoot(), "systems/default.jsonc"), "utf8");
  const {
    start: all,
    $schema: _,
    ...rest
  } = parse(text) as { $schema: string } & {
    start: Record<string, StartDocument>;
  };
  // Those that wait for a screen are not killed where there is none; and the screen of a developer is left alone.
  const start = Object.fromEntries(Object.entries(all).filter(([, { enabled = true }]) => enabled === true));
  const lines = (names: readonly string[]): object =>
    Object.fromEntries(names.map((name) => [name, { pty: true, link: `run/${name}` }]));
  const uart = start["uart"] as { grants: object; config: { policies: object[] } };
  const block = start["block"] as { config: { policies: object[] } };
  const policies = ["talk", "echo"].flatMap((line) => [
    { label: `typist -> ${line}`, line },
    { label: `other-typist -> ${line}`, line: `other-${line}` },
  ]);
  const route = { ROM: "parent", LOG: "log | parent", Timer: "timer", Block: "block", Terminal: "uart" };
  const load = (first: number): StartDocument => ({
    binary: "test/block-load",
    ram: "8M",
    caps: 100,
    route,
    config: { first, blocks, workers: 4 },
  });
  const typist: StartDocument = { binary: "test/terminal-load", ram: "8M", caps: 100, route, config: {} };
  const loaded = {
    ...start,
    // A TAP would be seen by the whole machine.
    nic: { ...start["nic"], grants: { net: { pair: true } } },
    uart: {
      ...uart,
      caps: 200,
      ram: "8M",
      grants: { ...uart.grants, ...lines(["talk", "echo", "other-talk", "other-echo"]) },
      config: { policies: [...uart.config.policies, ...policies] },
    },
    block: {
      ...block,
      caps: 200,
      ram: "8M",
      config: {
        policies: [
          ...block.config.policies,
          { labelPrefix: "load", writeable: true },
          { labelPrefix: "other-load", writeable: true },
        ],
      },
    },
    load: load(ownBlocks),
    "other-load": load(ownBlocks + blocks),
    typist,
    "other-typist": typist,
  };
  return { start: loaded, rest };
}

test("no death loses, repeats, leaks or unbalances anything", { timeout: 280_000 }, async (context) => {
  const document = systemUnderLoad();
  const faults = context.use(new FaultSystem(document.start, document.rest));
  await faults.start();
  const talk = context.use(new FarEnd(join(faults.folder, "run/talk"), false));
  const echo = context.use(new FarEnd(join(faults.folder, "run/echo"), true));
  const { blockSize } = await faults.printed<{ blockSize: number }>("load", "blockSize");
  const victims = Object.keys(document.start).filter((name) => name !== "load" && name !== "typist");
  await delay(300);
  const before = faults.holdings();

  const times = new Map<string, number[]>(victims.map((name) => [name, []]));
  const order = victims.flatMap((name) => new Array<string>(rounds).fill(name)).sort(() => Math.random() - 0.5);
  // It comes last: without a browser, it makes the buffer for its picture at its start, and after the end of a GUI server
  // when somebody looks.
  order.push(...order.splice(order.indexOf("web-console"), 1));
  for (const [index, name] of order.entries()) {
    await delay(Math.random() * 10);
    // Every other death meets a system that has not recovered from the one before.
    if (index % 2 === 0) times.get(name)?.push(await faults.killUntilServed(name));
    else await faults.until(`"${name}" is killed`, () => faults.kill(name));
    assert.equal(faults.ledgerErrors(), []);
  }
  await faults.until("all components run", () => Object.keys(document.start).every((name) => faults.announced(name)));

  const after = await faults.settledHoldings(before);
  assert.equal(after, before, "what the system holds");
  assert.equal(faults.ledgerErrors(), []);
  for (const name of victims) {
    assert.is(faults.kills.get(name), rounds, `deaths of ${name}`);
    assert.is(faults.restarts(name), rounds, `restarts of ${name}`);
  }
  assert.is(faults.restarts("load") + faults.restarts("typist"), 0, "nobody died with others");

  echo.writing = false;
  await faults.configure("load", { stop: true });
  await faults.configure("typist", { stop: true });
  const summary = await faults.printed<BlockSummary>("load", "done");
  assert.equal(summary.wrong, [], "blocks as the load read them");
  assert.equal(summary.errors, {}, "errors that the load saw");
  const acknowledged = faults
    .allPrinted<{ versions: number[] }>("load", "versions")
    .flatMap(({ versions }) => versions);
  const image = readFileSync(join(faults.folder, "run/disk.img"));
  const written = acknowledged.map((_, index) =>
    versionOf(image.subarray((ownBlocks + index) * blockSize, (ownBlocks + index + 1) * blockSize), ownBlocks + index),
  );
  assert.equal(written, acknowledged, "the image holds what was acknowledged last");

  const typed = await faults.printed<{ acknowledged: number; errors: string[] }>("typist", "done");
  assert.equal(typed.errors, []);
  await faults.until(
    "the lines are silent",
    () => performance.now() - Math.max(talk.lastReceived, echo.lastReceived) > silence,
  );
  const said = follow(talk.received);
  assert.is(said.reached, typed.acknowledged * recordBytes, "all that was acknowledged arrived");
  assert.equal(
    said.breaks.filter(({ bytes }) => bytes > 0 || bytes < -piece),
    [],
    "nothing is missing, and at most a piece is repeated",
  );
  assert.is(follow(echo.received).reached, echo.written, "the last of what was sent came back");

  const all = [...times.values()].flat();
  const shown = (values: readonly number[]): string =>
    `p50 ${percentile(values, 0.5).toFixed(0)} ms, p99 ${percentile(values, 0.99).toFixed(0)} ms`;
  process.stdout.write(
    `${victims.length} components died ${rounds} times each; ${summary.writes} writes, ${typed.acknowledged} records; served again after ${shown(all)} (${[...times].map(([name, values]) => `${name} ${shown(values)}`).join("; ")})\n`,
  );
});

test.run();
