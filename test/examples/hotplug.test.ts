/** The example "hotplug" starts on a machine that has nothing plugged in. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { bulkhead } from "../support/running-system.js";
import { suite } from "../support/suite.js";

const test = suite("hotplug example");

test("every component is alive", { timeout: 60_000 }, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "hotplug-"));
  context.defer(() => rmSync(folder, { recursive: true }));
  const socket = join(folder, "control.sock");
  const { code, output, errors } = await bulkhead([
    "up",
    "examples/hotplug.jsonc",
    "--once",
    "--json",
    "--socket",
    socket,
  ]);
  assert.is(code, 0, errors);
  const { state } = JSON.parse(output) as { state: { children: Record<string, { state: string }> } };
  assert.equal(Object.keys(state.children).sort(), ["driver-manager", "drivers", "platform", "report-rom", "timer"]);
  assert.ok(Object.values(state.children).every((child) => child.state === "alive"));
});

test.run();
