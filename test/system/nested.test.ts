// smoke
/** An init inside a system: sessions forwarded to its components, its quota, its state report. */
import * as assert from "uvu/assert";
import type { StateDocument } from "../../servers/init/state-report.js";
import { suite } from "../support/suite.js";
import { TestSystem, uses } from "../support/system.js";

const test = suite("nested inits");

const nested = { parentProvides: ["ROM", "LOG", "Spawner", "Report"], defaultRoute: { "*": "parent" } };

const inner = (mark: string, steps: readonly object[] = []) => ({
  binary: "dummy",
  ram: "1M",
  caps: 40,
  provides: ["LOG"],
  config: {
    steps: [
      { open: { service: "LOG", label: "out" } },
      ...steps,
      { announce: { service: "LOG", prefix: mark, uses: "16K" } },
    ],
  },
});
const outer = (services: object, start: object, more: object = {}) => ({
  binary: "init",
  ram: "8M",
  caps: 300,
  provides: Object.keys(services),
  route: { "*": "parent" },
  config: { ...nested, services, start, ...more },
});
const app = (label: string, more: readonly object[] = []) => ({
  binary: "dummy",
  route: { LOG: "outer", "*": "parent" },
  config: { steps: [{ open: { service: "LOG", label } }, { say: "hello" }, ...more] },
});

test("a session reaches a component inside, waits for it, is upgraded, closed and refunded", async (context) => {
  const steps = [{ upgrade: { ram: "32K", caps: 1 } }, { sleep: 100 }, { close: 1 }, { log: "closed" }];
  const system = context.use(
    TestSystem.start({
      start: {
        outer: outer({ LOG: "inner: guest" }, { inner: inner("> ", [{ sleep: 300 }]) }),
        app: app("door", steps),
      },
    }),
  );
  await system.untilChild(
    "app",
    "waits",
    ({ requested }) => requested?.some(({ service, state }) => service === "LOG" && state === "CREATING") === true,
  );
  await system.untilLogged("outer -> inner -> out", "> [guest] hello");
  await system.untilLogged("app", "closed");
  const { provided } = await system.untilChild(
    "outer",
    "has nobody to serve",
    ({ provided: sessions }) => sessions?.length === 0,
  );
  assert.equal(provided, []);
  const { lent } = system.init.children.get("app")?.instance?.account ?? {};
  // The config ROM alone is open.
  assert.is(
    lent?.ram,
    system.child("app").requested?.reduce((total, { ram }) => total + ram, 0),
  );
});

test("a request that met the death of its server's own server is made again, a few times", async (context) => {
  const server = (lost: number) => ({
    binary: "dummy",
    provides: ["LOG"],
    config: { steps: [{ announce: { service: "LOG", lost } }] },
  });
  const client = (to: string) => ({
    binary: "dummy",
    route: { LOG: to, "*": "parent" },
    config: { steps: [{ open: { service: "LOG", optional: true } }] },
  });
  const system = context.use(
    TestSystem.start({
      start: {
        near: server(3),
        outer: outer({ LOG: "inner" }, { inner: server(3) }),
        hopeless: server(1000),
        "of-near": client("near"),
        "of-inner": client("outer"),
        "of-hopeless": client("hopeless"),
      },
    }),
  );
  for (const name of ["of-near", "of-inner"])
    await system.untilChild(name, "has its session", (child) => uses(child, "LOG"));
  await system.untilLogged("of-hopeless", /^denied along .*ended it again and again before it was open/);
});

test("no policy, no session; another policy closes what it forbids, and the client finds the new server", async (context) => {
  const services = (to: string) => ({ LOG: { policies: [{ labelPrefix: "app", to }] } });
  const insides = { left: inner("left "), right: inner("right ") };
  const stranger = { ...app("door"), config: { steps: [{ open: { service: "LOG", optional: true } }] } };
  const system = context.use(
    TestSystem.start({
      start: { outer: outer(services("left"), insides), app: app("door", [{ sleep: 20 }, { repeat: 1000 }]), stranger },
    }),
  );
  await system.untilLogged("outer -> left -> out", "left [app -> door] hello");
  await system.untilLogged("stranger", /^refused: Denied/);
  assert.not.ok(uses(system.child("stranger"), "LOG"));
  const { id } = system.child("outer");
  await system.apply({
    start: { outer: outer(services("right"), insides), app: app("door", [{ sleep: 20 }, { repeat: 1000 }]), stranger },
  });
  await system.untilLogged("outer -> right -> out", "right [app -> door] hello");
  assert.is(system.id("outer"), id);
});

test("the death of a component inside ends the sessions that were forwarded to it, and they come back with it", async (context) => {
  const dying = inner("> ", []);
  const mortal = { ...dying, config: { steps: [...dying.config.steps, { sleep: 300 }, { crash: "throw" }] } };
  const system = context.use(
    TestSystem.start({
      start: { outer: outer({ LOG: "inner" }, { inner: mortal }), app: app("door", [{ sleep: 20 }, { repeat: 1000 }]) },
    }),
  );
  await system.untilLogged("outer -> inner -> out", "> [app -> door] hello");
  await system.untilChild(
    "app",
    "lost its session",
    ({ requested }) => requested?.some(({ service, state }) => service === "LOG" && state === "OPEN") === false,
  );
  await system.untilChild("app", "has a session again", (child) => uses(child, "LOG"));
  assert.is(system.child("app").restarts, undefined);
});

