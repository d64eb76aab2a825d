/** What a client sees of a server that is slow, dies or comes back. */
import * as assert from "uvu/assert";
import type { Outcome } from "../components/prober.js";
import { suite } from "../support/suite.js";
import { TestSystem } from "../support/system.js";

const test = suite("peers");

const server = (answerAfter: number) => ({
  binary: "dummy",
  provides: ["Timer"],
  route: { "*": "parent" },
  config: { steps: [{ announce: { service: "Timer", answerAfter } }] },
});
const prober = { route: { Timer: "server", "*": "parent" } };

async function outcome(system: TestSystem, call: string): Promise<Outcome> {
  return JSON.parse(await system.untilLogged("prober", new RegExp(`^\\{"call":"${call}"`))) as Outcome;
}

test("deadlines and abort signals end calls, late answers meet nobody, death ends pending calls, and the session is reopened", async (context) => {
  const system = context.use(TestSystem.start({ start: { server: server(200), prober } }));
  const deadline = await outcome(system, "deadline");
  assert.is(deadline.code, "DeadlineExceeded");
  assert.ok(deadline.took >= 45 && deadline.took < 190, `after ${deadline.took} ms`);
  assert.is((await outcome(system, "abort")).code, "Aborted");
  assert.is((await outcome(system, "aborted before")).code, "Aborted");
  const after = await outcome(system, "after late answers");
  assert.equal([after.code, after.value], ["ok", 3]);
  assert.is((await outcome(system, "at once")).code, "ok");

  const { id } = system.child("server");
  const killed = performance.timeOrigin + performance.now();
  process.kill(system.pid("server"), "SIGKILL");
  const pending = [await outcome(system, "pending"), await outcome(system, "pending too")];
  for (const { code, at } of pending) {
    assert.is(code, "Disconnected");
    assert.ok(at - killed < 1000, `told ${at - killed} ms after the death`);
  }
  if (process.env["BULKHEAD_TEST_OUTPUT"] !== undefined)
    console.log(
      `pending calls ended ${pending.map(({ at }) => (at - killed).toFixed(1)).join(" and ")} ms after SIGKILL`,
    );
  assert.is((await outcome(system, "reopened")).code, "ok");
  const restarted = await system.untilChild(
    "server",
    "serves the client again",
    ({ provided }) => provided?.[0]?.state === "OPEN",
  );
  assert.is.not(restarted.id, id);
  assert.is(system.child("prober").restarts, undefined);
});

test.run();
