/** What the input driver makes of the kernel's events, without a device: its own state is the witness. */
import fc from "fast-check";
import * as assert from "uvu/assert";
import type { InputAxis, RawEvent } from "../../bindings/evdev.js";
import { Decoder } from "../../drivers/input/decoder.js";
import type { DeviceFacts, DeviceState } from "../../drivers/input/device-facts.js";
import { typedKeys } from "../../drivers/input/typed-keys.js";
import { absoluteAxis, eventType, inputProperty, relativeAxis, synchronizeCode } from "../../lib/input/event-codes.js";
import { keyCode } from "../../lib/input/key-codes.js";
import { HeldState, type InputEvent } from "../../sessions/event/index.js";
import { suite } from "../support/suite.js";

const test = suite("input decoder");

const axis = (minimum: number, maximum: number, facts: Partial<InputAxis> = {}): InputAxis => ({
  value: 0,
  minimum,
  maximum,
  fuzz: 0,
  flat: 0,
  resolution: 0,
  ...facts,
});

function facts(parts: Partial<DeviceFacts>): DeviceFacts {
  return { properties: new Set(), keys: new Set(), relative: new Set(), axes: new Map(), ...parts };
}

const report: RawEvent = [eventType.synchronize, synchronizeCode.report, 0];
const dropped: RawEvent = [eventType.synchronize, synchronizeCode.dropped, 0];
const key = (name: string, value: number): RawEvent => [eventType.key, keyCode(name), value];
const move = (code: number, value: number): RawEvent => [eventType.absolute, code, value];
const step = (code: number, value: number): RawEvent => [eventType.relative, code, value];

const noState = (): DeviceState => {
  throw new Error("nothing was lost");
};

test("keys are pressed and released once; repetitions, scan codes and what no key has are left out", () => {
  const decoder = new Decoder(facts({ keys: new Set([30, 42]) }), noState);
  assert.is(decoder.kind, "plain");
  const events = decoder.decode([
    [4, 4, 0x70004],
    key("KEY_A", 1),
    report,
    key("KEY_A", 2),
    report,
    key("KEY_A", 1),
    [eventType.key, 0x300, 1],
    [eventType.key, 0, 1],
    report,
    key("KEY_A", 0),
    report,
    key("KEY_A", 0),
    report,
    key("KEY_LEFTSHIFT", 1),
  ]);
  assert.equal(events, [
    { kind: "press", key: 30 },
    { kind: "release", key: 30 },
  ]);
  assert.equal(decoder.decode([report]), [{ kind: "press", key: 42 }], "a report ends with its end");
});

test("a mouse moves once a report, before its button; a fine wheel turns by parts of a notch", () => {
  const relative = new Set<number>(Object.values(relativeAxis));
  const fine = new Decoder(facts({ relative }), noState);
  const events = fine.decode([
    step(relativeAxis.x, 3),
    step(relativeAxis.y, -4),
    key("BTN_LEFT", 1),
    step(relativeAxis.x, 2),
    report,
    step(relativeAxis.wheel, 1),
    step(relativeAxis.wheelFine, 60),
    report,
    step(relativeAxis.horizontalWheelFine, -120),
    report,
  ]);
  assert.equal(events, [
    { kind: "relative-motion", x: 5, y: -4 },
    { kind: "press", key: keyCode("BTN_LEFT") },
    { kind: "wheel", x: 0, y: 0.5 },
    { kind: "wheel", x: -1, y: 0 },
  ]);
  const coarse = new Decoder(facts({ relative: new Set([relativeAxis.wheel]) }), noState);
  assert.equal(coarse.decode([step(relativeAxis.wheel, -2), report]), [{ kind: "wheel", x: 0, y: -2 }]);
});

const place = new Map([
  [absoluteAxis.x, axis(0, 32767)],
  [absoluteAxis.y, axis(-100, 100)],
] as const);

