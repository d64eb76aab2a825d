// exclusive
// tier: machine of this architecture
// timeout: 1800s
/** The sandbox under the kernel that a Debian system has: the spawner's own tests and the escape suite, run in the guest. */
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

/** All attempts. What the suite does on the host at each level and as each kind of user takes too long here. */
const shown = "at full level|at level seccomp, in the system of an ordinary user,|send descriptors";

test(
  "components do not get out, under a kernel and with control groups of another version",
  limits,
  async (context) => {
    const guest = machine(context);
    const { code, output, errors } = await guest.run(
      ["node", "--enable-source-maps", guest.hostFile("dist/test/programs/hostile/escape.test.js")],
      { within, environment: { BULKHEAD_TEST_SLOWNESS: "12", BULKHEAD_TEST_NAME: shown } },
    );
    assert.is(code, 0, output + errors);
    assert.match(output, /Passed:\s+[1-9]/);
  },
);

test.run();
