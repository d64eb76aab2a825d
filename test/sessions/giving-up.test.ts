// emulated
import * as assert from "uvu/assert";
import { SessionError } from "../../base/errors.js";
import type { SessionRequest } from "../../base/server.js";
import { configSchema as crosslinkSchema } from "../../servers/terminal-crosslink/config.js";
import { Crosslink } from "../../servers/terminal-crosslink/crosslink.js";
import { configSchema as timerSchema } from "../../servers/timer/config.js";
import { TimerServer } from "../../servers/timer/timer-server.js";
import { Terminal, TerminalInterface } from "../../sessions/terminal/index.js";
import { Timer, TimerInterface } from "../../sessions/timer/index.js";
import { LocalParent } from "../support/local-parent.js";
import { suite } from "../support/suite.js";

const test = suite("sessions that do not come back");

/** Opens the first sessions and refuses the others. */
class Doorkeeper {
  readonly #requests: SessionRequest<object>[] = [];
  #open = true;

  admit<Result>(request: SessionRequest<object>, open: () => Result): Result {
    if (!this.#open) throw new SessionError("Denied", "no more");
    this.#requests.push(request);
    return open();
  }

  /** The server dies, and nobody gets in any more. */
  shut(): void {
    this.#open = false;
    for (const { session } of this.#requests) session.close();
  }
}

const codeOf = (promise: Promise<unknown>): Promise<string | undefined> =>
  promise.then(
    () => undefined,
    (error: { code?: string }) => error.code,
  );

for (const { reconnect, code } of [
  { reconnect: true, code: "Denied" },
  { reconnect: false, code: "Disconnected" },
]) {
  test(`sleeps reject: ${code}`, async (context) => {
    const parent = context.use(new LocalParent());
    const server = context.use(new TimerServer(timerSchema.parse({}, [], [])));
    const door = new Doorkeeper();
    await parent.env("timer").announce(TimerInterface, (request) => door.admit(request, () => server.open(request)));
    const timer = context.use(await parent.env("client").connect(Timer, { reconnect }));
    const sleeping = codeOf(timer.sleep("1h"));
    door.shut();
    assert.is(await sleeping, code);
    assert.is(await codeOf(timer.sleep("1ms")), "Disconnected");
  });

  test(`reads and writes reject: ${code}`, async (context) => {
    const parent = context.use(new LocalParent());
    const crosslink = new Crosslink(crosslinkSchema.parse({}, [], []));
    const door = new Doorkeeper();
    await parent
      .env("crosslink")
      .announce(TerminalInterface, (request) => door.admit(request, () => crosslink.open(request)));
    const terminal = context.use(await parent.env("client").connect(Terminal, { reconnect }));
    const reading = codeOf(terminal.read());
    const writing = codeOf(terminal.write(new Uint8Array(5000)));
    await new Promise((resolve) => setTimeout(resolve, 20));
    door.shut();
    assert.equal(await Promise.all([reading, writing]), [code, code]);
  });
}

test("a handler that throws does not keep the other timeouts from theirs", async (context) => {
  const parent = context.use(new LocalParent());
  const server = context.use(new TimerServer(timerSchema.parse({}, [], [])));
  await parent.env("timer").announce(TimerInterface, (request) => server.open(request));
  const timer = context.use(await parent.env("client").connect(Timer));
  const caught: unknown[] = [];
  const listeners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => caught.push(error.message));
  context.defer(() => {
    process.removeAllListeners("uncaughtException");
    for (const listener of listeners) process.on("uncaughtException", listener);
  });
  timer.after(5, () => {
    throw new Error("handler failed");
  });
  await new Promise<void>((resolve) => void timer.after(5, resolve));
  assert.equal(caught, ["handler failed"]);
});

test.run();
