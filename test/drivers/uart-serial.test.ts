/**
 * The UART driver on `tty` grants in its sandbox, opened by serialport where the node may be opened, by the host's
 * descriptor where not. The terminal end of a pseudo-terminal is the serial line; this process is its far end.
 */
import { createHash } from "node:crypto";
import { chmodSync, closeSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { openPseudoTerminal, readLine, writeLine } from "../../bindings/tty.js";
import type { IsolationLevel } from "../../servers/init/config.js";
import { cleanUp, installed, run, until } from "../device/host.js";
import { mebibyte } from "../support/mebibyte.js";
import { type Context, suite } from "../support/suite.js";
import { processOf, type Running, start } from "./sandboxed.js";

const test = suite("serial lines in the sandbox");
test.after(cleanUp);

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

function hash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Sends and receives at once: what came. */
async function exchange(master: number, output: Uint8Array, inputBytes: number): Promise<Uint8Array> {
  const input = new Uint8Array(inputBytes);
  const end = performance.now() + 30_000;
  let sent = 0;
  let received = 0;
  while (sent < output.length || received < inputBytes) {
    if (performance.now() > end) throw new Error(`Only ${sent} bytes were taken and ${received} came`);
    const wrote = sent < output.length ? (writeLine(master, output, sent) ?? 0) : 0;
    const read = received < inputBytes ? (readLine(master, input, received) ?? 0) : 0;
    sent += wrote;
    received += read;
    if (wrote === 0 && read === 0) await pause();
  }
  return input;
}

/** The flags with which a process has a device open, one for each descriptor. */
function openFlags(pid: number | "self", device: number): number[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((number) => {
    // The descriptor by which this directory was read is no more.
    const facts = statSync(`/proc/${pid}/fd/${number}`, { throwIfNoEntry: false });
    if (facts === undefined || !facts.isCharacterDevice() || facts.rdev !== device) return [];
    return [
      Number.parseInt(/^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${number}`, "utf8"))?.[1] ?? "", 8),
    ];
  });
}

/** How many system-call filters a process is under. */
function filters(pid: number | "self"): number {
  return Number(/^Seccomp_filters:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

function system(context: Context, path: string, isolation: IsolationLevel): Promise<Running> {
  return start(
    context,
    {
      "serial-uart": {
        binary: "drivers/uart",
        provides: ["Uart", "Terminal"],
        grants: { line: { tty: path } },
        config: { defaultPolicy: {} },
      },
      peer: { binary: "test/line-peer" },
    },
    isolation,
  );
}

/** What the library adds when it opens a line, and the host does not. */
const synchronous = 0o4010000;

for (const [isolation, library] of [
  ["full", true],
  ["full", false],
  ["no-namespaces", true],
  ["seccomp", true],
] as const) {
  test(`a line opened by ${library ? "serialport" : "the host"} at level ${isolation} carries a mebibyte each way, is set, hangs up and comes back`, {
    timeout: 90_000,
  }, async (context) => {
    if (process.getuid?.() !== 0) context.skip("needs root, for a sandbox with a user id of its own");
    if (!installed("stty")) context.skip("needs stty");
    // As with /dev/serial/by-id: the name stays when the device that it leads to is another one.
    const folder = mkdtempSync("/dev/shm/serial-line-");
    context.defer(() => rmSync(folder, { recursive: true }));
    chmodSync(folder, 0o755);
    const link = join(folder, "line");
    const { descriptor: master, path } = openPseudoTerminal();
    let open = true;
    const hangUp = (): void => {
      if (!open) return;
      open = false;
      rmSync(link);
      closeSync(master);
    };
    context.defer(hangUp);
    symlinkSync(path, link);
    const { rdev: device } = statSync(path);
    // The component's user is neither the owner nor in the group.
    chmodSync(path, library ? 0o666 : 0o600);
    const running = await system(context, link, isolation);
    await running.said("line is set");
    assert.match(run("stty", "-F", path), /speed 57600 baud/);

    const driver = processOf("serial-uart");
    const flags = openFlags(driver, device);
    assert.ok(flags.length > 0);
    assert.ok(
      flags.every((one) => ((one & synchronous) === synchronous) === library),
      `flags ${flags.map((one) => one.toString(8)).join()}`,
    );
    // That of the start and the tight one, over those under which this test runs itself.
    await until("the tight filter to be in force", () => filters(driver) - filters("self") === 2);

    assert.is(hash(await exchange(master, mebibyte, mebibyte.length)), hash(mebibyte));
    await running.said(`read: ${hash(mebibyte)}`);

    hangUp();
    await running.said("connected: false");
    // Else the kernel could not give its name to the device that returns.
    await until(
      "everybody to let go of the line",
      () => openFlags(driver, device).length === 0 && openFlags("self", device).length === 0,
    );
    const { descriptor: returned, path: returnedPath } = openPseudoTerminal();
    context.defer(() => closeSync(returned));
    symlinkSync(returnedPath, link);
    await running.said("connected: true");
    assert.match(run("stty", "-F", returnedPath), /speed 57600 baud/, "it is set as it was");
    const words = Buffer.from("here again");
    assert.is(Buffer.from(await exchange(returned, words, words.length)).toString(), "here again");
    assert.is(processOf("serial-uart"), driver, "the driver lived through it");
  });
}

test.run();
