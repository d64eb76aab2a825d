// exclusive
// tier: machine of this architecture
// timeout: 1200s
/**
 * The input and uinput drivers on devices of a machine. The emulator's hand is at the far end, evtest and the kernel's
 * own files are the witnesses.
 */
import * as assert from "uvu/assert";
import { installed } from "../device/host.js";
import { type Context, suite } from "../support/suite.js";
import { type GuestSystem, guestSystem, kill, machineOf, patience } from "./guest.js";

const test = suite("input drivers of a machine");
const limits = { timeout: 500_000 };
const wait = { within: patience };
const machine = machineOf(test, {
  bench: {
    machine: { modules: ["uinput"] },
    devices: {
      screen: { kind: "display", adapter: "bochs" },
      keys: { kind: "keyboard", display: "screen" },
      pointer: { kind: "tablet", display: "screen" },
      panel: { kind: "touch" },
      game: { kind: "gamepad" },
    },
  },
});

async function eventNode(context: Context, name: string): Promise<string> {
  const nodes = await machine(context).nodes(name, wait);
  const found = nodes.find((node) => node.name.startsWith("event"));
  assert.ok(found, `"${name}" has an event node: ${JSON.stringify(nodes)}`);
  return found?.path as string;
}

const recorder = (config: object = {}): object => ({
  binary: "test/event-recorder",
  provides: ["Event"],
  config,
});
const driver = (path: string, config: object = {}): object => ({
  binary: "drivers/input",
  grants: { device: { device: path, write: true } },
  config,
});

/** The next events that the recorder says, of a source or one of its sessions. */
async function events(system: GuestSystem, source: string, count: number): Promise<unknown[]> {
  const all: unknown[] = [];
  while (all.length < count) {
    const line = await system.said(`] ${source}`);
    if (line.includes("{")) all.push(JSON.parse(line.slice(line.indexOf("{"))));
  }
  return all;
}

async function event(system: GuestSystem, source: string): Promise<unknown> {
  return (await events(system, source, 1))[0];
}

test("a key that is held stays held through the driver's death, and its light burns", limits, async (context) => {
  const guest = machine(context);
  const path = await eventNode(context, "keys");
  const system = guestSystem(context, guest, {
    recorder: recorder(),
    keyboard: driver(path, { lights: { capsLock: true } }),
  });
  await system.said("keyboard] ");
  const keyboard = guest.keyboard("keys");
  await keyboard.press("shift");
  assert.equal(await event(system, "keyboard"), { kind: "press", key: 42 });
  const lit = "cat /sys/class/leds/*capslock/brightness";
  assert.match(await guest.output(["sh", "-c", lit]), /1/);
  await kill(guest, "keyboard *");
  assert.equal(await event(system, "keyboard 1"), { kind: "release", key: 42 }, "the dead driver's");
  assert.equal(await event(system, "keyboard 2"), { kind: "press", key: 42 }, "it is still down");
  await keyboard.type("a");
  await keyboard.release("shift");
  assert.equal(await events(system, "keyboard 2", 3), [
    { kind: "press", key: 30 },
    { kind: "release", key: 30 },
    { kind: "release", key: 42 },
  ]);
});

test(
  "the driver has its device for itself, until it is unplugged, which releases what is held",
  limits,
  async (context) => {
    if (!installed("evtest")) context.skip("needs evtest: apt-get install evtest");
    const guest = machine(context);
    const path = await eventNode(context, "keys");
    const system = guestSystem(context, guest, { recorder: recorder(), keyboard: driver(path) });
    await system.said("keyboard] ");
    const witness = guest.spawn(["evtest", path]);
    context.defer(() => witness.kill("SIGKILL"));
    await witness.line((line) => line.includes("is grabbed by another process"), wait);
    await guest.keyboard("keys").press("x");
    assert.equal(await event(system, "keyboard"), { kind: "press", key: 45 });
    await guest.devices.remove("keys");
    assert.equal(await event(system, "keyboard"), { kind: "release", key: 45 });
    await system.said("is gone");
    await guest.devices.add("keys", { kind: "keyboard", display: "screen" });
    assert.is(await eventNode(context, "keys"), path, "the kernel gives it the same name");
    await system.said(`at ${path}`);
    await guest.keyboard("keys").type("y");
    assert.equal(await events(system, "keyboard", 2), [
      { kind: "press", key: 21 },
      { kind: "release", key: 21 },
    ]);
  },
);