test("a tablet points at shares of the screen; a pen's tip is the left button", () => {
  const keys = new Set(["BTN_TOOL_PEN", "BTN_TOUCH", "BTN_STYLUS"].map(keyCode));
  const decoder = new Decoder(facts({ keys, axes: place }), noState);
  assert.is(decoder.kind, "tablet");
  const events = decoder.decode([
    key("BTN_TOOL_PEN", 1),
    move(absoluteAxis.x, 32767),
    move(absoluteAxis.y, 50),
    report,
    key("BTN_TOUCH", 1),
    key("BTN_STYLUS", 1),
    report,
    // A value beyond the bounds that the device itself named.
    move(absoluteAxis.x, 1e9),
    report,
    report,
  ]);
  assert.equal(events, [
    { kind: "absolute-motion", x: 1, y: 0.75 },
    { kind: "press", key: keyCode("BTN_LEFT") },
    { kind: "press", key: keyCode("BTN_STYLUS") },
    { kind: "absolute-motion", x: 1, y: 0.75 },
  ]);
});

const touchAxes = new Map([
  [absoluteAxis.touchSlot, axis(0, 3)],
  [absoluteAxis.touchX, axis(0, 100)],
  [absoluteAxis.touchY, axis(0, 200)],
  [absoluteAxis.touchId, axis(0, 65535)],
  ...place,
] as const);
const touchKeys = new Set([keyCode("BTN_TOUCH")]);

test("fingers in slots come, move and go, also one for another in the same slot", () => {
  const decoder = new Decoder(facts({ keys: touchKeys, axes: touchAxes }), noState);
  assert.is(decoder.kind, "touch-screen");
  const { touchSlot, touchId, touchX, touchY } = absoluteAxis;
  const events = decoder.decode([
    move(touchId, 7),
    move(touchX, 50),
    move(touchY, 50),
    move(touchSlot, 2),
    move(touchId, 8),
    move(touchX, 100),
    move(touchY, 200),
    key("BTN_TOUCH", 1),
    move(absoluteAxis.x, 5),
    report,
    move(touchX, 0),
    report,
    move(touchId, 9),
    report,
    // No such slot: nothing of it is believed.
    move(touchSlot, 99),
    move(touchId, 5),
    move(touchSlot, -1),
    move(touchX, 5),
    move(touchSlot, 0),
    move(touchId, -1),
    report,
  ]);
  assert.equal(events, [
    { kind: "touch", id: 0, x: 0.5, y: 0.25 },
    { kind: "touch", id: 2, x: 1, y: 1 },
    { kind: "touch", id: 2, x: 0, y: 1 },
    { kind: "touch-release", id: 2 },
    { kind: "touch", id: 2, x: 0, y: 1 },
    { kind: "touch-release", id: 0 },
  ]);
});

test("fingers in a list, and a single one, are told alike", () => {
  const listed = new Map([...touchAxes].filter(([code]) => code !== absoluteAxis.touchSlot));
  const list = new Decoder(facts({ keys: touchKeys, axes: listed }), noState);
  const end: RawEvent = [eventType.synchronize, synchronizeCode.touch, 0];
  const finger = (id: number, x: number): RawEvent[] => [
    move(absoluteAxis.touchId, id),
    move(absoluteAxis.touchX, x),
    move(absoluteAxis.touchY, 100),
    end,
  ];
  assert.equal(list.decode([...finger(4, 0), ...finger(5, 100), report, ...finger(5, 50), report, end, report]), [
    { kind: "touch", id: 4, x: 0, y: 0.5 },
    { kind: "touch", id: 5, x: 1, y: 0.5 },
    { kind: "touch-release", id: 4 },
    { kind: "touch", id: 5, x: 0.5, y: 0.5 },
    { kind: "touch-release", id: 5 },
  ]);
  const single = new Decoder(facts({ keys: touchKeys, axes: place }), noState);
  assert.is(single.kind, "touch-screen");
  const events = single.decode([
    move(absoluteAxis.x, 0),
    move(absoluteAxis.y, 0),
    key("BTN_TOUCH", 1),
    report,
    key("BTN_TOUCH", 0),
    report,
  ]);
  assert.equal(events, [
    { kind: "touch", id: 0, x: 0, y: 0.5 },
    { kind: "touch-release", id: 0 },
  ]);
});

