/** Sessions between components: chains, reroutes, services that come and go, labels. */
import * as assert from "uvu/assert";
import { explain } from "../../servers/init/routing.js";
import type { StateDocument } from "../../servers/init/state-report.js";
import { suite } from "../support/suite.js";
import { TestSystem, uses } from "../support/system.js";

const test = suite("routing in a running system");

const announce = (prefix = "") => ({ announce: { service: "LOG", prefix } });
const open = (label = "") => ({ open: { service: "LOG", label } });

/** A component that serves LOG and passes lines on, each with a mark. */
const forwarder = (mark: string, to: string) => ({
  binary: "dummy",
  provides: ["LOG"],
  route: { LOG: to, "*": "parent" },
  config: { steps: [open("out"), announce(mark)] },
});

const speaker = (to: string, steps: readonly object[] = []) => ({
  binary: "dummy",
  route: { LOG: to, "*": "parent" },
  config: { steps: [open(), { say: "hello" }, ...steps] },
});

/** What `explain` says of each session that the document shows must be what happened. */
function assertExplained(system: TestSystem, state: StateDocument): void {
  for (const [name, child] of Object.entries(state.children)) {
    for (const session of child.requested ?? []) {
      const label = session.label === name ? "" : session.label.slice(name.length + " -> ".length);
      const { resolution } = explain(system.init.model, name, session.service, label);
      if (resolution.kind === "denied") assert.unreachable(`${session.label} is open, though ${resolution.reason}`);
      else
        assert.is(
          session.peer,
          resolution.provider.kind === "child" ? resolution.provider.name : undefined,
          session.label,
        );
    }
  }
}

test("a message passes a chain of servers, and each shows its client's label to the next", async (context) => {
  const system = context.use(
    TestSystem.start({
      verbose: true,
      start: { far: forwarder("1", "parent"), near: forwarder("2", "far"), app: speaker("near") },
    }),
  );
  await system.untilLogged("far -> out", "1[near -> out] 2[app] hello");
  await system.untilLogged("init", 'LOG "near -> out" goes to far with the label "near -> out"');
  const state = system.state();
  assert.is(state.children["app"]?.requested?.find(({ service }) => service === "LOG")?.peer, "near");
  assert.equal(
    state.children["far"]?.provided?.map(({ label, peer, state: phase }) => ({ label, peer, phase })),
    [{ label: "near -> out", peer: "near", phase: "OPEN" }],
  );
  assertExplained(system, state);
});

test("a reroute restarts the component whose route changed, and no other", async (context) => {
  const start = (near: object) => ({
    start: { far: forwarder("1", "parent"), other: forwarder("3", "parent"), near, app: speaker("near") },
  });
  const system = context.use(TestSystem.start(start(forwarder("2", "far"))));
  await system.untilLogged("far -> out", "1[near -> out] 2[app] hello");
  const before = system.state().children;
  await system.apply(start(forwarder("2", "other")));
  const after = (
    await system.until(
      "the client uses the restarted server",
      ({ children }) =>
        uses(children["app"], "LOG") && uses(children["near"], "LOG") && children["near"]?.provided?.length === 1,
    )
  ).children;
  assert.is(after["far"]?.id, before["far"]?.id);
  assert.is(after["other"]?.id, before["other"]?.id);
  assert.is.not(after["near"]?.id, before["near"]?.id);
  // Its connection reopened the session: the contract of LOG allows it.
  assert.is(after["app"]?.id, before["app"]?.id);
  assert.equal(after["far"]?.provided, []);
  assert.is(after["other"]?.provided?.length, 1);
  assertExplained(system, system.state());
});

test("a client of a missing service is incomplete, and starts when the service appears", async (context) => {
  const start = (provides: readonly string[]) => ({
    defaultRoute: { ROM: "parent", "*": "any-child" },
    start: {
      server: { ...forwarder("", "parent"), provides },
      app: { binary: "dummy", config: { steps: [open(), { say: "hello" }] } },
    },
  });
  const system = context.use(TestSystem.start(start([])));
  const incomplete = await system.untilChild("app", "is incomplete", ({ state }) => state === "incomplete");
  assert.equal(incomplete.missing, [{ service: "LOG", label: "" }]);
  await system.untilChild("server", "runs", ({ state, requested }) => state === "alive" && requested?.length === 2);
  const { id } = system.child("server");

  await system.apply(start(["LOG"]));
  await system.untilChild("app", "uses the server", (child) => child.state === "alive" && uses(child, "LOG"));
  assertExplained(system, system.state());

  await system.apply(start([]));
  await system.untilChild("app", "is incomplete again", ({ state }) => state === "incomplete");
  const server = await system.untilChild("server", "serves nobody", ({ provided }) => provided?.length === 0);
  assert.is(server.id, id, "the server was not touched");
  assert.is(server.state, "alive");
});

