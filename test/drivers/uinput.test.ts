/** What the uinput driver sends to Linux, for any number of sources. The devices are lists here; a machine's are in test/vm. */
import * as assert from "uvu/assert";
import type { RawEvent } from "../../bindings/evdev.js";
import { type DeviceName, deviceNames } from "../../drivers/uinput/config.js";
import { Player } from "../../drivers/uinput/player.js";
import { absoluteAxis, eventType, relativeAxis } from "../../lib/input/event-codes.js";
import { keyCode } from "../../lib/input/key-codes.js";
import { suite } from "../support/suite.js";

const test = suite("uinput player");

/** A player, and what its devices were sent; a report ends with a bar. */
function playing() {
  const sent = new Map<DeviceName, (RawEvent | "|")[]>(deviceNames.map((name) => [name, []]));
  const devices = deviceNames.map((name) => {
    const list = sent.get(name) as (RawEvent | "|")[];
    return [
      name,
      {
        send: (...events: readonly RawEvent[]) => void list.push(...events),
        report: () => void (list.length > 0 && list.at(-1) !== "|" && list.push("|")),
      },
    ] as const;
  });
  const taken = (name: DeviceName): (RawEvent | "|")[] => sent.get(name)?.splice(0) ?? [];
  return { player: new Player(new Map(devices)), taken };
}

const a = keyCode("KEY_A");
const press = { kind: "press", key: a } as const;
const release = { kind: "release", key: a } as const;

test("a key is up when all that hold it have released it; buttons belong to mice and pads", () => {
  const { player, taken } = playing();
  const [one, other] = [{}, {}];
  player.play(one, [press]);
  player.play(other, [press]);
  player.play(one, [release]);
  assert.equal(taken("keyboard"), [[eventType.key, a, 1], "|"]);
  player.play(other, [release, { kind: "press", key: 0, character: 0xe9 }]);
  assert.equal(taken("keyboard"), [[eventType.key, a, 0], "|"]);
  player.play(one, [
    { kind: "press", key: keyCode("BTN_LEFT") },
    { kind: "press", key: keyCode("BTN_SOUTH") },
  ]);
  assert.equal(taken("mouse"), [[eventType.key, keyCode("BTN_LEFT"), 1], "|"]);
  assert.equal(taken("game-pad"), [[eventType.key, keyCode("BTN_SOUTH"), 1], "|"]);
});

test("parts of a step and of a notch add up", () => {
  const { player, taken } = playing();
  const sums = { x: 0, wheel: 0, fine: 0 };
  for (let count = 0; count < 40; count += 1) {
    player.play({}, [
      { kind: "relative-motion", x: 0.25, y: 0 },
      { kind: "wheel", x: 0, y: -0.125 },
    ]);
    for (const event of taken("mouse")) {
      if (event === "|" || event[0] !== eventType.relative) continue;
      if (event[1] === relativeAxis.x) sums.x += event[2];
      if (event[1] === relativeAxis.wheel) sums.wheel += event[2];
      if (event[1] === relativeAxis.wheelFine) sums.fine += event[2];
    }
  }
  assert.equal(sums, { x: 10, wheel: -5, fine: -600 });
});

test("each finger has a slot of its own, also those of two sources with one number; the eleventh has none", () => {
  const { player, taken } = playing();
  const slotsOf = (events: readonly (RawEvent | "|")[]): number[] =>
    events.flatMap((event) => (event !== "|" && event[1] === absoluteAxis.touchSlot ? [event[2]] : []));
  const [one, other] = [{}, {}];
  player.play(one, [{ kind: "touch", id: 3, x: 0, y: 1 }]);
  const first = taken("touch-screen");
  assert.ok(first.some((event) => event !== "|" && event[1] === keyCode("BTN_TOUCH") && event[2] === 1));
  player.play(other, [{ kind: "touch", id: 3, x: 0, y: 1 }]);
  player.play(one, [{ kind: "touch", id: 3, x: 0.5, y: 1 }]);
  assert.equal([slotsOf(first), slotsOf(taken("touch-screen"))], [[0], [1, 0]]);
  for (let id = 10; id < 30; id += 1) player.play(one, [{ kind: "touch", id, x: 0, y: 0 }]);
  assert.equal(slotsOf(taken("touch-screen")), [2, 3, 4, 5, 6, 7, 8, 9]);
  player.play(one, [{ kind: "touch-release", id: 29 }]);
  assert.equal(taken("touch-screen"), [], "a finger without a slot is not lifted either");
  player.play(one, [{ kind: "touch-release", id: 3 }]);
  player.play(other, [{ kind: "touch", id: 4, x: 0, y: 0 }]);
  assert.equal(slotsOf(taken("touch-screen")), [0, 0], "the slot is free again");
});

test("places and axes have the scales of their devices", () => {
  const { player, taken } = playing();
  player.play({}, [
    { kind: "absolute-motion", x: 1, y: 0.5 },
    { kind: "axis", axis: "LX", value: -1 },
    { kind: "axis", axis: "RT", value: 1 },
  ]);
  assert.equal(taken("tablet"), [
    [eventType.absolute, absoluteAxis.x, 65_535],
    [eventType.absolute, absoluteAxis.y, 32_768],
    "|",
  ]);
  assert.equal(taken("game-pad"), [
    [eventType.absolute, absoluteAxis.x, -32_767],
    [eventType.absolute, absoluteAxis.rz, 255],
    "|",
  ]);
});

test.run();
