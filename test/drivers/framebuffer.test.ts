/** The framebuffer driver on its stand-in, and what it makes of pixels, without a screen. */
import * as assert from "uvu/assert";
import { checked } from "../../base/schema.js";
import { convertRectangle } from "../../bindings/pixel.js";
import { configSchema } from "../../drivers/framebuffer/config.js";
import type { Display } from "../../drivers/framebuffer/display.js";
import { FramebufferDriver } from "../../drivers/framebuffer/driver.js";
import { Screen } from "../../drivers/framebuffer/screen.js";
import { until } from "../../hil/conformance/case.js";
import { Capture, type Captured } from "../../sessions/capture/index.js";
import { FakeScreen } from "../support/fake-screen.js";
import { LocalParent } from "../support/local-parent.js";
import { type Context, suite } from "../support/suite.js";
import { TestPlatform } from "./platform.js";

const test = suite("framebuffer driver");
const area = { width: 64, height: 48 };
const everything = { x: 0, y: 0, ...area };
const position = { x: 0, y: 0 };

async function screenOf(context: Context, server: FakeScreen) {
  const parent = context.use(new LocalParent([new TestPlatform().service]));
  await server.announce(parent.env("gui"));
  return parent;
}

/** A display that keeps what it was shown. */
class Witness implements Display {
  readonly name = "witness";
  readonly area = area;
  readonly millimeters = { width: 0, height: 0 };
  readonly description = "a witness";
  readonly pixels = new Uint32Array(area.width * area.height);
  readonly shown: Captured["changed"][] = [];
  failure: Error | undefined;
  closed = false;

  show({ pixels, changed }: Captured): void {
    if (this.failure !== undefined) throw this.failure;
    const source = new Uint32Array(pixels.buffer, 0, this.pixels.length);
    for (const { x, y, width, height } of changed)
      for (let row = y; row < y + height; row += 1) {
        const first = row * area.width + x;
        this.pixels.set(source.subarray(first, first + width), first);
      }
    this.shown.push(changed);
  }

  close(): void {
    this.closed = true;
  }
}

test("a display shows all at first, then only what changes, and sleeps while nothing does", async (context) => {
  const server = new FakeScreen(area);
  server.draw(everything, (x, y) => (x << 8) | y);
  const parent = await screenOf(context, server);
  const witness = new Witness();
  const capture = await parent.env("driver").connect(Capture);
  const screen = new Screen(witness, capture, { position, rate: 100 }, (reason) => assert.unreachable(String(reason)));
  context.defer(() => screen.close());
  await until("the first picture is shown", () => witness.shown.length === 1);
  assert.equal(witness.shown[0], [everything]);
  assert.equal(witness.pixels, server.pixels);
  let captures = -1;
  await until("the display sleeps", async () => {
    const before = captures;
    captures = server.captures;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return before === captures;
  });
  const damage = { x: 3, y: 4, width: 5, height: 6 };
  server.draw(damage, () => 0xabcdef);
  await until("the change is shown", () => witness.shown.length === 2);
  assert.equal(witness.shown[1], [damage]);
  assert.equal(witness.pixels, server.pixels);
});

test("a display that fails is told of, and given up", async (context) => {
  const server = new FakeScreen(area);
  const parent = await screenOf(context, server);
  const witness = new Witness();
  const reason = new Error("it was unplugged");
  const told: unknown[] = [];
  const screen = new Screen(witness, await parent.env("driver").connect(Capture), { position, rate: 100 }, (why) =>
    told.push(why),
  );
  context.defer(() => screen.close());
  await until("the first picture is shown", () => witness.shown.length === 1);
  witness.failure = reason;
  server.draw(everything, () => 1);
  await until("it is told", () => told.length === 1);
  assert.is(told[0], reason);
  await screen.close();
  assert.ok(witness.closed);
});

test("without a device the stand-in shows, at the rate that is wanted", async (context) => {
  const server = new FakeScreen(area);
  const parent = await screenOf(context, server);
  const config = checked(configSchema, { standIn: area, rate: 50 }, "the configuration");
  const driver = await FramebufferDriver.open(parent.env("driver"), config);
  context.defer(() => driver.close());
  const [screen] = driver.screens;
  assert.is(screen?.display.description, "a display in memory, 64 by 48 pixels");
  await until("a picture is shown", () => screen?.shown === 1);
  const start = performance.now();
  let drawn = 0;
  while (performance.now() - start < 500) {
    server.draw({ x: drawn % 64, y: 0, width: 1, height: 1 }, () => (drawn += 1));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const pictures = screen?.shown ?? 0;
  const bound = ((performance.now() - start) / 1000) * 50 + 3;
  assert.ok(pictures > 1 && pictures <= bound, `${pictures} pictures, at most ${bound} at that rate`);
});

test("pixels come in every order and size that a screen may have", () => {
  const channel = (offset: number, length = 8) => ({ offset, length });
  const forms = [
    { bytes: 4, red: channel(0), green: channel(8), blue: channel(16), white: 0x00ffffff },
    { bytes: 3, red: channel(16), green: channel(8), blue: channel(0), white: 0xffffff },
    { bytes: 2, red: channel(0, 5), green: channel(5, 6), blue: channel(11, 5), white: 0xffff },
    { bytes: 2, red: channel(10, 5), green: channel(5, 5), blue: channel(0, 5), white: 0x7fff },
    { bytes: 1, red: channel(5, 3), green: channel(2, 3), blue: channel(0, 2), white: 0xff },
  ];
  const source = { area: { width: 3, height: 2 }, pixels: Uint32Array.of(0, 1, 2, 3, 0x123456, 0xffffff) };
  for (const { white, ...form } of forms) {
    const stride = 4 * form.bytes + 1;
    const pixels = new Uint8Array(2 * stride).fill(0x55);
    convertRectangle({ area: { width: 4, height: 2 }, pixels, stride, form }, { x: 2, y: 1 }, source, {
      x: 1,
      y: 1,
      width: 2,
      height: 1,
    });
    const at = (x: number): number => {
      const first = stride + x * form.bytes;
      return [...pixels.subarray(first, first + form.bytes)].reduceRight((sum, byte) => sum * 256 + byte, 0);
    };
    const { red, green, blue } = form;
    const part = (value: number, { offset, length }: { offset: number; length: number }) =>
      (value >> (8 - length)) << offset;
    assert.is(at(2), part(0x12, red) | part(0x34, green) | part(0x56, blue), `${form.bytes} bytes`);
    assert.is(at(3), white);
    const touched = pixels.filter((byte) => byte !== 0x55).length;
    assert.ok(touched <= 2 * form.bytes && pixels.at(-1) === 0x55, "nothing beside them");
  }
});

test("a screen that does not fit its memory is not written", () => {
  const channel = { offset: 0, length: 8 };
  const form = { bytes: 4, red: channel, green: channel, blue: channel };
  const pixels = new Uint8Array(4 * 4 * 4 - 1);
  const picture = { area: { width: 4, height: 4 }, pixels: new Uint32Array(16).fill(0xffffff) };
  const all = { x: 0, y: 0, width: 4, height: 4 };
  for (const wrong of [
    { stride: 16, form },
    { stride: 15, form },
    { stride: 8, form: { ...form, bytes: 5 } },
    { stride: 8, form: { ...form, bytes: 2, red: { offset: 12, length: 8 } } },
  ])
    convertRectangle({ area: picture.area, pixels, ...wrong }, { x: 0, y: 0 }, picture, all);
  assert.ok(pixels.every((byte) => byte === 0));
});

test.run();
