// timeout: 240s
/**
 * Drivers that start and end with their devices: network interfaces of this kernel, with its own ping at the other end.
 */
import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import fc from "fast-check";
import * as assert from "uvu/assert";
import type { Device } from "../../lib/devices/device.js";
import { chooseDriver, type DriverRule } from "../../lib/devices/driver-rule.js";
import { installed } from "../device/host.js";
import { pingProgram } from "../device/ping.js";
import { descendants, openFiles } from "../faults/host.js";
import { slowness } from "../support/slowness.js";
import { type Context, suite } from "../support/suite.js";
import { type SystemDocument, TestSystem } from "../support/system.js";

const test = suite("driver manager");

const subnet = `10.213.${process.pid % 250}`;

function need(context: Context): void {
  if (process.getuid?.() !== 0) context.skip("needs root, to make network interfaces");
  if (!installed("ip")) context.skip("needs ip (Debian: iproute2)");
  if (!installed("ping") && !installed("perl")) context.skip("needs ping or perl");
}

function run(command: string, ...args: readonly string[]): void {
  execFileSync(command, args, { timeout: 10_000 });
}

/** A cable between the kernel, which has an address at its end, and an interface for a driver. */
class Cable {
  readonly name = `bh-d${process.pid % 100_000}`;

  constructor(context: Context) {
    context.defer(() => this.pull());
  }

  plug(): void {
    const far = `${this.name}p`;
    run("ip", "link", "add", this.name, "type", "veth", "peer", "name", far);
    run("ip", "address", "add", `${subnet}.1/24`, "dev", far);
    run("ip", "link", "set", far, "up");
    run("ip", "link", "set", this.name, "up");
  }

  pull(): void {
    if (existsSync(`/sys/class/net/${this.name}`)) run("ip", "link", "delete", this.name);
  }
}

/** Whether the kernel hears the neighbour. The system under test runs in this very process: nothing may block it. */
function answers(): Promise<boolean> {
  const [program, ...args] = installed("ping")
    ? ["ping", "-c", "1", "-W", "1", `${subnet}.2`]
    : ["perl", "-e", pingProgram, `${subnet}.2`];
  return new Promise((resolve) => {
    execFile(program as string, args, { timeout: 20_000 }, (_error, output) =>
      resolve(/, [1-9][0-9]* received/.test(output)),
    );
  });
}

/** How long the neighbour may take to answer, in milliseconds. */
const patience = 25_000 * slowness;

