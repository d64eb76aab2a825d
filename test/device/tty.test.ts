// smoke
/**
 * Pseudo-terminals of the real kernel, with stty as the second witness; the mark decoder by properties.
 */
import { spawnSync } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import {
  applyLineSettings,
  changeModemLines,
  connected,
  drainPresence,
  encodeMarks,
  flushLine,
  lineCounters,
  lineSettings,
  type Mark,
  MarkDecoder,
  modemLine,
  modemLines,
  openPseudoTerminal,
  openTerminalEnd,
  outputPending,
  readLine,
  rs485,
  setBreak,
  setExclusive,
  setWindowSize,
  watchPresence,
  windowSize,
  writeLine,
} from "../../bindings/tty.js";
import { suite } from "../support/suite.js";
import { cleanUp, errorCode, installed, isRoot, run, undo, until } from "./host.js";

const Tty = suite("tty");
Tty.after(cleanUp);

function closed(descriptor: number): number {
  undo(() => closeSync(descriptor));
  return descriptor;
}

function pair(): { master: number; terminal: number; path: string } {
  const { descriptor, path } = openPseudoTerminal();
  closed(descriptor);
  return { master: descriptor, terminal: closed(openTerminalEnd(descriptor)), path };
}

/** Moves all of `bytes` from one end to the other and returns what arrived. */
async function through(from: number, to: number, bytes: Uint8Array): Promise<Uint8Array> {
  const result = new Uint8Array(bytes.length * 2);
  let written = 0;
  let read = 0;
  let quiet = 0;
  await until("the transfer", () => {
    if (written < bytes.length) written += writeLine(from, bytes, written) ?? 0;
    const count = readLine(to, result, read);
    read += count ?? 0;
    quiet = count === undefined && written === bytes.length ? quiet + 1 : 0;
    return read >= bytes.length && quiet > 20;
  });
  return result.slice(0, read);
}

