import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parsed, undocumented } from "../../base/schema.js";
import type { ReportFlags, SystemModel } from "../../servers/init/config.js";
import {
  allFlags,
  type ChildFacts,
  childStates,
  type SystemFacts,
  stateReport,
  stateSchema,
  urgent,
} from "../../servers/init/state-report.js";
import { readSystemFile } from "../../servers/init/system-file.js";

const test = suite("state report");

const model = readSystemFile(
  '{ "version": 3, "parentProvides": ["ROM"], "defaultRoute": { "ROM": "parent" }, "start": { "timer": { "provides": ["Timer"], "ram": "1M", "caps": 10 }, "app": { "binary": "tool", "version": "x" } } }',
).model as SystemModel;
const none: ReportFlags = {
  ids: false,
  requested: false,
  provided: false,
  sessionArgs: false,
  childRam: false,
  childCaps: false,
  initRam: false,
  initCaps: false,
  inside: false,
  delay: 100,
};
const session = {
  service: "Timer",
  label: "app",
  state: "OPEN",
  ram: 10240,
  caps: 2,
  peer: "timer",
  args: { rate: 1 },
} as const;
const timer: ChildFacts = {
  name: "timer",
  id: 1,
  state: "alive",
  isolation: "full",
  notInForce: ["own-user: the root is an ordinary user's"],
  account: { quota: { ram: 2 ** 20, caps: 10 }, available: { ram: 2 ** 19, caps: 4 } },
  wanted: { ram: 4096, caps: 0 },
  requested: [],
  provided: [{ ...session, peer: "app" }],
};
const inside = {
  keyboard: { binary: "input", state: "alive", id: 2, requested: [{ ...session, peer: "filter" }] },
  "no-screen": { binary: "display", state: "crash-loop", failure: "Fehler: \u{1f5a5} \u0007" },
} as const;
const app: ChildFacts = {
  name: "app",
  id: 5,
  state: "exited",
  end: { value: 0 },
  skippedHeartbeats: 0,
  requested: [session],
  provided: [],
};
const facts: SystemFacts = {
  own: { quota: { ram: 100, caps: 50 }, available: { ram: 40, caps: 50 } },
  children: new Map([
    ["app", app],
    ["timer", timer],
  ]),
};

test("without flags there is only what concerns life and death", () => {
  assert.equal(stateReport(model, facts, none), {
    format: 1,
    version: "3",
    children: {
      timer: { binary: "timer", state: "alive", isolation: "full", notInForce: timer.notInForce },
      app: { binary: "tool", version: "x", state: "exited", exited: 0 },
    },
  });
});

test("children are in the order of the system file, and those on their way out last", () => {
  const children = new Map([["old", { ...app, name: "old" }], ...facts.children]);
  assert.equal(Object.keys(stateReport(model, { ...facts, children }, none).children), ["timer", "app", "old"]);
});

test("quota is shown in figures that add up", () => {
  const document = stateReport(model, facts, {
    ...none,
    childRam: true,
    childCaps: true,
    initRam: true,
    initCaps: true,
  });
  assert.equal(document.children["timer"]?.ram, {
    assigned: 2 ** 20,
    quota: 2 ** 20,
    used: 2 ** 19,
    available: 2 ** 19,
    requested: 4096,
  });
  assert.equal(document.children["timer"]?.caps, { assigned: 10, quota: 10, used: 6, available: 4 });
  assert.equal(document.ram, { quota: 100, used: 60, available: 40 });
  assert.equal(document.caps, { quota: 50, used: 0, available: 50 });
});

test("session arguments appear only with their own flag", () => {
  const { args: _args, ...bare } = session;
  assert.equal(stateReport(model, facts, { ...none, requested: true }).children["app"]?.requested, [bare]);
  assert.equal(stateReport(model, facts, { ...none, requested: true, sessionArgs: true }).children["app"]?.requested, [
    session,
  ]);
});

test("property: each flag alone decides about its part, and every document obeys the schema", () => {
  const flag = fc.boolean();
  const flags = fc.record({
    ids: flag,
    requested: flag,
    provided: flag,
    sessionArgs: flag,
    childRam: flag,
    childCaps: flag,
    initRam: flag,
    initCaps: flag,
    inside: flag,
    delay: fc.constant(0),
  });
  const child = fc.record({
    state: fc.constantFrom(...childStates),
    id: fc.nat(),
    restarts: fc.nat(3),
    restartIn: fc.double({ min: -5, max: 1e6, noNaN: true }),
    skippedHeartbeats: fc.nat(2),
    children: fc.constantFrom<ChildFacts["children"][]>(undefined, {}, inside, {
      init: { binary: "init", state: "alive", children: inside },
    }),
  });
  fc.assert(
    fc.property(flags, child, (chosen, extra) => {
      const document = stateReport(model, { ...facts, children: new Map([["timer", { ...timer, ...extra }]]) }, chosen);
      const { problems, value } = parsed(stateSchema, JSON.parse(JSON.stringify(document)));
      assert.equal(problems, []);
      assert.equal(value, document);
      const shown = document.children["timer"] ?? {};
      const has = (key: string, where: object = shown): boolean => Object.hasOwn(where, key);
      assert.equal(
        [
          has("id"),
          has("requested"),
          has("provided"),
          has("ram"),
          has("caps"),
          has("ram", document),
          has("caps", document),
          has("children"),
        ],
        [
          chosen.ids,
          chosen.requested,
          chosen.provided,
          chosen.childRam,
          chosen.childCaps,
          chosen.initRam,
          chosen.initCaps,
          chosen.inside && extra.children !== undefined,
        ],
      );
    }),
  );
});

test("what changes life and death is urgent; samples are not", () => {
  const before = stateReport(model, facts, allFlags);
  const report = (changes: Partial<ChildFacts>) =>
    stateReport(
      model,
      {
        ...facts,
        children: new Map([
          ["timer", { ...timer, ...changes }],
          ["app", app],
        ]),
      },
      allFlags,
    );
  assert.is(urgent(undefined, before), true);
  assert.is(urgent(before, report({})), false);
  assert.is(
    urgent(
      before,
      report({ account: { quota: { ram: 2 ** 20, caps: 10 }, available: { ram: 1, caps: 1 } }, skippedHeartbeats: 1 }),
    ),
    false,
  );
  assert.is(urgent(before, report({ state: "waiting" })), true);
  assert.is(urgent(before, report({ id: 2 })), true);
  assert.is(urgent(before, report({ wanted: { ram: 8192, caps: 0 } })), true);
  assert.is(urgent(before, stateReport(model, { ...facts, children: new Map([["app", app]]) }, allFlags)), true);
});

test("every field is documented", () => {
  assert.equal(undocumented(stateSchema), []);
});

test.run();
