// exclusive
// tier: machine of this architecture
// timeout: 1800s
/** The sandbox under the kernel that a Debian system has: the spawner's own tests, run in the guest. */
import { execFileSync } from "node:child_process";
import * as assert from "uvu/assert";
import { suite } from "../support/suite.js";
import { machineOf } from "./guest.js";

const test = suite("isolation in a machine");
const machine = machineOf(test, { bench: { machine: { memory: "1G", spare: 0, modules: ["tun", "loop"] } } });

const within = "800s";
const limits = { timeout: 850_000 };

test("the spawner holds what it promises, as every kind of user", limits, async (context) => {
  const guest = machine(context);
  // Compiled here: a processor that is a program would take minutes.
  execFileSync("scripts/test-spawner", ["--build"], { stdio: ["ignore", "inherit", "inherit"] });
  const { code, output, errors } = await guest.run(["scripts/test-spawner"], { within });
  assert.is(code, 0, output + errors);
  assert.match(output, /^[1-9]\d* passed, 0 failed/m);
});

test.run();