Tty("every byte passes unchanged in both directions", async () => {
  const { master, terminal } = pair();
  const bytes = Uint8Array.from({ length: 40_000 }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
  assert.is(readLine(master, new Uint8Array(1)), undefined, "nothing waits");
  assert.equal(await through(master, terminal, bytes), bytes);
  assert.equal(await through(terminal, master, bytes), bytes);
  // Only the named stretch is touched, and one beyond the array's end is cut to it.
  const place = new Uint8Array(8).fill(1);
  writeLine(master, Uint8Array.of(5, 6, 7, 8), 1, 2);
  await until("two bytes", () => readLine(terminal, place, 6, 100) === 2);
  assert.equal([...place], [1, 1, 1, 1, 1, 1, 6, 7]);
});

Tty("a full queue takes less, and none of it is lost", async () => {
  const { master, terminal } = pair();
  const chunk = Uint8Array.from({ length: 1000 }, (_, index) => index & 0xff);
  let written = 0;
  let taken: number | undefined;
  do {
    taken = writeLine(master, chunk, written % 1000);
    written += taken ?? 0;
  } while (taken !== 0 && written < 10_000_000);
  assert.is(taken, 0);
  const arrived = new Uint8Array(written);
  let read = 0;
  await until("all bytes", () => {
    read += readLine(terminal, arrived, read) ?? 0;
    return read === written;
  });
  assert.ok(arrived.every((byte, index) => byte === ((index % 1000) & 0xff)));
});

Tty("who has the terminal open is known: never opened, opened, hung up, opened again", async () => {
  const { descriptor: master, path } = openPseudoTerminal();
  closed(master);
  const watch = closed(watchPresence(path));
  assert.is(connected(master), false);
  assert.is(readLine(master, new Uint8Array(8)), 0, "a hang-up");
  assert.is(drainPresence(watch), false);
  for (let round = 0; round < 3; ++round) {
    const flags = constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK;
    const first = openSync(path, flags);
    const second = openSync(path, flags);
    assert.is(drainPresence(watch), true);
    assert.is(connected(master), true);
    assert.is(readLine(master, new Uint8Array(8)), undefined);
    writeLine(first, Uint8Array.of(round));
    closeSync(first);
    assert.is(connected(master), true, "one of two holders left");
    closeSync(second);
    assert.is(drainPresence(watch), true);
    assert.is(connected(master), false);
    const last = new Uint8Array(8);
    await until("what was written before the close", () => readLine(master, last) === 1);
    assert.is(last[0], round);
    assert.is(readLine(master, last), 0, "a hang-up");
  }
});

Tty("settings: what stty reads, and what stty sets", (context) => {
  if (!installed("stty")) context.skip("needs stty");
  const { master, terminal, path } = pair();
  assert.match(run("stty", "-F", path, "-a"), /-icanon.*-echo |-echo .*-icanon/s, "raw from the start");
  const applied = applyLineSettings(terminal, {
    inputRate: 57600,
    outputRate: 57600,
    stopBits: 2,
    hardwareFlow: true,
    softwareFlow: true,
    local: false,
    hangUp: false,
    marks: true,
  });
  assert.equal(applied, {
    inputRate: 57600,
    outputRate: 57600,
    dataBits: 8,
    parity: "none",
    stopBits: 2,
    hardwareFlow: true,
    softwareFlow: true,
    local: false,
    hangUp: false,
    marks: true,
  });
  const shown = run("stty", "-F", path, "-a");
  assert.match(shown, /speed 57600 baud/);
  for (const flag of ["cstopb", "crtscts", "ixon", "ixoff", "parmrk", "-clocal", "-hupcl", "-opost", "-isig", "cs8"]) {
    assert.ok(shown.split(/[\s;]+/).includes(flag), `${flag} in ${shown}`);
  }
  run("stty", "-F", path, "1200", "-cstopb", "-crtscts", "clocal", "hupcl");
  // The master end shows the settings of the terminal end.
  const seen = lineSettings(master);
  assert.equal(
    [seen.inputRate, seen.outputRate, seen.stopBits, seen.hardwareFlow, seen.local, seen.hangUp],
    [1200, 1200, 1, false, true, true],
  );
});

Tty("settings: any rate; what a terminal cannot do shows in the settings in force", () => {
  const { terminal } = pair();
  for (const rate of [1, 31_250, 74_880, 250_000, 1_234_567, 12_000_000]) {
    const { inputRate, outputRate } = applyLineSettings(terminal, { inputRate: rate, outputRate: rate });
    assert.equal([inputRate, outputRate], [rate, rate]);
  }
  const split = applyLineSettings(terminal, { inputRate: 1200, outputRate: 75 });
  assert.equal([split.inputRate, split.outputRate], [1200, 75]);
  // A pseudo-terminal has neither.
  const applied = applyLineSettings(terminal, { dataBits: 7, parity: "even" });
  assert.equal([applied.dataBits, applied.parity], [8, "none"]);
  for (const wrong of [
    { dataBits: 4 },
    { dataBits: 9 },
    { stopBits: 0 },
    { stopBits: 3 },
    { outputRate: 0 },
    { inputRate: 0 },
  ]) {
    assert.throws(
      () => applyLineSettings(terminal, wrong),
      (error: NodeJS.ErrnoException) => error.code === "EINVAL" && error.message.includes("5 to 8 data bits"),
    );
  }
});

Tty("window size passes from one end to the other", () => {
  const { master, terminal, path } = pair();
  setWindowSize(master, { columns: 132, rows: 43 });
  assert.equal(windowSize(terminal), { columns: 132, rows: 43 });
  if (installed("stty")) assert.is(run("stty", "-F", path, "size").trim(), "43 132");
  setWindowSize(master, { columns: 65535, rows: 65535 });
  assert.equal(windowSize(terminal), { columns: 65535, rows: 65535 });
  assert.is(
    errorCode(() => setWindowSize(master, { columns: 65536, rows: 1 })),
    "EINVAL",
  );
});

Tty("exclusive: nobody else opens the terminal", (context) => {
  if (!isRoot || !installed("setpriv")) context.skip("needs root and setpriv, to open as another user");
  const { terminal, path } = pair();
  run("chmod", "666", path);
  const open = (): string =>
    spawnSync(
      "setpriv",
      ["--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "sh", "-c", `: < ${path}`],
      { encoding: "utf8" },
    ).stderr;
  assert.is(open(), "");
  setExclusive(terminal, true);
  assert.match(open(), /busy/i);
  setExclusive(terminal, false);
  assert.is(open(), "");
});

Tty("flush and pending", async () => {
  const { master, terminal } = pair();
  writeLine(master, new Uint8Array(100));
  flushLine(terminal, "input");
  writeLine(master, Uint8Array.of(42));
  const arrived = new Uint8Array(200);
  await until("the byte after the flush", () => readLine(terminal, arrived) !== undefined);
  assert.is(arrived[0], 42);
  assert.is(outputPending(terminal), 0);
});

Tty("what a pseudo-terminal does not have says so; a closed descriptor too", () => {
  const { terminal } = pair();
  for (const action of [
    () => modemLines(terminal),
    () => changeModemLines(terminal, modemLine.dtr, 0),
    () => lineCounters(terminal),
    () => rs485(terminal),
  ]) {
    assert.throws(
      action,
      (error: NodeJS.ErrnoException) =>
        error.code === "ENOTTY" &&
        /^Cannot .* serial line: inappropriate ioctl for device \(the terminal's driver does not have it\)$/.test(
          error.message,
        ),
    );
  }
  assert.is(
    errorCode(() => changeModemLines(terminal, modemLine.cts, 0)),
    "EINVAL",
    "an input cannot be set",
  );
  assert.is(
    errorCode(() => changeModemLines(terminal, modemLine.dtr, modemLine.dtr)),
    "EINVAL",
  );
  setBreak(terminal, true); // accepted by the kernel, and without effect
  setBreak(terminal, false);
  const descriptor = openSync("/dev/null", "r");
  closeSync(descriptor);
  assert.is(
    errorCode(() => readLine(descriptor, new Uint8Array(1))),
    "EBADF",
  );
  assert.is(
    errorCode(() => lineSettings(descriptor)),
    "EBADF",
  );
});

Tty("break: the kernel's doubling of FF is undone, and a conveyed break is received", async () => {
  const { master, terminal } = pair();
  const bytes = Uint8Array.from({ length: 512 }, (_, index) => (index % 3 === 0 ? 0xff : index));

  // The terminal's own line discipline marks: an FF that arrives is doubled.
  applyLineSettings(terminal, { marks: true });
  const marked = await through(master, terminal, bytes);
  assert.ok(marked.length > bytes.length, "the kernel doubled");
  const decoder = new MarkDecoder();
  const decoded = decoder.decode(marked);
  assert.equal(decoded.bytes.slice(), bytes);
  assert.equal(decoded.marks, []);

  // A pseudo-terminal has no wire, so its other end conveys the marks.
  applyLineSettings(terminal, { marks: false });
  const marks: Mark[] = [
    { kind: "break", position: 0 },
    { kind: "damaged", position: 7 },
    { kind: "break", position: 512 },
  ];
  const conveyed = decoder.decode(await through(master, terminal, encodeMarks(bytes, marks)));
  assert.equal(conveyed.bytes.slice(), bytes);
  assert.equal(conveyed.marks, marks);
});

/** Characters with marks, as a line would receive them; a damaged 0 is a break, so it is not among them. */
const received = fc
  .array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ byte: fc.oneof(fc.constant(0xff), fc.constant(0), fc.integer({ min: 0, max: 255 })) }),
      },
      { weight: 1, arbitrary: fc.record({ damaged: fc.oneof(fc.constant(0xff), fc.integer({ min: 1, max: 255 })) }) },
      { weight: 1, arbitrary: fc.constant({ break: true as const }) },
    ),
  )
  .map((events) => {
    const bytes: number[] = [];
    const marks: Mark[] = [];
    for (const event of events) {
      if ("break" in event) marks.push({ kind: "break", position: bytes.length });
      else if ("damaged" in event) {
        marks.push({ kind: "damaged", position: bytes.length });
        bytes.push(event.damaged);
      } else bytes.push(event.byte);
    }
    return { bytes: Uint8Array.from(bytes), marks };
  });

