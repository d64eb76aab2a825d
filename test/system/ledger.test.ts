/** Whatever components and their sessions go through, no quota is lost and none appears. */
import { setTimeout as delay } from "node:timers/promises";
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import { type Amount, nothing, sum } from "../../base/quota.js";
import { suite } from "../support/suite.js";
import { TestSystem } from "../support/system.js";

const test = suite("ledger of a running system");

const restart = { limit: 1000, within: "1m", backoff: { initial: "1ms", max: "5ms" } };
const churn = [
  { open: { service: "LOG", count: 3, optional: true } },
  { upgrade: { ram: "16K", caps: 1 } },
  { say: "x" },
  { close: 3 },
  { repeat: 1000 },
];

const start = (version: number, ram: string) => ({
  start: {
    back: {
      binary: "dummy",
      provides: ["LOG"],
      route: { "*": "parent" },
      restart,
      config: { steps: [{ announce: { service: "LOG", uses: "4K" } }] },
    },
    front: {
      binary: "dummy",
      provides: ["LOG"],
      route: { LOG: "back", "*": "parent" },
      restart,
      config: { steps: [{ open: { service: "LOG" } }, { announce: { service: "LOG", prefix: "x", uses: "4K" } }] },
    },
    one: { binary: "dummy", version, ram, route: { LOG: "front", "*": "parent" }, restart, config: { steps: churn } },
    two: { binary: "dummy", route: { LOG: "back", "*": "parent" }, restart, config: { steps: churn } },
  },
});

function assertBalanced(system: TestSystem): void {
  const { root, accounts } = system.init.ledger;
  let total: Amount = nothing;
  for (const { name, available, used } of accounts) {
    for (const amount of [available.ram, available.caps, used.ram, used.caps])
      assert.ok(amount >= 0, `${name} has ${amount}`);
    total = sum(total, sum(available, used));
  }
  assert.equal(total, root.quota);
}

const names = ["back", "front", "one", "two"];
const action = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("kill" as const), name: fc.constantFrom(...names) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("apply" as const),
      version: fc.integer({ min: 1, max: 3 }),
      ram: fc.constantFrom("1M", "2M", "8M"),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), milliseconds: fc.integer({ min: 1, max: 60 }) }),
  },
);

test("a hundred random crashes, changes and sessions leave it balanced", { timeout: 60_000 }, async (context) => {
  const seed = Number(process.env["BULKHEAD_TEST_SEED"] ?? Date.now() % 1_000_000);
  const system = context.use(TestSystem.start(start(1, "8M")));
  await system.until("all run", ({ children }) => names.every((name) => children[name]?.state === "alive"));
  for (const [index, one] of fc.sample(action, { numRuns: 100, seed }).entries()) {
    try {
      if (one.kind === "wait") await delay(one.milliseconds);
      else if (one.kind === "apply") await system.apply(start(one.version, one.ram));
      else if (system.child(one.name).state === "alive") system.init.kill(one.name);
      await delay(5);
      assertBalanced(system);
    } catch (error) {
      throw new Error(`Step ${index} of seed ${seed}, ${JSON.stringify(one)}: ${(error as Error).message}`);
    }
  }
  await system.until(
    "all run again",
    ({ children }) => names.every((name) => children[name]?.state === "alive"),
    15_000,
  );
  await system.apply({ start: {} });
  await system.until("nothing is lent", () => system.init.ledger.accounts.length === 1);
  assertBalanced(system);
});

test.run();