test("a request that nobody waits for any more is withdrawn from every parent on its way", async (context) => {
  const waiting = { binary: "dummy", config: { steps: [{ open: { service: "Timer" } }] } };
  const parents = { parentProvides: ["ROM", "Spawner", "Timer"] };
  const start = (insides: object) => ({
    start: {
      silent: { binary: "dummy", provides: ["Timer"], config: { steps: [] } },
      outer: { ...outer({}, insides, parents), route: { Timer: "silent", "*": "parent" } },
    },
  });
  const system = context.use(TestSystem.start(start({ waiting })));
  await system.untilChild("silent", "has a request", ({ provided }) => provided?.[0]?.label === "outer -> waiting");
  await system.apply(start({}));
  await system.untilChild("silent", "has none", ({ provided }) => provided?.length === 0);
});

test("more quota for a nested init reaches the components inside that lacked it", async (context) => {
  const rising = (ram: string) => ({
    start: {
      outer: {
        ...outer(
          {},
          {
            inner: {
              binary: "dummy",
              ram: "12M",
              caps: 40,
              config: {
                steps: [
                  { open: { service: "LOG", label: "poor" } },
                  { request: { ram: "8M" } },
                  { open: { service: "LOG", label: "rich" } },
                  { say: "granted" },
                ],
              },
            },
          },
        ),
        ram,
      },
    },
  });
  const system = context.use(TestSystem.start(rising("4M")));
  await system.untilChild("outer", "passes on the session of what is inside", (child) => uses(child, "LOG", "poor"));
  await system.apply(rising("32M"));
  await system.untilLogged("outer -> inner -> rich", "granted");
});

test("a nested init with a report shows its state to whoever may read it", async (context) => {
  const reportRom = {
    provides: ["Report", "ROM"],
    route: { "*": "parent" },
    config: { policies: [{ label: "reader -> state", report: "outer -> state" }] },
  };
  const watched = outer(
    {},
    { inner: { binary: "dummy", config: { steps: [{ sleep: 800 }, { exit: 5 }] }, restart: { mode: "never" } } },
    { version: "a", report: { ids: true, childRam: true, delay: "10ms" } },
  );
  const system = context.use(
    TestSystem.start({
      start: {
        "report-rom": reportRom,
        outer: { ...watched, route: { Report: "report-rom", "*": "parent" } },
        reader: { binary: "reader", route: { "ROM state": "report-rom", "*": "parent" } },
      },
    }),
  );
  const line = await system.untilLogged("reader", /"exited":5/);
  const state = JSON.parse(line) as StateDocument;
  assert.is(state.version, "a");
  assert.is(state.children["inner"]?.state, "exited");
  assert.is(state.children["inner"]?.id, 1);
  assert.is(state.ram, undefined, "what was not asked for is not shown");
  assert.ok(system.lines("reader").some((text) => text.includes('"state":"alive"') && text.includes('"assigned"')));
});

test("the report shows what is asked for and no more, with the values that were assigned", async (context) => {
  const reportRom = {
    provides: ["Report", "ROM"],
    route: { "*": "parent" },
    config: { policies: [{ label: "reader -> state", report: "outer -> state" }] },
  };
  const all = {
    ids: true,
    requested: true,
    provided: true,
    sessionArgs: true,
    childRam: true,
    childCaps: true,
    initRam: true,
    initCaps: true,
    delay: "10ms",
  };
  const insides = {
    server: inner(""),
    user: {
      binary: "dummy",
      ram: "768K",
      caps: 25,
      route: { LOG: "server", "*": "parent" },
      config: { steps: [{ open: { service: "LOG", label: "door" } }] },
    },
  };
  const start = (report: object) => ({
    start: {
      "report-rom": reportRom,
      outer: { ...outer({}, insides, { report }), route: { Report: "report-rom", "*": "parent" } },
      reader: { binary: "reader", route: { "ROM state": "report-rom", "*": "parent" } },
    },
  });
  const system = context.use(TestSystem.start(start({ delay: "10ms" })));
  await system.untilLogged("reader", /"user":\{[^}]*"state":"alive"/);
  const plain = JSON.parse(system.lines("reader").at(-1) as string) as StateDocument;
  assert.equal(Object.keys(plain), ["format", "children"]);
  assert.equal(Object.keys(plain.children["user"] ?? {}), ["binary", "state", "isolation"]);

  await system.apply(start(all));
  const line = await system.untilLogged("reader", /"label":"user -> door","state":"OPEN"/);
  const { children, ram, caps } = JSON.parse(line) as StateDocument;
  const { user, server } = children;
  assert.equal([user?.ram?.assigned, user?.ram?.quota, user?.caps?.assigned], [768 * 1024, 768 * 1024, 25]);
  assert.is((user?.ram?.used ?? 0) + (user?.ram?.available ?? 0), 768 * 1024);
  const [session] = user?.requested?.filter(({ service }) => service === "LOG") ?? [];
  assert.equal([session?.peer, session?.args], ["server", {}]);
  assert.equal(
    server?.provided?.map(({ label, peer, ram: donated }) => ({ label, peer, donated })),
    [{ label: "user -> door", peer: "user", donated: session?.ram }],
  );
  assert.ok((ram?.used ?? 0) >= 1792 * 1024 && (caps?.used ?? 0) >= 65, "init's own numbers hold what it gave away");
});

test.run();