test("tablet, touch screen and game pad say where they are", limits, async (context) => {
  const guest = machine(context);
  const system = guestSystem(context, guest, {
    recorder: recorder(),
    tablet: driver(await eventNode(context, "pointer")),
    panel: driver(await eventNode(context, "panel")),
    game: driver(await eventNode(context, "game")),
  });
  for (let drivers = 0; drivers < 3; drivers += 1) await system.said('" at /dev/input/');
  await guest.pointer("pointer").point(0.25, 0.75);
  const place = (await event(system, "tablet")) as { kind: string; x: number; y: number };
  assert.is(place.kind, "absolute-motion");
  assert.ok(Math.abs(place.x - 0.25) < 1e-3 && Math.abs(place.y - 0.75) < 1e-3, JSON.stringify(place));
  await guest.pointer("pointer").click("left");
  assert.equal(await events(system, "tablet", 2), [
    { kind: "press", key: 272 },
    { kind: "release", key: 272 },
  ]);
  await guest.pointer("pointer").press("wheel-up");
  assert.equal(await event(system, "tablet"), { kind: "wheel", x: 0, y: 1 });

  const panel = guest.touch("panel");
  panel.touch({ finger: 0, x: 0, y: 0 }, { finger: 7, x: 1, y: 1 });
  assert.equal(await events(system, "panel", 2), [
    { kind: "touch", id: 0, x: 0, y: 0 },
    { kind: "touch", id: 1, x: 1, y: 1 },
  ]);
  panel.lift();
  assert.equal(await events(system, "panel", 2), [
    { kind: "touch-release", id: 0 },
    { kind: "touch-release", id: 1 },
  ]);

  const game = guest.gamepad("game");
  game.stick("left", -1, 0);
  assert.equal(await event(system, "game"), { kind: "axis", axis: "LX", value: -1 });
  game.press("a");
  assert.equal(await event(system, "game"), { kind: "press", key: 304 });
  game.cross("up");
  assert.equal(await event(system, "game"), { kind: "press", key: 544 });
});

test("a keyboard that is plugged in gets a driver by itself, for as long as it is there", limits, async (context) => {
  const guest = machine(context);
  const system = guestSystem(context, guest, {
    recorder: recorder(),
    platform: {
      provides: ["Platform", "ROM"],
      ram: "8M",
      route: { "*": "parent" },
      grants: { host: { devices: ["input"] } },
      config: {
        policies: [
          { label: "driver-manager", sees: "all" },
          { labelPrefix: "drivers ->", byLabel: [{ class: "input" }] },
        ],
      },
    },
    "report-rom": {
      provides: ["Report", "ROM"],
      config: { policies: [{ label: "drivers -> config", report: "driver-manager -> config" }] },
    },
    "driver-manager": {
      route: { "ROM devices": "platform", Report: "report-rom", "*": "parent" },
      config: { automatic: [{ class: "input", vendor: "0627", model: "*Keyboard*" }] },
    },
    drivers: {
      binary: "init",
      ram: "64M",
      caps: 1000,
      route: { "ROM config": "report-rom", Platform: "platform", Event: "recorder", "*": "parent" },
    },
  });
  await system.said('Keyboard" at /dev/input/');
  await guest.keyboard("keys").press("q");
  assert.equal(await event(system, "drivers -> input."), { kind: "press", key: 16 });
  await guest.devices.remove("keys");
  assert.equal(await event(system, "drivers -> input."), { kind: "release", key: 16 });
  await guest.devices.add("keys", { kind: "keyboard", display: "screen" });
  await system.said('Keyboard" at /dev/input/');
  await guest.keyboard("keys").type("w");
  assert.equal(await events(system, "drivers -> input.", 2), [
    { kind: "press", key: 17 },
    { kind: "release", key: 17 },
  ]);
});