test("a rewritten label reaches the server; the same result of another spelling restarts nobody, another module does", async (context) => {
  const start = (target: object, binary = "dummy") => ({
    start: {
      server: forwarder("", "parent"),
      app: {
        binary,
        route: [
          { service: "LOG", to: [{ child: "server", ...target }] },
          { service: "any", to: ["parent"] },
        ],
        config: { steps: [open("door"), { say: "hello" }] },
      },
    },
  });
  const system = context.use(TestSystem.start(start({ label: "guest -> door" })));
  await system.untilLogged("server -> out", "[guest -> door] hello");
  const { id } = system.child("app");
  await system.apply(start({ identity: "guest" }));
  assert.is(system.id("app"), id);
  await system.apply(start({ identity: "visitor" }));
  await system.untilLogged("server -> out", "[visitor -> door] hello");
  assert.is.not(system.id("app"), id);
  const next = system.id("app");
  await system.apply(start({ identity: "visitor" }, "hello"));
  await system.untilLogged("app", /^hello from app/);
  assert.is.not(system.id("app"), next);
});

test("any-child falls through to the parent when its provider vanishes", async (context) => {
  const app = {
    binary: "dummy",
    route: { ROM: "parent", LOG: "any-child | parent" },
    config: { steps: [open(), { say: "hello" }] },
  };
  const system = context.use(TestSystem.start({ start: { server: forwarder("", "parent"), app } }));
  await system.untilLogged("server -> out", "[app] hello");
  await system.apply({ start: { app } });
  await system.untilLogged("app", "hello");
  const { requested, state } = system.child("app");
  assert.is(state, "alive");
  assert.is(requested?.find(({ service }) => service === "LOG")?.peer, undefined);
  assertExplained(system, system.state());
});

test("a request waits for a server that has not announced its service, and is dropped with its client", async (context) => {
  const server = (steps: readonly object[]) => ({
    binary: "dummy",
    provides: ["LOG"],
    route: { "*": "parent" },
    config: { steps },
  });
  const system = context.use(
    TestSystem.start({ start: { server: server([{ sleep: 300 }, announce()]), app: speaker("server") } }),
  );
  await system.untilChild("server", "has a request", ({ provided }) => provided?.[0]?.state === "CREATING");
  await system.untilChild("app", "is served", (child) => uses(child, "LOG"));

  await system.apply({ start: { server: { ...server([]), version: 2 }, app: { ...speaker("server"), version: 2 } } });
  await system.untilChild(
    "server",
    "has a request again",
    ({ provided, id }) => provided?.[0]?.state === "CREATING" && id === 3,
  );
  await system.apply({ start: { server: { ...server([]), version: 2 } } });
  assert.equal(system.child("server").provided, []);
});

test("a label that would forge a line of the log is refused", async (context) => {
  const app = {
    ...speaker("server"),
    config: { steps: [{ open: { service: "LOG", label: "a\n[init] all is well", optional: true } }] },
  };
  const system = context.use(TestSystem.start({ start: { server: forwarder("", "parent"), app } }));
  await system.untilLogged("app", /^refused: InvalidArgument: .*control characters/);
  assert.not.ok(uses(system.child("app"), "LOG"));
});

test("a client whose server was removed is incomplete, also when its request was still waiting", async (context) => {
  const silent = { binary: "dummy", provides: ["LOG"], route: { "*": "parent" }, config: { steps: [] } };
  const app = { ...speaker("any-child"), route: { ROM: "parent", LOG: "any-child" } };
  const system = context.use(TestSystem.start({ start: { silent, app } }));
  await system.untilChild("silent", "has a request", ({ provided }) => provided?.[0]?.state === "CREATING");
  await system.apply({ start: { app } });
  const { missing, restarts } = await system.untilChild("app", "is incomplete", ({ state }) => state === "incomplete");
  assert.equal([missing, restarts], [[{ service: "LOG", label: "" }], undefined]);
});

test.run();
