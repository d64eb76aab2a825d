/** The UART driver and its clients' connections on pseudo-terminals of the real kernel, with a second process as far end. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { closeSync, constants, openSync, writeSync } from "node:fs";
import * as assert from "uvu/assert";
import { checked } from "../../base/schema.js";
import { encodeMarks, lineSettings, openPseudoTerminal, readLine, writeLine } from "../../bindings/tty.js";
import { configSchema } from "../../drivers/uart/config.js";
import { UartDriver } from "../../drivers/uart/driver.js";
import { Platform } from "../../sessions/platform/index.js";
import { Terminal, TerminalInterface } from "../../sessions/terminal/index.js";
import { Uart, UartInterface } from "../../sessions/uart/index.js";
import { cleanUp, installed, until } from "../device/host.js";
import { code } from "../support/error-code.js";
import { LocalParent } from "../support/local-parent.js";
import { mebibyte } from "../support/mebibyte.js";
import { type Context, suite } from "../support/suite.js";
import { again, TestPlatform, tellOfFarEnd } from "./platform.js";

const test = suite("uart-driver");
test.after(cleanUp);

interface System {
  readonly parent: LocalParent;
  /** The master of the pseudo-terminal. */
  readonly master: number;
  readonly path: string;
  /** Closes the master. */
  hangUp(): void;
  start(config?: object): Promise<UartDriver>;
}

/** `end`: which end of the pseudo-terminal the driver gets; `tty` stands for a serial line. */
function system(context: Context, end: "pty" | "tty" = "pty"): System {
  const { descriptor: master, path } = openPseudoTerminal();
  let open = true;
  const hangUp = (): void => {
    if (open) closeSync(master);
    open = false;
  };
  context.defer(hangUp);
  const opening =
    end === "pty" ? again(master) : () => openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  const platform = new TestPlatform({ line: { kind: end, open: opening, path } });
  context.defer(tellOfFarEnd(platform, path));
  const parent = context.use(new LocalParent([platform.service]));
  let drivers = 0;
  return {
    parent,
    master,
    path,
    hangUp,
    async start(config = {}) {
      const env = parent.env(`uart ${++drivers}`);
      const driver = context.use(
        await UartDriver.open(
          await env.connect(Platform),
          checked(configSchema, { defaultPolicy: {}, ...config }, "the configuration"),
        ),
      );
      await env.announce(UartInterface, (request) => driver.session(request, true));
      await env.announce(TerminalInterface, (request) => driver.session(request, false));
      return driver;
    },
  };
}

function openFarEnd(path: string): number {
  return openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
}

function hash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function collect(source: AsyncIterable<Uint8Array>, bytes: number): Promise<Uint8Array> {
  const result = new Uint8Array(bytes);
  let at = 0;
  for await (const piece of source) {
    result.set(piece, at);
    at += piece.length;
    if (at === bytes) break;
  }
  return result;
}