test("one finger on a pad moves, two scroll, and another number of fingers is no motion", () => {
  const keys = new Set(["BTN_TOUCH", "BTN_TOOL_FINGER", "BTN_TOOL_DOUBLETAP", "BTN_LEFT"].map(keyCode));
  const axes = new Map([
    [absoluteAxis.x, axis(0, 1000, { resolution: 10 })],
    [absoluteAxis.y, axis(0, 1000, { resolution: 10 })],
  ]);
  const decoder = new Decoder(facts({ keys, axes, properties: new Set([inputProperty.pointer]) }), noState);
  assert.is(decoder.kind, "touch-pad");
  const at = (x: number, y: number): RawEvent[] => [move(absoluteAxis.x, x), move(absoluteAxis.y, y)];
  const events = decoder.decode([
    ...at(100, 100),
    key("BTN_TOUCH", 1),
    key("BTN_TOOL_FINGER", 1),
    report,
    ...at(110, 90),
    report,
    key("BTN_TOOL_FINGER", 0),
    key("BTN_TOOL_DOUBLETAP", 1),
    ...at(500, 500),
    report,
    ...at(500, 560),
    report,
    key("BTN_LEFT", 1),
    report,
  ]);
  assert.equal(events, [
    { kind: "relative-motion", x: 12, y: -12 },
    { kind: "wheel", x: 0, y: -1 },
    { kind: "press", key: keyCode("BTN_LEFT") },
  ]);
});

test("sticks rest around their middle, triggers are pulled from 0 to 1, a cross is four buttons", () => {
  const { x, z, rx, rz, hat0x } = absoluteAxis;
  const axes = new Map<number, InputAxis>([
    [x, axis(-100, 100, { flat: 10 })],
    [rx, axis(0, 255)],
    [z, axis(0, 255)],
    [hat0x, axis(-1, 1)],
  ]);
  const decoder = new Decoder(facts({ keys: new Set([keyCode("BTN_SOUTH")]), axes }), noState);
  assert.is(decoder.kind, "game-pad");
  assert.equal(
    decoder.decode([move(x, 10), move(x, -100), report, move(z, 255), move(rx, 255), report, move(x, 5), report]),
    [
      { kind: "axis", axis: "LX", value: -1 },
      { kind: "axis", axis: "LT", value: 1 },
      { kind: "axis", axis: "RX", value: 1 },
      { kind: "axis", axis: "LX", value: 0 },
    ],
  );
  assert.equal(decoder.decode([move(hat0x, -1), report, move(hat0x, 1), report, move(hat0x, 0), report]), [
    { kind: "press", key: keyCode("BTN_DPAD_LEFT") },
    { kind: "release", key: keyCode("BTN_DPAD_LEFT") },
    { kind: "press", key: keyCode("BTN_DPAD_RIGHT") },
    { kind: "release", key: keyCode("BTN_DPAD_RIGHT") },
  ]);
  // Where the right stick has the names of triggers.
  const other = new Map([x, z, rz].map((code) => [code, axis(-10, 10)]));
  const plain = new Decoder(facts({ keys: new Set([keyCode("BTN_TRIGGER")]), axes: other }), noState);
  assert.equal(plain.decode([move(rz, -10), report]), [{ kind: "axis", axis: "RY", value: -1 }]);
});

/** A device that does anything, and whose kernel drops events as it likes. */
class Model {
  readonly pressed = new Set<number>();
  readonly axes = new Map<number, number>();
  readonly contacts = [-1, -1, -1, -1];
  #slot = 0;

