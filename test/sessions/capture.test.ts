// emulated
/** The Capture connection: what it makes of a server's answers, and of its death. */
import * as assert from "uvu/assert";
import type { Dataspace } from "../../base/dataspace.js";
import { SessionError } from "../../base/errors.js";
import type { SessionRequest } from "../../base/server.js";
import { until } from "../../hil/conformance/case.js";
import {
  Capture,
  type CaptureArgs,
  type CaptureAttributes,
  type CaptureHandlers,
  CaptureInterface,
} from "../../sessions/capture/index.js";
import type { Rect } from "../../sessions/geometry/geometry.generated.js";
import { code } from "../support/error-code.js";
import { LocalParent } from "../support/local-parent.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("capture connection");
const area = { width: 8, height: 4 };
const attributes: CaptureAttributes = { area, millimeters: { width: 0, height: 0 }, viewport: { x: 0, y: 0, ...area } };

/** A server of any number of sessions, one after another, that tells whatever it is told to. */
class Server {
  changed: readonly Rect[] = [{ x: 0, y: 0, ...area }];
  buffers = 0;
  sessions = 0;
  /** Runs in the middle of the next capture. */
  during: (() => void) | undefined;
  kill: () => void = () => {};
  raise: (signal: string) => void = () => {};

  handlers(request: SessionRequest<CaptureArgs>): CaptureHandlers {
    const number = ++this.sessions;
    let buffer: Dataspace | undefined;
    this.kill = () => request.session.close();
    this.raise = (signal) => request.session.raise(CaptureInterface.signals.indexOf(signal));
    return {
      screenSize: () => area,
      buffer: async ({ area: { width, height } }) => {
        const bytes = 4 * width * height;
        if (this.buffers++ === 0) throw new SessionError("InsufficientRam", "more", { bytes });
        buffer = await request.alloc(bytes);
        new Uint32Array(buffer.buffer).fill(number);
        buffer.sealWrites();
      },
      dataspace: () => (buffer as Dataspace).capability,
      captureAt: () => {
        const { during } = this;
        this.during = undefined;
        during?.();
        return this.changed;
      },
      captureStopped: () => {},
    };
  }
}

async function opened(context: Context) {
  const server = new Server();
  const parent = context.use(new LocalParent());
  await parent.env("gui").announce(CaptureInterface, (request) => server.handlers(request));
  return { server, capture: context.use(await parent.env("display").connect(Capture)) };
}

test("a buffer costs what the server asks for, and is for reading only", async (context) => {
  const { server, capture } = await opened(context);
  assert.is(await code(capture.captureAt()), "InvalidArgument");
  await capture.buffer(attributes);
  assert.is(server.buffers, 2, "refused, paid, made");
  const { pixels, area: shown, changed } = await capture.captureAt({ x: 1, y: 2 });
  assert.equal([shown, changed], [area, [{ x: 0, y: 0, ...area }]]);
  assert.is(new Uint32Array(pixels.buffer)[0], 1);
  await capture.buffer({ ...attributes, area: { width: 16, height: 16 } });
  assert.ok((await capture.captureAt()).pixels.size >= 4 * 256);
});

test("rectangles that lie outside are left out, others are cut", async (context) => {
  const { server, capture } = await opened(context);
  await capture.buffer(attributes);
  server.changed = [
    { x: -3, y: 1, width: 5, height: 100 },
    { x: 8, y: 0, width: 1, height: 1 },
    { x: 2, y: 2, width: 0, height: 5 },
  ];
  assert.equal((await capture.captureAt()).changed, [{ x: 0, y: 1, width: 2, height: 3 }]);
  const most = 0xffffffff;
  server.changed = [{ x: -0x80000000, y: -0x80000000, width: most, height: most }];
  assert.equal((await capture.captureAt()).changed, [{ x: 0, y: 0, ...area }]);
});

test("with a new server there is a buffer as before, and both kinds of watchers are told", async (context) => {
  const { server, capture } = await opened(context);
  let sizes = 0;
  let wakeups = 0;
  capture.onScreenSizeChange(() => (sizes += 1));
  capture.onWakeup(() => (wakeups += 1));
  await capture.buffer(attributes);
  server.raise("wakeup");
  await until("the client is woken", () => wakeups === 1);
  server.kill();
  await until("it is told of a new server", () => sizes === 1 && wakeups === 2);
  assert.is(new Uint32Array((await capture.captureAt()).pixels.buffer)[0], 2);
  server.during = () => server.kill();
  assert.is(new Uint32Array((await capture.captureAt()).pixels.buffer)[0], 3, "captured again");
});

test.run();