/** Decodes `input` in pieces that end at `cuts`, and puts the results together. */
function decodeInPieces(input: Uint8Array, cuts: readonly number[]): { bytes: number[]; marks: Mark[] } {
  const decoder = new MarkDecoder();
  const bytes: number[] = [];
  const marks: Mark[] = [];
  const take = (piece: { bytes: Uint8Array; marks: readonly Mark[] }): void => {
    marks.push(...piece.marks.map(({ kind, position }) => ({ kind, position: position + bytes.length })));
    bytes.push(...piece.bytes);
  };
  let from = 0;
  for (const to of [...cuts.map((cut) => cut % (input.length + 1)).sort((a, b) => a - b), input.length]) {
    take(decoder.decode(input.subarray(from, to)));
    from = to;
  }
  take(decoder.finish());
  return { bytes, marks };
}

Tty("marks: whatever was encoded is decoded, however it is cut", () => {
  fc.assert(
    fc.property(received, fc.array(fc.nat()), ({ bytes, marks }, cuts) => {
      assert.equal(decodeInPieces(encodeMarks(bytes, marks), cuts), { bytes: [...bytes], marks });
    }),
    { numRuns: 1000 },
  );
});

Tty("marks: of any input, no byte is lost or invented, and cuts change nothing", () => {
  const noise = fc.uint8Array({ maxLength: 300 });
  const marksLike = fc
    .array(fc.constantFrom(0xff, 0xff, 0, 0, 1), { maxLength: 300 })
    .map((bytes) => Uint8Array.from(bytes));
  fc.assert(
    fc.property(fc.oneof(noise, marksLike), fc.array(fc.nat()), (input, cuts) => {
      const whole = decodeInPieces(input, []);
      assert.equal(decodeInPieces(input, cuts), whole);
      // Each break stands for FF 00 00, each damaged character for FF 00 and itself. What remains is an FF of data
      // for one FF or two.
      const breaks = whole.marks.filter(({ kind }) => kind === "break").length;
      const damaged = whole.marks.length - breaks;
      const explained = whole.bytes.length + 3 * breaks + 2 * damaged;
      const dataMarks = whole.bytes.filter((byte) => byte === 0xff).length;
      assert.ok(
        explained <= input.length && input.length <= explained + dataMarks,
        `${input.length} bytes became ${explained}`,
      );
      assert.equal(
        whole.bytes.filter((byte) => byte !== 0xff && byte !== 0),
        [...input].filter((byte) => byte !== 0xff && byte !== 0),
      );
    }),
    { numRuns: 1000 },
  );
});

Tty.run();