  do([type, code, value]: RawEvent): void {
    if (type === eventType.key && value < 2) {
      if (value === 1) this.pressed.add(code);
      else this.pressed.delete(code);
    }
    if (type !== eventType.absolute) return;
    if (code === absoluteAxis.touchId) this.contacts[this.#slot] = value;
    else this.axes.set(code, value);
    if (code === absoluteAxis.touchSlot) this.#slot = value;
  }

  get state(): DeviceState {
    return {
      pressed: this.pressed,
      axis: (code) => this.axes.get(code) ?? 0,
      slots: (code) => (code === absoluteAxis.touchId ? this.contacts : [0, 0, 0, 0]),
    };
  }
}

test("whatever a device does and its kernel drops, what is held in the end is what is pressed and touched", () => {
  const anyKey = fc.constantFrom("KEY_A", "KEY_LEFTSHIFT", "BTN_LEFT", "BTN_TOUCH", "BTN_TOOL_FINGER");
  const raw = fc.oneof(
    fc.tuple(anyKey, fc.integer({ min: 0, max: 2 })).map(([name, value]) => key(name, value)),
    fc.integer({ min: 0, max: 3 }).map((slot) => move(absoluteAxis.touchSlot, slot)),
    fc.integer({ min: -1, max: 5 }).map((id) => move(absoluteAxis.touchId, id)),
    fc.tuple(fc.constantFrom(0, 1, 53, 54), fc.integer()).map(([code, value]) => move(code, value)),
    fc.tuple(fc.integer({ min: 4, max: 40 }), fc.nat(), fc.integer()),
  );
  const reports = fc.array(fc.record({ events: fc.array(raw, { maxLength: 12 }), lost: fc.boolean() }));
  fc.assert(
    fc.property(reports, fc.boolean(), (sent, screen) => {
      const model = new Model();
      const axes = screen ? touchAxes : new Map();
      const decoder = new Decoder(facts({ keys: touchKeys, axes }), () => model.state);
      const held = new HeldState();
      const follow = (events: readonly InputEvent[]): void => {
        for (const event of events) assert.ok(held.follow(event), JSON.stringify(event));
      };
      for (const { events, lost } of sent) {
        for (const event of events) if (event[0] === eventType.key || event[0] === eventType.absolute) model.do(event);
        // The kernel drops what waits, and goes on with the next report.
        follow(
          decoder.decode(lost ? [...events.slice(0, 3), dropped, ...events.slice(5), report] : [...events, report]),
        );
      }
      const touched = screen ? model.contacts.flatMap((contact, slot) => (contact >= 0 ? [slot] : [])) : [];
      assert.equal([...held.touches.keys()].sort(), touched);
      const tools = ["BTN_TOOL_FINGER", ...(screen ? ["BTN_TOUCH"] : [])].map(keyCode);
      assert.equal([...held.keys].sort(), [...model.pressed].filter((code) => !tools.includes(code)).sort());
    }),
    { numRuns: 500 },
  );
});

test("when events were dropped, those that were taken before the device was looked at are told no second time", () => {
  const pressed = new Set([42]);
  const decoder = new Decoder(facts({ keys: new Set([30, 42]) }), () => ({ pressed, axis: () => 0, slots: () => [] }));
  assert.equal(decoder.synchronize(), [{ kind: "press", key: 42 }]);
  pressed.clear();
  const taken = [dropped, report, key("KEY_A", 1), report, key("KEY_A", 0), report, key("KEY_LEFTSHIFT", 0), report];
  assert.equal(decoder.decode(taken), [{ kind: "release", key: 42 }]);
  assert.equal(decoder.decode([key("KEY_A", 1), report]), [{ kind: "press", key: 30 }]);
});

test("a text is typed by keys, with shift and control, and what no key has comes as it is", () => {
  const said = typedKeys("a\x1b[AQ\x03é\r").map((event) =>
    event.kind === "press" || event.kind === "release"
      ? `${event.kind === "press" ? "+" : "-"}${event.key}${"character" in event ? String.fromCodePoint(event.character as number) : ""}`
      : event.kind,
  );
  assert.is(said.join(" "), "+30 -30 +103 -103 +42 +16 -16 -42 +29 +46 -46 -29 +0é +28 -28");
});

test.run();
