/** State reports as lists. */
import * as assert from "uvu/assert";
import { componentTree } from "../../lib/component-tree.js";
import type { ChildrenDocument } from "../../servers/init/state-report.js";
import { suite } from "../support/suite.js";

const test = suite("component tree");

const alive = { binary: "test", state: "alive" } as const;

function session(service: string, label: string, peer?: string) {
  return { service, label, state: "OPEN", ram: 1, caps: 1, ...(peer !== undefined && { peer }) } as const;
}

const report: ChildrenDocument = {
  gui: { ...alive, provided: [session("Capture", "drivers -> screen -> out", "drivers")] },
  drivers: {
    ...alive,
    requested: [
      session("ROM", "drivers -> config"),
      session("Capture", "drivers -> screen -> out", "gui"),
      session("Event", "drivers -> usb -> keys -> events", "filter"),
    ],
    children: {
      screen: {
        ...alive,
        requested: [session("Capture", "screen -> out"), session("Timer", "screen", "clock"), session("LOG", "screen")],
      },
      clock: { ...alive, provided: [session("Timer", "screen", "screen")] },
      usb: {
        ...alive,
        requested: [session("Event", "usb -> keys -> events")],
        children: { keys: { ...alive, requested: [session("Event", "keys -> events")] } },
      },
    },
  },
  filter: alive,
};

test("components inside stand behind their parents, by full labels", () => {
  assert.equal(
    componentTree(report).map(({ name, depth }) => [name, depth]),
    [
      ["gui", 0],
      ["drivers", 0],
      ["drivers -> screen", 1],
      ["drivers -> clock", 1],
      ["drivers -> usb", 1],
      ["drivers -> usb -> keys", 2],
      ["filter", 0],
    ],
  );
});

test("a session belongs to whoever asked, and leads to whoever serves", () => {
  const uses = Object.fromEntries(
    componentTree(report).map(({ name, child: { requested = [] } }) => [
      name,
      requested.map(({ service, label, peer }) => [service, label, peer]),
    ]),
  );
  assert.equal(uses, {
    gui: [],
    drivers: [["ROM", "drivers -> config", undefined]],
    "drivers -> screen": [
      ["Capture", "drivers -> screen -> out", "gui"],
      ["Timer", "drivers -> screen", "drivers -> clock"],
      ["LOG", "drivers -> screen", undefined],
    ],
    "drivers -> clock": [],
    "drivers -> usb": [],
    "drivers -> usb -> keys": [["Event", "drivers -> usb -> keys -> events", "filter"]],
    filter: [],
  });
});

test("what a component serves to a sibling inside is told with its full label", () => {
  const clock = componentTree(report).find(({ name }) => name === "drivers -> clock");
  assert.equal(clock?.child.provided, [session("Timer", "drivers -> screen", "drivers -> screen")]);
});

test.run();