async function untilAnswers(running: TestSystem, what: string): Promise<void> {
  for (const end = performance.now() + patience; performance.now() < end; ) {
    if (await answers()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const lines = running.root.console.history.slice(-30).map(({ label, text }) => `[${label}] ${text}`);
  const links = execFileSync("ip", ["-statistics", "link"], { encoding: "utf8" });
  throw new Error(
    `No answer ${what}; last lines:\n${lines.join("\n")}\n${links}\n${JSON.stringify(running.state(), undefined, 1)}`,
  );
}

function system(manager: object, route: object): SystemDocument {
  return {
    parentProvides: ["ROM", "LOG", "Platform", "Spawner"],
    default: { ram: "8M", caps: 100 },
    start: {
      "report-rom": {
        provides: ["Report", "ROM"],
        config: {
          policies: [
            { label: "drivers -> config", report: "driver-manager -> config" },
            { labelLast: "drivers", report: "driver-manager -> drivers" },
          ],
        },
        route: { "*": "parent" },
      },
      platform: {
        provides: ["Platform", "ROM"],
        route: { "*": "parent" },
        grants: { host: { devices: ["net"] } },
        config: {
          policies: [
            { label: "driver-manager", sees: "all" },
            { labelPrefix: "drivers ->", byLabel: [{ class: "net", name: "bh-d*" }] },
          ],
        },
      },
      "driver-manager": {
        route: { "ROM devices": "platform", Report: "report-rom", "*": "parent" },
        config: manager,
      },
      drivers: {
        binary: "init",
        ram: "64M",
        caps: 500,
        provides: ["Nic"],
        route: { "ROM config": "report-rom", Platform: "platform", "*": "parent" },
      },
      neighbour: { ram: "8M", config: { address: `${subnet}.2` }, route },
    },
  };
}

for (const [how, manager, service] of [
  ["by itself", (name: string) => ({ automatic: [{ class: "net", name }] }), (name: string) => `drivers: net.${name}`],
  [
    "under a name of its own",
    (name: string) => ({ instances: { port: { match: { class: "net", name } } } }),
    () => "drivers: port",
  ],
] as const) {
  test(`a device gets its driver ${how}, loses it, gets it again; its client waits`, {
    timeout: 100_000,
  }, async (context) => {
    need(context);
    const cable = new Cable(context);
    // Named, its driver has a place before there is a device; by itself, after the first time.
    if (how === "by itself") cable.plug();
    const running = context.use(
      TestSystem.start(system(manager(cable.name), { Nic: service(cable.name), "*": "parent" })),
    );
    if (how !== "by itself") {
      await running.untilLogged("driver-manager", /^"port": no device meets/);
      await running.untilChild(
        "neighbour",
        "waits",
        ({ requested }) => requested?.some(({ service: one, state }) => one === "Nic" && state === "CREATING") === true,
      );
      cable.plug();
    }
    await untilAnswers(running, "after it was plugged in");
    const { id } = running.child("neighbour");
    const before = openFiles(running.pid("platform")).length;
    for (let count = 0; count < 15; ++count) {
      cable.pull();
      if (count % 5 === 0)
        await running.untilChild(
          "neighbour",
          "waits",
          ({ requested }) => requested?.some(({ service: one, state }) => one === "Nic" && state === "OPEN") === false,
        );
      cable.plug();
      if (count % 5 === 0) await untilAnswers(running, `after ${count + 1} times`);
    }
    await untilAnswers(running, "after the last time");
    assert.is(running.child("neighbour").id, id, "the client has not started anew");
    assert.is(descendants(running.pid("drivers")).length, 0, "components are the spawner's processes");
    await running.until("no descriptor more than before", () => openFiles(running.pid("platform")).length <= before);
    for (const name of ["platform", "driver-manager", "drivers", "report-rom"])
      assert.is(running.child(name).restarts, undefined, `"${name}" has not crashed`);
  });
}

const device: Device = {
  class: "tty",
  name: "ttyUSB0",
  path: "/devices/x",
  bus: "usb",
  vendor: "0403",
  properties: {},
};

function rule(binary: string, match: DriverRule["match"], more: Partial<DriverRule> = {}): DriverRule {
  return { binary, match, except: [], priority: 0, provides: ["Uart"], ...more } as DriverRule;
}

test("of several drivers, priority decides, then the number of conditions; equals are a conflict, whatever their order", () => {
  const general = rule("general", [{ class: "tty" }]);
  const special = rule("special", [{ class: "tty", bus: "usb", vendor: "0403" }]);
  const rival = rule("rival", [{ class: "tty", bus: "usb", vendor: "04*" }]);
  const strong = rule("strong", [{ class: "tty" }], { priority: 1 });
  const excepting = rule("excepting", [{ class: "tty" }], { priority: 5, except: [{ bus: "usb" }] });
  const other = rule("other", [{ class: "block" }], { priority: 9 });
  const cases: readonly [readonly DriverRule[], string | readonly string[] | undefined][] = [
    [[general], "general"],
    [[general, special, other], "special"],
    [
      [general, special, rival],
      ["rival", "special"],
    ],
    [[general, special, rival, strong, excepting], "strong"],
    [[other, excepting], undefined],
  ];
  for (const [rules, expected] of cases)
    fc.assert(
      fc.property(fc.shuffledSubarray([...rules], { minLength: rules.length }), (shuffled) => {
        const choice = { rule: undefined, conflict: undefined, ...chooseDriver(shuffled, "tty.x", device) };
        const found = choice.rule?.binary ?? choice.conflict?.map(({ binary }) => binary).sort();
        assert.equal(found, expected);
      }),
    );
});

test("two drivers that match alike: neither runs, and the report names both", async (context) => {
  need(context);
  const cable = new Cable(context);
  cable.plug();
  const twin = { match: [{ class: "net", name: "bh-d*" }], provides: ["Nic"] };
  const running = context.use(
    TestSystem.start(
      system(
        {
          automatic: [{ class: "net", name: cable.name }],
          rules: [
            { binary: "drivers/nic", ...twin },
            { binary: "servers/nic-loopback", ...twin },
          ],
          packageRules: false,
        },
        { "*": "parent" },
      ),
    ),
  );
  await running.untilLogged(
    "driver-manager",
    `Device "net.${cable.name}": "drivers/nic" and "servers/nic-loopback" match it alike: give one a higher "priority"`,
  );
});

test.run();
