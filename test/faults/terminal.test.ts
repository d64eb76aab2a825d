// exclusive
// timeout: 300s
/** Deaths of the UART driver under load: what was acknowledged arrives, in order; only the piece under way may come twice. */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { follow, recordBytes } from "../support/numbered-records.js";
import { suite } from "../support/suite.js";
import { FarEnd, linesAndTypist } from "./far-end.js";
import { FaultSystem, percentile, rounds } from "./fault-system.js";

const test = suite("terminal faults");

/** A write is repeated in pieces of this size. */
const piece = 4096;
/** What a dead driver may have had: its input buffer, and what the session's buffer held. */
const inputHeld = 65_536 + piece;
/** How long a line must be silent to be empty, in milliseconds. */
const silence = 300;

test("the driver's death loses no acknowledged output, and repeats at most the piece under way", {
  timeout: 240_000,
}, async (context) => {
  const faults = context.use(new FaultSystem(linesAndTypist));
  await faults.start();
  const talk = context.use(new FarEnd(join(faults.folder, "talk"), false));
  const echo = context.use(new FarEnd(join(faults.folder, "echo"), true));
  const times: number[] = [];
  for (let round = 0; round < rounds; ++round) {
    await delay(Math.random() * 60);
    times.push(await faults.killUntilServed("uart"));
    if (round % 3 === 0) {
      await delay(Math.random() * 10);
      faults.kill("uart");
    }
  }
  const deaths = faults.kills.get("uart") as number;
  await delay(100);
  echo.writing = false;
  await faults.configure("typist", { stop: true });
  const { acknowledged, errors } = await faults.printed<{ acknowledged: number; errors: string[] }>("typist", "done");
  await faults.until(
    "the lines are silent",
    () => performance.now() - Math.max(talk.lastReceived, echo.lastReceived) > silence,
  );

  assert.equal(errors, []);
  const said = follow(talk.received);
  assert.is(said.reached, acknowledged * recordBytes, "all that was acknowledged arrived");
  assert.equal(
    said.breaks.filter(({ bytes }) => bytes > 0 || bytes < -piece),
    [],
    "nothing is missing, and at most a piece is repeated",
  );
  assert.ok(said.breaks.length <= deaths, `${said.breaks.length} repetitions in ${deaths} deaths`);

  const heard = follow(echo.received);
  assert.is(heard.reached, echo.written, "the last of what was sent came back");
  // The second death of a round may come before anything that the driver held has arrived.
  assert.equal(
    heard.breaks.filter(({ bytes }) => bytes < -piece || bytes > 2 * inputHeld),
    [],
    "a death costs no more than the dead driver held",
  );
  assert.ok(heard.breaks.length <= 2 * deaths, `${heard.breaks.length} breaks in ${deaths} deaths`);
  const lost = heard.breaks.reduce((sum, { bytes }) => sum + Math.max(0, bytes), 0);
  assert.ok(lost <= deaths * inputHeld, `${lost} bytes lost in ${deaths} deaths`);
  process.stdout.write(
    `terminal: ${deaths} deaths; ${acknowledged} records out, ${said.breaks.length} pieces repeated; ${echo.written} bytes in, ${lost} lost with the driver; served again after p50 ${percentile(times, 0.5).toFixed(0)} ms, p99 ${percentile(times, 0.99).toFixed(0)} ms\n`,
  );
});

test.run();