test("a mebibyte passes each way, both at once", { timeout: 60_000 }, async (context) => {
  if (!installed("socat")) context.skip("needs socat");
  const { parent, path, start } = system(context);
  await start();
  const uart = context.use(await parent.env("client").connect(Uart));
  const far: ChildProcess = spawn("socat", ["-b", "4096", "STDIO", `FILE:${path},raw,echo=0`], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  context.defer(async () => {
    far.kill("SIGKILL");
    if (far.exitCode === null && far.signalCode === null) await once(far, "exit");
  });
  await uart.whenConnected();
  (far.stdin as NodeJS.WritableStream).write(mebibyte);
  const [, there, here] = await Promise.all([
    uart.write(mebibyte),
    collect(far.stdout as unknown as AsyncIterable<Uint8Array>, mebibyte.length),
    collect(uart, mebibyte.length),
  ]);
  assert.is(hash(there), hash(mebibyte));
  assert.is(hash(here), hash(mebibyte));
});

test("a far end comes, goes and comes again", async (context) => {
  const { parent, path, start } = system(context);
  await start();
  const uart = context.use(await parent.env("client").connect(Uart));
  for (const text of ["first", "second"]) {
    assert.is(await uart.connected(), false);
    const far = openFarEnd(path);
    await uart.whenConnected();
    await uart.write(`${text} out`);
    const bytes = new Uint8Array(100);
    const count = await until("output", () => readLine(far, bytes));
    assert.is(Buffer.from(bytes.subarray(0, count)).toString(), `${text} out`);
    writeSync(far, `${text} in`);
    // What was sent before the hang-up arrives after it.
    const gone = new Promise<void>((resolve) => {
      const look = async (): Promise<void> => {
        if (!(await uart.connected())) resolve();
      };
      uart.onConnectedChange(() => void look());
    });
    closeSync(far);
    assert.is(Buffer.from(await uart.read()).toString(), `${text} in`);
    await gone;
  }
});

test("output to nobody waits for somebody", async (context) => {
  const { parent, path, start } = system(context);
  await start();
  const uart = context.use(await parent.env("client").connect(Uart));
  let written = false;
  const write = uart.write("patience").then(() => (written = true));
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.is(written, false);
  const far = openFarEnd(path);
  context.defer(() => closeSync(far));
  await write;
  const bytes = new Uint8Array(100);
  const count = await until("output", () => readLine(far, bytes));
  assert.is(Buffer.from(bytes.subarray(0, count)).toString(), "patience");
});

test("input waits for a client that restarts, and nobody else gets the line meanwhile", async (context) => {
  const { parent, path, start } = system(context);
  await start();
  const far = openFarEnd(path);
  context.defer(() => closeSync(far));
  const first = await parent.env("client").connect(Uart);
  assert.is(await code(parent.env("second").connect(Uart)), "Denied");
  await first.close();
  writeSync(far, "while you were out");
  const second = context.use(await parent.env("client").connect(Uart));
  assert.is(Buffer.from(await second.read()).toString(), "while you were out");
});

test("a restart of the driver writes what was not taken, and sets the line again", async (context) => {
  const { parent, path, start, master } = system(context);
  let driver = await start();
  const far = openFarEnd(path);
  context.defer(() => closeSync(far));
  const uart = context.use(await parent.env("client").connect(Uart));
  await uart.setLine({ baudRate: 9600, stopBits: 2 });
  assert.is(lineSettings(far).outputRate, 9600);
  const text = mebibyte.subarray(0, 200_000);
  const arrived = new Uint8Array(text.length + 8192);
  let count = 0;
  let deaths = 0;
  const write = uart.write(text);
  let stop = false;
  const reading = (async () => {
    while (!stop || readLine(far, new Uint8Array(0)) !== undefined) {
      count += readLine(far, arrived, count, 4096) ?? 0;
      if (count > 50_000 * (deaths + 1) && deaths < 3) {
        deaths += 1;
        const next = await start();
        await driver.close();
        driver = next;
      }
      if (count >= text.length) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  await write;
  stop = true;
  await reading;
  assert.is(deaths, 3);
  // A part that the old driver took without an answer may come twice, never too little.
  assert.ok(count >= text.length, `${count} bytes came`);
  await until(
    "the line to be set again",
    () => lineSettings(master).outputRate === 9600 && lineSettings(master).stopBits === 2,
  );
});

test("breaks go both ways as marks of a stand-in", async (context) => {
  const { parent, path, start } = system(context);
  await start({ lines: { line: { breaks: true } } });
  const far = openFarEnd(path);
  context.defer(() => closeSync(far));
  const uart = context.use(await parent.env("client").connect(Uart));
  let breaks = 0;
  uart.onBreak((count) => (breaks += count));
  const bytes = Uint8Array.of(1, 0xff, 2, 0, 3);
  const marked = encodeMarks(bytes, [
    { kind: "break", position: 2 },
    { kind: "break", position: 4 },
  ]);
  await uart.whenConnected();
  writeLine(far, marked);
  assert.equal(await collect(uart, bytes.length), bytes);
  const end = performance.now() + 2000;
  while (breaks < 2 && performance.now() < end) await new Promise((resolve) => setImmediate(resolve));
  assert.is(breaks, 2);
  assert.is((await uart.counters()).breaks, 2);

  await uart.write(Uint8Array.of(7, 0xff, 8));
  await uart.sendBreak(10);
  const seen = new Uint8Array(16);
  let count = 0;
  await until("the break", () => {
    count += readLine(far, seen, count) ?? 0;
    return count >= 7;
  });
  assert.equal([...seen.subarray(0, count)], [7, 0xff, 0xff, 8, 0xff, 0, 0]);
});

test("the line's settings reach the terminal, and what it cannot do is refused", async (context) => {
  // The driver has the terminal end, as with a serial line; the test has the master.
  const { parent, master, start } = system(context, "tty");
  await start({ lines: { line: { baudRate: 19_200, stopBits: 2 } } });
  const uart = context.use(await parent.env("client").connect(Uart));
  assert.equal(await uart.line(), { baudRate: 19_200, dataBits: 8, stopBits: 2, parity: "none", flowControl: "none" });
  await uart.setLine({ baudRate: 250_000, flowControl: "software" });
  const settings = lineSettings(master);
  assert.equal([settings.outputRate, settings.softwareFlow], [250_000, true]);
  // The kernel's pseudo-terminals have no parity.
  assert.is(await code(uart.setLine({ parity: "odd", baudRate: 300 })), "Unsupported");
  assert.is((await uart.line()).baudRate, 250_000, "what cannot be done as a whole is not done in part");
  assert.is(await code(uart.modem()), "Unsupported");
  assert.is(await code(uart.setModem({ dtr: true, rts: false })), "Unsupported");
  const data = Uint8Array.of(0xff, 0, 1, 0xff, 0xff);
  await uart.setLine({ flowControl: "none" });
  assert.is(writeLine(master, data), data.length);
  assert.equal(await collect(uart, data.length), data, "marks do not touch the data");
  assert.is((await uart.counters()).received, data.length);
});

test("an unplugged line is not connected, keeps its settings, and refuses the rest", async (context) => {
  const { parent, hangUp, start } = system(context, "tty");
  await start();
  const uart = context.use(await parent.env("client").connect(Uart));
  await uart.setLine({ baudRate: 9600 });
  const changed = new Promise<void>((resolve) => uart.onConnectedChange(() => resolve()));
  hangUp();
  await changed;
  assert.is(await uart.connected(), false);
  assert.is((await uart.line()).baudRate, 9600);
  assert.is(await code(uart.setLine({ baudRate: 300 })), "Unavailable");
  assert.is((await uart.line()).baudRate, 9600);
  assert.is(await code(uart.modem()), "Unavailable");
  assert.is(await code(uart.setModem({ dtr: true, rts: false })), "Unavailable");
  assert.is(await code(uart.sendBreak(10)), "Unavailable");
  assert.is((await uart.counters()).sent, 0);
});

test("a terminal client gets the line, too", async (context) => {
  const { parent, path, start } = system(context);
  await start();
  const far = openFarEnd(path);
  context.defer(() => closeSync(far));
  const terminal = context.use(await parent.env("client").connect(Terminal));
  writeSync(far, "one\r\ntwo\n");
  const lines: string[] = [];
  for await (const line of terminal.lines()) if (lines.push(line) === 2) break;
  assert.equal(lines, ["one", "two"]);
});

test("a full input buffer stops the far end and loses nothing", async (context) => {
  const { parent, path, start } = system(context);
  await start({ lines: { line: { inputBuffer: "8K" } } });
  const far = openFarEnd(path);
  context.defer(() => closeSync(far));
  const data = mebibyte.subarray(0, 100_000);
  let sent = 0;
  // Until the kernel takes no more, over some turns of the driver.
  for (let idle = 0; idle < 50; ++idle) {
    const count = writeLine(far, data, sent) ?? 0;
    if (count > 0) idle = 0;
    sent += count;
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(sent >= 8192 - 4100 && sent < data.length, `${sent} bytes were taken`);
  const uart = context.use(await parent.env("client").connect(Uart));
  const feeding = (async () => {
    while (sent < data.length) {
      sent += writeLine(far, data, sent) ?? 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  assert.is(hash(await collect(uart, data.length)), hash(data));
  await feeding;
});

test.run();
