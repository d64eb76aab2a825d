// smoke
/** The example "blink", with somebody at the other end of a wire who sees its lamp. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "jsonc-parser";
import * as assert from "uvu/assert";
import { Root } from "../../root/root.js";
import { suite } from "../support/suite.js";

const test = suite("blink example");

interface Gpio {
  grants?: object;
  readonly config: { pins: object; simulated: object; policies: object[] };
}

test("the lamp goes on and off, once a second", async (context) => {
  const system = parse(readFileSync("examples/blink.jsonc", "utf8")) as {
    readonly start: Record<string, object> & { readonly gpio: Gpio };
  };
  const { gpio } = system.start;
  // No pin of this machine may move.
  delete gpio.grants;
  gpio.config.simulated = { wires: [[17, 18]] };
  gpio.config.pins = { ...gpio.config.pins, seen: { line: "GPIO18" } };
  gpio.config.policies.push({ label: "watcher -> seen", pin: "seen" });
  system.start["watcher"] = { binary: "test/pin-watcher" };
  const folder = mkdtempSync(join(tmpdir(), "blink-"));
  context.defer(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "system.json");
  writeFileSync(file, JSON.stringify(system));
  const root = new Root({ file, isolation: "full", parked: 0, write: () => {}, exit: () => {}, environment: {} });
  context.defer(() => root[Symbol.asyncDispose]());
  const edges = (): { readonly rising: boolean; readonly time: string }[] =>
    root.console.history.flatMap(({ label, text }) =>
      label === "watcher" && text.startsWith("edge: ") ? [JSON.parse(text.slice("edge: ".length))] : [],
    );
  while (edges().length < 4) await new Promise((resolve) => setTimeout(resolve, 20));
  const seen = edges().slice(0, 4);
  const rising = seen.map((edge) => edge.rising);
  assert.equal(rising, rising[0] === true ? [true, false, true, false] : [false, true, false, true]);
  const times = seen.map(({ time }) => Number(time) / 1e6);
  const period = (times[3] as number) - (times[1] as number);
  // A busy machine delays a tick, and may leave one out.
  assert.ok(period > 500 && period < 3000, `${period} ms`);
});

test.run();
