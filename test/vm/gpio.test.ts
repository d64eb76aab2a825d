// exclusive
// tier: arm64 machine
// timeout: 900s
/**
 * The GPIO driver on a chip of a machine, the PL061 of QEMU's arm64 board. What makes edges is the power button at its
 * line 3, which is pressed from outside; what outputs do, the kernel says in debugfs.
 */
import * as assert from "uvu/assert";
import { suite } from "../support/suite.js";
import { compiledForArm64 } from "./cross-build.js";
import { guestSystem, kill, machineOf, patience } from "./guest.js";

const test = suite("GPIO chip of a machine");
const machine = machineOf(test, () => {
  compiledForArm64();
  return { architecture: "arm64", within: "300s", bench: { devices: {} } };
});
const limits = { timeout: 600_000 };

interface Edge {
  readonly rising: boolean;
  readonly time: string;
  readonly lost: number;
}

/** Of one press, which the machine holds for 100 ms of its time. */
function checkPress(down: Edge, up: Edge): void {
  assert.equal([down.rising, up.rising], [true, false]);
  assert.equal([down.lost, up.lost], [0, 0]);
  const length = Number(BigInt(up.time) - BigInt(down.time)) / 1e6;
  assert.ok(length > 90 && length < 1000, `held for ${length} ms`);
}

test("the driver does to the chip what the kernel then says of it", limits, async (context) => {
  const guest = machine(context);
  const process = guest.spawn(["node", guest.hostFile("dist/test/programs/vm/gpio-guest.js")]);
  const said = async (what: string): Promise<unknown> => {
    const line = await process.line((one) => one.startsWith(`${what}: `), { within: patience });
    return JSON.parse(line.slice(what.length + 2));
  };
  assert.equal(await said("chips"), ["/dev/gpiochip0 (9030000.pl061): 8 lines"]);
  assert.match((await said("before it is driven")) as string, /\) in /);
  // It is active where its level is low.
  assert.match((await said("lamp true")) as string, /\) out lo ACTIVE LOW/);
  assert.match((await said("lamp false")) as string, /\) out hi ACTIVE LOW/);
  assert.is(await said("lamp is seen"), true);
  assert.match((await said("watch of an output")) as string, /it is an output/);
  assert.match((await said("line in use")) as string, /has it\): "bulkhead"/);
  assert.match((await said("lamp yields")) as string, /\) in /);
  assert.is(await said("lamp is free"), false, "no output any more");
  assert.is(await said("ready"), false);
  for (let press = 0; press < 3; ++press) {
    await guest.pressPower();
    checkPress((await said("edge")) as Edge, (await said("edge")) as Edge);
  }
  assert.is(await said("debounced"), false);
  await guest.pressPower();
  const { output } = await process.ended({ within: patience });
  assert.match(output, /that was all: 6/);
  assert.not.match(output, /debounced edge/);
});

test("in its sandbox it blinks a lamp and hears a button, and goes on after its death", limits, async (context) => {
  const guest = machine(context);
  const system = guestSystem(context, guest, {
    timer: { binary: "servers/timer", provides: ["Timer"] },
    gpio: {
      binary: "drivers/gpio",
      provides: ["PinState", "PinControl"],
      grants: { chip: { device: "/dev/gpiochip0" } },
      config: {
        pins: { lamp: { line: 5, direction: "output" }, button: { line: 3 } },
        policies: [
          { labelPrefix: "blink", pin: "lamp" },
          { label: "watcher -> seen", pin: "button" },
        ],
      },
    },
    blink: { binary: "examples/blink" },
    watcher: { binary: "test/pin-watcher" },
  });
  const edge = async (): Promise<Edge> => {
    const line = await system.said("edge: ");
    return JSON.parse(line.slice(line.indexOf("{"))) as Edge;
  };
  const level = 'until grep -q "bulkhead.*) out $1" /sys/kernel/debug/gpio; do sleep 0.05; done';
  const blinks = async (): Promise<void> => {
    for (const one of ["lo", "hi", "lo"]) await guest.output(["sh", "-c", level, "sh", one], { within: patience });
  };
  await system.said("state: false");
  await blinks();
  await guest.pressPower();
  checkPress(await edge(), await edge());
  await kill(guest, "gpio *");
  await system.said('"gpio" was ended by SIGKILL');
  await blinks();
});

test.run();