test("after 100000 events at a receiver that is slow, what is held is what is pressed", limits, async (context) => {
  const guest = machine(context);
  const player = guest.spawn(["node", guest.hostFile("dist/test/programs/vm/input-guest.js")]);
  context.defer(() => player.kill("SIGKILL"));
  const node = (await player.line((line) => line.startsWith("node: "), wait)).slice("node: ".length);
  const system = guestSystem(context, guest, {
    recorder: recorder({ delay: 200, silent: true }),
    flooded: driver(node),
  });
  await system.said("flooded] ");
  player.write("go\n");
  const said = await player.line((line) => line.startsWith("holds "), wait);
  await system.said("dropped events");
  const wanted = said.slice("holds ".length);
  // It may be quiet for a moment before the end.
  for (;;) if ((await system.said(" holds ")).endsWith(`holds ${wanted}`)) break;
});

test(
  "what a source says, Linux gets: keys, a wheel, a place and fingers, and what it held when it dies",
  limits,
  async (context) => {
    if (!installed("evtest")) context.skip("needs evtest: apt-get install evtest");
    const guest = machine(context);
    const script = [
      { after: "4s", press: "KEY_LEFTSHIFT", type: "b" },
      { wheel: { x: 0, y: 0.5 } },
      { wheel: { x: 0, y: 0.5 }, move: { x: 2, y: -3 } },
      { point: { x: 1, y: 0 } },
      { touch: { id: 5, x: 0, y: 1 } },
      { touch: { id: 6, x: 1, y: 1 } },
      { after: "600s", lift: 5 },
    ];
    const components = (steps: object[]): object => ({
      uinput: {
        binary: "drivers/uinput",
        provides: ["Event"],
        grants: { uinput: { device: "/dev/uinput", write: true } },
      },
      robot: { binary: "drivers/input", config: { source: "script", script: steps } },
    });
    const system = guestSystem(context, guest, components([]));
    const [, places = ""] = /Linux has (.*)$/.exec(await system.said("Linux has ")) ?? [];
    const watched = new Map<string, ReturnType<typeof guest.spawn>>();
    for (const [, kind = "", place = ""] of places.matchAll(/(\S+) (input[0-9]+)/g)) {
      const node = (await guest.output(["sh", "-c", `ls /sys/devices/virtual/input/${place} | grep ^event`])).trim();
      const process = guest.spawn(["evtest", `/dev/input/${node}`]);
      context.defer(() => process.kill("SIGKILL"));
      await process.line((line) => line.startsWith("Testing ..."), wait);
      watched.set(kind, process);
    }
    assert.equal([...watched.keys()], ["keyboard", "mouse", "tablet", "touch-screen"]);
    await system.apply(components(script));
    const told = async (kind: string, count: number): Promise<string[]> => {
      const all: string[] = [];
      while (all.length < count) {
        const line = (await watched.get(kind)?.line((text) => text.startsWith("Event: "), wait)) ?? "";
        const [, code, value] = /\((\w+)\), value (\S+)$/.exec(line) ?? [];
        if (code !== undefined && !code.startsWith("SYN")) all.push(`${code} ${value}`);
      }
      return all;
    };
    assert.equal(await told("keyboard", 3), ["KEY_LEFTSHIFT 1", "KEY_B 1", "KEY_B 0"]);
    assert.equal(await told("mouse", 5), [
      "REL_WHEEL_HI_RES 60",
      "REL_X 2",
      "REL_Y -3",
      "REL_WHEEL 1",
      "REL_WHEEL_HI_RES 60",
    ]);
    assert.equal(await told("tablet", 1), ["ABS_X 65535"]);
    const touches = await told("touch-screen", 8);
    assert.ok(touches.includes("BTN_TOUCH 1") && touches.includes("ABS_MT_SLOT 1"), touches.join());
    await kill(guest, "robot *");
    assert.equal(await told("keyboard", 1), ["KEY_LEFTSHIFT 0"]);
    const lifted = await told("touch-screen", 4);
    assert.is(lifted.filter((line) => line === "ABS_MT_TRACKING_ID -1").length, 2, lifted.join());
  },
);

test.run();
