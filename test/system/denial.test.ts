/** Denials by a parent far above: the whole way to them arrives, nobody crashes again and again, and `explain` knows it too. */
import * as assert from "uvu/assert";
import type { DenialStep } from "../../base/denial.js";
import type { SessionError } from "../../base/errors.js";
import { explainWay } from "../../servers/init/explanation.js";
import type { StateDocument } from "../../servers/init/state-report.js";
import { suite } from "../support/suite.js";
import { TestSystem, uses } from "../support/system.js";

const test = suite("denials from above");

const dummy = (steps: readonly object[], more: object = {}) => ({ binary: "dummy", config: { steps }, ...more });
const provides = ["ROM", "LOG", "Spawner", "Timer", "Report"];
const nested = (start: object, more: object = {}, own: object = {}) => ({
  binary: "init",
  ram: "16M",
  caps: 400,
  config: { parentProvides: provides, defaultRoute: { "*": "parent" }, start, ...more },
  ...own,
});
const server = dummy([{ announce: { service: "Timer" } }], { provides: ["Timer"] });
const without = { route: { Timer: "any-child", "*": "parent" } };

/** The path that the component printed. */
async function pathOf(system: TestSystem, label: string): Promise<readonly DenialStep[]> {
  const line = await system.untilLogged(label, /^denied along /);
  return JSON.parse(line.slice("denied along ".length)) as DenialStep[];
}

test("the error has the part of each init, from the nearest to the one that decided", async (context) => {
  const label = `${"ü".repeat(30)} 🕰 ${"x".repeat(40)}`;
  const app = dummy([{ open: { service: "Timer", label, optional: true } }]);
  const system = context.use(
    TestSystem.start({
      start: { outer: nested({ middle: nested({ app }, {}, { ram: "4M", caps: 150 }) }, {}, without) },
    }),
  );
  const path = await pathOf(system, "outer -> middle -> app");
  const full = (names: string): string => `${names} -> ${label}`;
  assert.equal(path, [
    {
      init: "outer -> middle",
      stage: "route",
      rule: "*: parent",
      component: "app",
      reason: `goes to the parent with the label "${full("app")}"`,
    },
    {
      init: "outer",
      stage: "route",
      rule: "*: parent",
      component: "middle",
      reason: `goes to the parent with the label "${full("middle -> app")}"`,
    },
    {
      init: "",
      stage: "route",
      rule: "Timer: any-child",
      component: "outer",
      reason: 'no other child provides "Timer"',
    },
  ]);
  assert.ok(
    system
      .lines("outer -> middle -> app")
      .some((line) =>
        /^refused: Denied: Session Timer .* denied by the root: no other child provides "Timer"$/.test(line),
      ),
  );
  // What explain says beforehand is what happened.
  const way = explainWay(system.init.model, "outer/middle/app", "Timer", label);
  assert.is(way.resolution.kind, "denied");
  assert.equal(
    way.steps
      .filter(({ outcome }) => outcome === "taken" || outcome === "denied")
      .map(({ init, rule }) => [init, rule]),
    path.map(({ init, rule }) => [init, rule]),
  );
  assert.match(
    way.text,
    /^in init "outer -> middle":\n.*in init "outer":\n.*in the root:\n.*denied: no other child provides "Timer"/s,
  );
});

test("a server that refuses is named with its reason, through the nested init", async (context) => {
  const refusing = dummy([{ announce: { service: "LOG", refuse: "not today" } }], { provides: ["LOG"] });
  const app = dummy([{ open: { service: "LOG", label: "door", optional: true } }]);
  const system = context.use(
    TestSystem.start({
      start: {
        refusing,
        outer: nested({ app }, {}, { route: { "LOG * -> door": "refusing", "*": "parent" } }),
      },
    }),
  );
  const [own, root, ...more] = await pathOf(system, "outer -> app");
  assert.equal(more, []);
  assert.is(own?.init, "outer");
  const { init, stage, component, reason } = root as DenialStep;
  assert.equal(
    { init, stage, component, reason },
    { init: "", stage: "server", component: "refusing", reason: "not today" },
  );
});

test("a component that ends for want of a route above is incomplete, and starts when the route is there", async (context) => {
  const reportRom = {
    provides: ["Report", "ROM"],
    route: { "*": "parent" },
    config: { policies: [{ label: "reader -> state", report: "outer -> state" }] },
  };
  const reader = { binary: "reader", route: { "ROM state": "report-rom", "*": "parent" } };
  const outer = nested(
    { needy: dummy([{ open: { service: "Timer" } }, { open: { service: "LOG" } }, { say: "served" }]) },
    { report: { ids: true, delay: "10ms" } },
    { route: { Report: "report-rom", Timer: "any-child", "*": "parent" } },
  );
  const start = (more: object) => ({ start: { "report-rom": reportRom, reader, outer, ...more } });
  const system = context.use(TestSystem.start(start({})));
  const line = await system.untilLogged("reader", /"incomplete"/);
  const { needy } = (JSON.parse(line) as StateDocument).children;
  assert.equal(needy?.missing, [{ service: "Timer", label: "" }]);
  assert.is(needy?.id, 1, "one start, no crash loop");
  const { id } = system.child("outer");
  await system.apply(start({ server }));
  await system.untilLogged("outer -> needy", "served");
  assert.is(system.id("outer"), id);
  assert.ok(uses(system.child("outer"), "Timer", "needy"));
});

test("a nested init that is killed restarts, whatever was denied to what is inside", async (context) => {
  const app = dummy([{ open: { service: "Timer", optional: true } }, { log: "went on" }]);
  const system = context.use(TestSystem.start({ start: { outer: nested({ app }, {}, without) } }));
  await system.untilLogged("outer -> app", "went on");
  const { id } = system.child("outer");
  system.init.kill("outer");
  await system.untilChild("outer", "runs again", (child) => child.state === "alive" && child.id !== id);
  await system.until(
    "what is inside runs again",
    () => system.lines("outer -> app").filter((text) => text === "went on").length === 2,
  );
});

test("explain goes down into an init that offers a service of its own, and says where it cannot look", async (context) => {
  const inside = { server: dummy([], { provides: ["Timer"] }) };
  const offering = nested(inside, { services: { Timer: { policies: [{ labelPrefix: "app", to: "server" }] } } });
  const route = { Timer: "offering", "*": "parent" };
  const system = context.use(
    TestSystem.start({
      start: { offering: { ...offering, provides: ["Timer"] }, app: dummy([], { route }), other: dummy([], { route }) },
    }),
  );
  await system.untilChild("other", "runs", ({ state }) => state === "alive");
  const { model } = system.init;
  const way = explainWay(model, "app", "Timer", "");
  assert.equal(
    way.steps.filter(({ outcome }) => outcome === "taken").map(({ init, rule }) => [init, rule.split(":")[0]]),
    [
      ["", "Timer"],
      ["offering", "services.Timer"],
    ],
  );
  assert.match(way.text, /in init "offering":\n.*goes to child "server" with the label "app"\n$/s);
  assert.is(explainWay(model, "other", "Timer", "").resolution.kind, "denied");
  for (const [path, message] of [
    ["nobody", /There is no component "nobody"/],
    ["offering/srver", /There is no component "srver" in "offering"; did you mean "server"\?/],
    ["app/inner", /Cannot look into "app": it is no init/],
  ] as const)
    assert.throws(
      () => explainWay(model, path, "Timer", ""),
      (error: SessionError) => error.code === "NotFound" && message.test(error.message),
    );
});

test.run();
