/** Components that go while sessions are half open, open or half closed. */
import * as assert from "uvu/assert";
import { suite } from "../support/suite.js";
import { TestSystem, uses } from "../support/system.js";

const test = suite("destruction");

const server = (steps: readonly object[]) => ({
  binary: "dummy",
  provides: ["LOG"],
  route: { "*": "parent" },
  config: { steps },
});
const client = (steps: readonly object[]) => ({
  binary: "dummy",
  route: { LOG: "server", "*": "parent" },
  config: { steps },
});
const mute = server([{ announce: { service: "LOG", mute: true } }]);
const half = client([{ open: { service: "LOG" } }]);

test("a client goes while its server has not answered: its quota is back at once, the session soon", async (context) => {
  const system = context.use(TestSystem.start({ start: { server: mute, app: half } }));
  await system.untilChild("server", "has a request", ({ provided }) => provided?.[0]?.state === "CREATING");
  await system.until("the request is on its way", () =>
    [...system.init.sessions.values()].some(({ phase }) => phase === "creating"),
  );
  await system.apply({ start: { server: mute } });
  assert.is(
    system.init.ledger.accounts.some(({ name }) => name === "app"),
    false,
  );
  await system.untilChild("server", "has no request", ({ provided }) => provided?.length === 0);
});

test("a server goes while it has not answered: its client learns why", async (context) => {
  const asking = client([{ open: { service: "LOG", optional: true } }]);
  const system = context.use(
    TestSystem.start({ start: { server: { ...mute, restart: { mode: "never" } }, app: asking } }),
  );
  await system.until("the request is on its way", () =>
    [...system.init.sessions.values()].some(({ phase }) => phase === "creating"),
  );
  system.init.kill("server");
  await system.untilLogged("app", /^refused: Denied: .*"server": it was ended by SIGKILL/);
  assert.is(system.child("server").state, "exited");
});

test("a session that its server takes long to open holds up no other, and is withdrawn with its client", async (context) => {
  const hesitant = server([{ announce: { service: "LOG", mute: "first" } }]);
  const asking = client([{ open: { service: "LOG" } }, { log: "served" }]);
  const start = (more: object) => ({ start: { server: hesitant, ...more } });
  const system = context.use(TestSystem.start(start({ first: asking })));
  await system.untilChild("server", "is asked by the first", ({ provided }) => provided?.[0]?.state === "CREATING");
  await system.apply(start({ first: asking, second: asking }));
  await system.untilLogged("second", "served");
  assert.is(system.child("server").provided?.[0]?.state, "CREATING");
  await system.apply(start({ second: asking }));
  await system.untilChild("server", "serves the second alone", ({ provided }) => provided?.length === 1);
  assert.is(system.child("server").restarts, undefined);
});

test("both go while a close is under way", async (context) => {
  const busy = server([{ announce: { service: "LOG" } }, { log: "ready" }, { sleep: 1000 }, { block: 0 }]);
  const system = context.use(
    TestSystem.start({
      start: { server: busy, app: client([{ open: { service: "LOG" } }, { sleep: 1200 }, { close: 1 }]) },
    }),
  );
  await system.untilChild("app", "has its session", (child) => uses(child, "LOG"));
  await system.untilChild("server", "is asked to close it", ({ provided }) => provided?.[0]?.state === "CLOSING");
  await system.apply({ start: {} });
  assert.equal(Object.keys(system.state().children), []);
});

test("a client that closes at a server that hangs has its donation back", async (context) => {
  const busy = server([{ announce: { service: "LOG" } }, { sleep: 1000 }, { block: 0 }]);
  const system = context.use(
    TestSystem.start({
      start: {
        server: busy,
        app: client([{ open: { service: "LOG" } }, { sleep: 1200 }, { close: 1 }, { log: "closed" }]),
      },
    }),
  );
  await system.untilLogged("app", "closed");
  assert.equal(system.child("server").provided, []);
});

test("a component is replaced while it starts, again and again", async (context) => {
  const system = context.use(TestSystem.start({ start: {} }));
  for (let version = 0; version < 10; ++version)
    await system.apply({
      start: { app: { binary: "dummy", version, config: { steps: [{ log: `version ${version}` }] } } },
    });
  await system.untilLogged("app", "version 9");
  const { version, state, restarts } = system.child("app");
  assert.equal({ version, state, restarts }, { version: "9", state: "alive", restarts: undefined });
});

test("a component whose binary comes from another does not hold up the rest, and starts when the other serves it", async (context) => {
  // Nobody here serves ROM modules, so the request waits for ever: the component stays "starting".
  const start = (more: object) => ({
    start: {
      store: { binary: "dummy", provides: ["ROM"], route: { "*": "parent" }, config: { steps: [] } },
      app: { binary: "dummy", route: { "ROM dummy": "store", "*": "parent" } },
      ...more,
    },
  });
  const system = context.use(TestSystem.start(start({})));
  await system.untilChild("store", "has a request", ({ provided }) => provided?.[0]?.state === "CREATING");
  await system.apply(start({ other: { binary: "dummy", config: { steps: [{ log: "here" }] } } }));
  await system.untilLogged("other", "here");
  assert.is(system.child("app").state, "starting");
});

test.run();
