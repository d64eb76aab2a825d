// exclusive
// timeout: 900s
/**
 * The GPIO driver on a chip of a machine, the PL061 of QEMU's arm64 board. What makes edges is the power button at its
 * line 3, which is pressed from outside; what outputs do, the kernel says in debugfs.
 */
import { execFileSync } from "node:child_process";
import * as assert from "uvu/assert";
import { type Context, suite } from "../support/suite.js";
import { guestSystem, machineOf, patience } from "./guest.js";

const test = suite("GPIO chip of a machine");
const machine = machineOf(test, { architecture: "arm64", within: "300s", bench: { devices: {} } });
const limits = { timeout: 600_000 };

const chip = { device: "/dev/gpiochip0" };

/** Waits until the kernel says this of a line: who has it, its direction and level. */
function kernelSays(context: Context, line: number, pattern: string): Promise<string> {
  const script = `
    mountpoint -q /sys/kernel/debug || mount -t debugfs debugfs /sys/kernel/debug
    first=$(sed -n 's/.*GPIOs \\([0-9]*\\)-.*/\\1/p' /sys/kernel/debug/gpio | head -n 1)
    until grep "^ *gpio-$((first + ${line})) " /sys/kernel/debug/gpio | grep -qE '${pattern}'; do sleep 0.2; done`;
  return machine(context).output(["sh", "-c", script], { within: patience });
}

/** Waits until nobody has a line, and returns what the kernel then says of it. */
async function freed(context: Context, line: number): Promise<{ readonly output: boolean }> {
  const program = `
    import { openSync } from "node:fs";
    import { gpioLine } from "./dist/bindings/gpio.js";
    const chip = openSync("${chip.device}", "r");
    const look = () => {
      const facts = gpioLine(chip, ${line});
      if (facts.used) setTimeout(look, 200);
      else console.log(JSON.stringify(facts));
    };
    look();`;
  const command = ["node", "--input-type=module", "-e", program];
  return JSON.parse(await machine(context).output(command, { within: patience })) as { readonly output: boolean };
}

test("edges are those of the button, with the kernel's times, and none is lost", limits, async (context) => {
  const system = guestSystem(context, machine(context), {
    gpio: {
      provides: ["PinState", "PinControl"],
      grants: { chip },
      config: { pins: { button: { line: 3 } }, policies: [{ label: "watcher -> seen", pin: "button" }] },
    },
    watcher: { binary: "test/pin-watcher" },
  });
  await system.said("/dev/gpiochip0 (");
  await system.said("state: false");
  await kernelSays(context, 3, "bulkhead *\\) in  *lo IRQ");
  for (let press = 0; press < 3; ++press) {
    await machine(context).pressPower();
    const [down, up] = [await edge(), await edge()];
    assert.equal([down.rising, up.rising], [true, false]);
    const length = Number(BigInt(up.time) - BigInt(down.time)) / 1e6;
    // The button is held for 100 ms of the machine's time.
    assert.ok(length > 90 && length < 1000, `held for ${length} ms`);
    assert.equal([down.lost, up.lost], [0, 0]);
  }

  async function edge(): Promise<{ rising: boolean; time: string; lost: number }> {
    const line = await system.said("edge: ");
    return JSON.parse(line.slice(line.indexOf("{"))) as { rising: boolean; time: string; lost: number };
  }
});

test("an output does what its session says, and drives nothing after it", limits, async (context) => {
  const components = (change: object = {}) => ({
    timer: { provides: ["Timer"] },
    gpio: {
      provides: ["PinState", "PinControl"],
      grants: { chip },
      config: {
        pins: { lamp: { line: 5, direction: "output", activeLow: true } },
        policies: [
          { label: "blink -> lamp", pin: "lamp" },
          { label: "witness -> seen", pin: "lamp" },
        ],
      },
    },
    ...change,
  });
  const blinking = { blink: { route: { PinControl: "gpio", "*": "default" } } };
  const system = guestSystem(context, machine(context), components(blinking));
  // The lamp is active where the level is low.
  for (const level of ["hi", "lo", "hi"]) await kernelSays(context, 5, `bulkhead *\\) out ${level}.*ACTIVE LOW`);
  // Another driver of the same line, which the first one has.
  await system.apply(
    components({
      ...blinking,
      second: {
        binary: "gpio",
        provides: ["PinState"],
        grants: { chip },
        config: { pins: { same: { line: 5 } }, policies: [{ label: "witness -> seen", pin: "same" }] },
      },
      witness: { binary: "test/pin-watcher", route: { PinState: "second", "*": "default" } },
    }),
  );
  await system.said('another program or a driver of the kernel has it): "bulkhead"');
  await system.apply(components());
  assert.is((await freed(context, 5)).output, false);
});

test.before(() => {
  // The addon and the spawner for arm64.
  execFileSync("scripts/prebuild", { stdio: "ignore" });
});

test.run();
