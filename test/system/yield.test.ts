/** Quota that goes up and down through nested inits: what a parent wants back comes from the components inside. */
import * as assert from "uvu/assert";
import type { StateDocument } from "../../servers/init/state-report.js";
import { suite } from "../support/suite.js";
import { TestSystem } from "../support/system.js";

const test = suite("quota through nested inits");

const megabyte = 1024 * 1024;
const dummy = (steps: readonly object[], more: object = {}) => ({ binary: "dummy", config: { steps }, ...more });
/** Holds 1 MiB pieces, and says how many are left after each request. */
const hoarder = (pieces: number, answer: string, more: object = {}) =>
  dummy([{ yield: answer }, { consume: { ram: "1M", pieces } }, { log: "hoarded" }], {
    ram: `${pieces + 1}M`,
    caps: 100,
    ...more,
  });
const nested = (start: object, own: object = {}, more: object = {}) => ({
  binary: "init",
  caps: 600,
  config: {
    parentProvides: ["ROM", "LOG", "Spawner", "Report"],
    defaultRoute: { "*": "parent" },
    report: { ids: true, childRam: true, initRam: true, delay: "10ms" },
    start,
    ...more,
  },
  ...own,
});
const watching = {
  "report-rom": {
    provides: ["Report", "ROM"],
    route: { "*": "parent" },
    config: { policies: [{ label: "reader -> state", report: "outer -> state" }] },
  },
  reader: { binary: "reader", route: { "ROM state": "report-rom", "*": "parent" } },
};
const toReport = { route: { Report: "report-rom", "*": "parent" } };

/** The newest state report of the nested init for which the condition holds. */
async function report(system: TestSystem, what: string, condition: (state: StateDocument) => boolean) {
  let found: StateDocument | undefined;
  await system.until(`the report shows ${what}`, () => {
    const last = system.lines("reader").at(-1);
    found = last === undefined ? undefined : (JSON.parse(last) as StateDocument);
    return found !== undefined && condition(found);
  });
  return found as StateDocument;
}

test("what a parent wants back comes from components inside that yield, and returns to them when it is given again", async (context) => {
  const inside = { keeper: hoarder(3, "ignore"), giver: hoarder(8, "answer") };
  const start = (ram: string) => ({ start: { ...watching, outer: nested(inside, { ...toReport, ram }) } });
  const system = context.use(TestSystem.start(start("24M")));
  for (const name of ["keeper", "giver"]) await system.untilLogged(`outer -> ${name}`, "hoarded");
  const { id } = system.child("outer");
  const before = await report(system, "all quota", ({ children }) => children["giver"]?.ram?.quota === 9 * megabyte);

  await system.apply(start("12M"));
  await system.untilChild("outer", "has no more than 12 MiB", ({ ram }) => ram?.quota === 12 * megabyte);
  const short = await report(
    system,
    "the giver without what it gave",
    ({ ram, children }) =>
      (ram?.quota ?? 0) <= Math.floor(12 * megabyte * 0.9) && (children["giver"]?.ram?.used ?? 0) < 8 * megabyte,
  );
  const { keeper, giver } = short.children;
  assert.ok((keeper?.ram?.used ?? 0) > 3 * megabyte, "who does not yield keeps what it uses");
  assert.ok((giver?.ram?.quota ?? 0) < 9 * megabyte);
  assert.ok((short.ram?.available ?? 0) >= 0);

  await system.apply(start("24M"));
  const after = await report(
    system,
    "what was there before",
    ({ children }) => children["giver"]?.ram?.quota === 9 * megabyte,
  );
  assert.equal(
    [after.children["keeper"]?.ram?.quota, after.children["keeper"]?.id, after.children["giver"]?.id],
    [before.children["keeper"]?.ram?.quota, before.children["keeper"]?.id, before.children["giver"]?.id],
  );
  assert.is(system.id("outer"), id);
  assert.is(system.child("outer").restarts, undefined);
});

test("what is not in use goes without anybody being asked, and the init inside knows", async (context) => {
  const inside = { idle: dummy([], { ram: "12M" }) };
  const start = (ram: string) => ({ start: { ...watching, outer: nested(inside, { ...toReport, ram }) } });
  const system = context.use(TestSystem.start(start("16M")));
  await report(system, "the idle component's quota", ({ children }) => children["idle"]?.ram?.quota === 12 * megabyte);
  await system.apply(start("6M"));
  const { children } = await report(
    system,
    "that there is less",
    ({ ram }) => ram?.quota === Math.floor(6 * megabyte * 0.9),
  );
  assert.ok((children["idle"]?.ram?.quota ?? 0) < 6 * megabyte);
  await system.apply(start("16M"));
  await report(
    system,
    "the idle component's quota again",
    (state) => state.children["idle"]?.ram?.quota === 12 * megabyte,
  );
});

test("a request to yield passes an init inside an init", async (context) => {
  const inner = nested({ giver: hoarder(8, "answer") }, { ram: "14M", caps: 200 }, { report: undefined });
  const start = (ram: string) => ({ start: { outer: nested({ inner }, { ram }, { report: undefined }) } });
  const system = context.use(TestSystem.start(start("24M")));
  await system.untilLogged("outer -> inner -> giver", "hoarded");
  const used = (): number => system.child("outer").ram?.used ?? 0;
  assert.ok(used() > 8 * megabyte);
  await system.apply(start("9M"));
  await system.untilChild("outer", "has 9 MiB", ({ ram }) => ram?.quota === 9 * megabyte);
  assert.ok(used() < 9 * megabyte);
  assert.is(system.child("outer").restarts, undefined);
});

test("what an init lacks for its components shows at its parent, as a request that more quota answers", async (context) => {
  const start = (ram: string, inner: string) => ({
    start: { outer: nested({ inner: dummy([], { ram: inner }) }, { ram }, { report: undefined }) },
  });
  const system = context.use(TestSystem.start(start("8M", "4M")));
  await system.untilChild("outer", "runs", ({ state }) => state === "alive");
  assert.is(system.child("outer").ram?.requested, undefined);
  await system.apply(start("8M", "18M"));
  const asking = await system.untilChild("outer", "asks", ({ ram }) => ram?.requested !== undefined);
  const requested = asking.ram?.requested ?? 0;
  // 18 MiB less nine tenths of 8 MiB, and init's own tenth on top.
  assert.ok(requested > 11 * megabyte && requested < 13 * megabyte, `${requested}`);
  await system.apply(start(`${8 + Math.ceil(requested / megabyte)}M`, "18M"));
  await system.untilChild("outer", "asks for nothing", ({ ram }) => ram?.requested === undefined);
});

test.run();
