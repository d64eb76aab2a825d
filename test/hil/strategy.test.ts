/** Strategies and power. */
import { closeSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { openPseudoTerminal } from "../../bindings/tty.js";
import { commandSwitch, Power } from "../../hil/power.js";
import { type Edges, Strategy } from "../../hil/strategy.js";
import { gpioSwitch, modemLineSwitch, portFolder, usbPortSwitch } from "../../hil/switches.js";
import { suite } from "../support/suite.js";

const test = suite("strategy and power");

test("a device is brought to a state by the fewest steps", async () => {
  const steps: string[] = [];
  const step = (name: string) => (): void => void steps.push(name);
  const strategy = new Strategy<"off" | "boot" | "shell" | "update">("off", {
    off: { boot: step("power on") },
    boot: { shell: step("log in"), off: step("cut") },
    shell: { off: step("halt"), update: step("flash") },
    update: { boot: step("reset") },
  });
  await strategy.to("shell");
  await strategy.to("shell");
  await strategy.to("boot");
  assert.equal(steps, ["power on", "log in", "halt", "power on"]);
  assert.is(strategy.state, "boot");
});

test("paths are as short as a search of all of them finds", () => {
  const states = ["a", "b", "c", "d", "e"] as const;
  type State = (typeof states)[number];
  const edges = fc.uniqueArray(fc.tuple(fc.constantFrom(...states), fc.constantFrom(...states)), { selector: String });
  fc.assert(
    fc.property(edges, fc.constantFrom(...states), (pairs, target) => {
      const table: Record<string, Record<string, () => void>> = {};
      for (const [from, to] of pairs) (table[from] ??= {})[to] = () => {};
      const way = new Strategy<State>("a", table as Edges<State>).path(target);
      // Bellman and Ford, on the pairs.
      const distance = new Map<State, number>([["a", 0]]);
      for (let round = 0; round < states.length; ++round)
        for (const [from, to] of pairs)
          if (distance.has(from))
            distance.set(to, Math.min(distance.get(to) ?? 99, (distance.get(from) as number) + 1));
      assert.is(way?.length, distance.get(target));
      const places = ["a", ...(way ?? [])];
      for (let index = 1; index < places.length; ++index)
        assert.ok(table[places[index - 1] as State]?.[places[index] as State]);
    }),
  );
});

test("after a failed step nothing is tried until somebody says where the device is", async () => {
  let tries = 0;
  const strategy = new Strategy<"off" | "on">("off", {
    off: {
      on: () => {
        tries += 1;
        if (tries === 1) throw new Error("no light");
      },
    },
  });
  const message = async (): Promise<string> =>
    strategy.to("on").then(
      () => "none",
      (error: Error) => error.message,
    );
  assert.is(await message(), '"off" to "on": no light');
  assert.match(await message(), "an earlier step failed");
  assert.is(tries, 1);
  strategy.force("off");
  assert.is(await message(), "none");
  assert.match(
    await strategy.to("off").then(
      () => "none",
      (error: Error) => error.message,
    ),
    'No way leads from "on" to "off"',
  );
});

test("commands switch, and say what is wrong when they do not", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "power-"));
  context.defer(() => rmSync(folder, { recursive: true }));
  const relay = join(folder, "relay");
  writeFileSync(relay, "");
  const power = context.use(
    new Power(commandSwitch({ on: ["sh", "-c", `echo on >> ${relay}`], off: ["sh", "-c", `echo off >> ${relay}`] }), {
      pause: "20ms",
    }),
  );
  assert.is(power.state, undefined);
  await power.on();
  const start = performance.now();
  await power.cycle();
  assert.ok(performance.now() - start >= 20);
  assert.is(readFileSync(relay, "utf8"), "on\noff\non\n");
  assert.is(power.state, "on");
  const broken = new Power(commandSwitch({ on: ["sh", "-c", "echo no hub >&2; exit 3"], off: ["no-such-program"] }));
  const message = (promise: Promise<void>): Promise<string> =>
    promise.then(
      () => "none",
      (error: Error) => error.message,
    );
  assert.is(await message(broken.on()), 'Cannot switch on by "sh -c echo no hub >&2; exit 3": it ended with 3: no hub');
  assert.match(await message(broken.off()), "there is no such program");
});

test("a switch that cannot be had says what was tried, and why it failed", async () => {
  const message = (promise: Promise<void>): Promise<string> =>
    promise.then(
      () => "none",
      (error: Error) => error.message,
    );
  assert.match(
    await message(gpioSwitch({ chip: "/dev/null", line: 17 }).on()),
    /line 17 of \/dev\/null: .*no GPIO chip/,
  );
  assert.match(await message(gpioSwitch({ chip: "/dev/no-chip", line: 0 }).on()), /line 0 of \/dev\/no-chip: .*ENOENT/);
  assert.match(await message(usbPortSwitch({ port: "99-1.2" }).off()), /no .*99-1:1\.0\/99-1-port2\/disable/);
  assert.match(await message(usbPortSwitch({ port: "ttyUSB0" }).off()), /"ttyUSB0" is no USB port/);
  // As the kernel lays them out: a port of the bus itself, of a hub, and of a hub behind a hub.
  const folder = "/sys/bus/usb/devices";
  assert.is(portFolder("2-3"), `${folder}/2-0:1.0/usb2-port3`);
  assert.is(portFolder("1-1.4"), `${folder}/1-1:1.0/1-1-port4`);
  assert.is(portFolder("1-1.4.12"), `${folder}/1-1.4:1.0/1-1.4-port12`);
});

test("a terminal without modem lines cannot switch, and says so", async (context) => {
  const { descriptor, path } = openPseudoTerminal();
  context.defer(() => closeSync(descriptor));
  const power = context.use(new Power(modemLineSwitch({ tty: path })));
  const error = await power.on().then(
    () => undefined,
    (reason: Error) => reason,
  );
  assert.match(error?.message ?? "none", `Cannot switch by DTR of ${path}: `);
  assert.match(error?.message ?? "none", "the terminal's driver does not have it");
});

test.run();
