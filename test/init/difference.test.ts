import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { SystemModel } from "../../servers/init/config.js";
import {
  type Action,
  binaryRequest,
  difference,
  type LiveChild,
  type LiveSystem,
  type Request,
} from "../../servers/init/difference.js";
import { resolve } from "../../servers/init/routing.js";
import { readSystemFile } from "../../servers/init/system-file.js";

const test = suite("difference");

function model(document: unknown): SystemModel {
  const file = readSystemFile(JSON.stringify(document));
  if (file.model === undefined) throw new Error(file.diagnostics.map(({ message }) => message).join("\n"));
  return file.model;
}

/** A running system that obeys actions: what init would do with processes, done to plain values. */
class Simulation {
  readonly children = new Map<string, LiveChild>();
  readonly starts = new Map<string, number>();
  readonly #wants: (name: string) => readonly Request[];
  #model: SystemModel;

  constructor(first: SystemModel, wants: (name: string) => readonly Request[]) {
    this.#wants = wants;
    this.#model = first;
    this.change(first, difference(model({}), first, { children: this.children, forwarded: [] }));
  }

  get live(): LiveSystem {
    return { children: this.children, forwarded: [] };
  }

  exit(name: string, state: LiveChild["state"] = "exited"): void {
    const child = this.children.get(name);
    if (child?.state === "alive") this.children.set(name, { ...child, state, sessions: [] });
  }

  #start(name: string): void {
    const { service, label } = binaryRequest(name);
    const binary = resolve(this.#model, name, service, label);
    if (binary.kind === "denied") throw new Error(`"${name}" was told to start without a binary`);
    this.starts.set(name, (this.starts.get(name) ?? 0) + 1);
    this.children.set(name, { name, state: "alive", binary, sessions: [], missing: [] });
  }

  /** Requests that wait for their provider are served as soon as it runs. */
  #settle(): void {
    for (const child of this.children.values()) {
      if (child.state !== "alive") continue;
      const sessions = [...child.sessions];
      for (const request of this.#wants(child.name)) {
        if (sessions.some((one) => one.service === request.service && one.label === request.label)) continue;
        const route = resolve(this.#model, child.name, request.service, request.label);
        if (
          route.kind === "route" &&
          (route.provider.kind !== "child" || this.children.get(route.provider.name)?.state === "alive")
        )
          sessions.push({ ...request, route });
      }
      this.children.set(child.name, { ...child, sessions });
    }
  }

  change(after: SystemModel, actions: readonly Action[]): void {
    this.#model = after;
    for (const action of actions) {
      if (action.kind === "destroy") this.children.delete(action.child);
      else if (action.kind === "stick")
        this.children.set(action.child, {
          name: action.child,
          state: "incomplete",
          binary: undefined,
          sessions: [],
          missing: action.missing,
        });
      else if (action.kind === "create" || action.kind === "restart") this.#start(action.child);
    }
    this.#settle();
  }

  /** Applies a change and tells what was done to whom. */
  become(after: SystemModel): string[] {
    const actions = difference(this.#model, after, this.live);
    this.change(after, actions);
    return actions
      .filter((action) => action.kind !== "system")
      .map((action) =>
        "child" in action
          ? `${action.kind} ${action.child}${action.kind === "restart" ? ` (${action.cause})` : ""}`
          : action.kind,
      );
  }
}

interface Nodes {
  readonly [name: string]: object;
}
const base = { parentProvides: ["ROM", "LOG"], defaultRoute: { ROM: "parent", LOG: "parent", "*": "any-child" } };
const system = (start: Nodes) => model({ ...base, start });
const wants = (requests: Readonly<Record<string, readonly string[]>>) => (name: string) =>
  (requests[name] ?? []).map((service) => ({ service, label: "" }));

test("an unchanged model gives no action", () => {
  const before = system({ timer: { provides: ["Timer"] }, app: {} });
  const simulation = new Simulation(before, wants({ app: ["Timer", "LOG"] }));
  assert.equal(difference(before, system({ timer: { provides: ["Timer"] }, app: {} }), simulation.live), []);
});

test("a changed inline config is only a new config ROM", () => {
  const simulation = new Simulation(system({ app: { config: { a: 1 } } }), wants({}));
  assert.equal(simulation.become(system({ app: { config: { a: 2 } } })), ["config app"]);
});

test("an inline config that comes or goes changes the route of a config ROM in use", () => {
  const config = () => [{ service: "ROM", label: "config" }];
  const simulation = new Simulation(system({ app: {} }), config);
  assert.equal(simulation.become(system({ app: { config: {} } })), ["restart app (route)"]);
});

test("version and binary restart a component; a new name for the same resulting route does not", () => {
  const simulation = new Simulation(system({ app: {} }), wants({ app: ["LOG"] }));
  assert.equal(simulation.become(system({ app: { version: 1 } })), ["restart app (version)"]);
  assert.equal(simulation.become(system({ app: { version: 1, binary: "other" } })), ["restart app (binary)"]);
  assert.equal(
    simulation.become(
      system({ app: { version: 1, binary: "app", route: { ROM: "parent: app -> other", LOG: "parent" } } }),
    ),
    [],
  );
});

test("a rerouted server restarts with its client; the far server stays", () => {
  const nodes = (back: string) => ({
    far: { provides: ["A"] },
    near: { provides: ["A"] },
    middle: { provides: ["B"], route: { ROM: "parent", A: back } },
    app: { route: { ROM: "parent", B: "middle" } },
  });
  const simulation = new Simulation(system(nodes("far")), wants({ middle: ["A"], app: ["B"] }));
  assert.equal(simulation.become(system(nodes("near"))), ["restart middle (route)", "restart app (provider)"]);
});

test("clients whose connections open anew by themselves keep running while the provider restarts", () => {
  const before = system({ disk: { provides: ["Block"] }, app: {} });
  const simulation = new Simulation(before, wants({ app: ["Block"] }));
  const after = system({ disk: { provides: ["Block"], version: 1 }, app: {} });
  const actions = difference(before, after, simulation.live, { restartClients: (service) => service !== "Block" });
  assert.equal(
    actions.map(({ kind }) => kind),
    ["restart"],
  );
});

test("a service that goes away stops its client until it is back; the server keeps running", () => {
  const nodes = (provides: string[]) =>
    system({ server: { provides }, app: { route: { ROM: "parent", A: "server" } } });
  const simulation = new Simulation(nodes(["A"]), wants({ app: ["A"] }));
  assert.equal(simulation.become(nodes([])), ["stick app", "provides server"]);
  assert.equal(simulation.become(nodes(["Other"])), ["provides server"]);
  assert.equal(simulation.become(nodes(["A"])), ["provides server", "restart app (returned)"]);
  assert.is(simulation.starts.get("server"), 1);
});

test("any-child falls back to the parent when its provider vanishes", () => {
  const route = { ROM: "parent", "*": "any-child | parent" };
  const simulation = new Simulation(system({ log: { provides: ["LOG"] }, app: { route } }), wants({ app: ["LOG"] }));
  assert.equal(simulation.become(system({ app: { route } })), ["destroy log", "restart app (route)"]);
});

test("an exited component stays exited over unrelated changes", () => {
  const nodes = (extra: object, other: object) => system({ server: { provides: ["A"] }, app: { ...extra }, ...other });
  const simulation = new Simulation(nodes({}, {}), wants({ app: ["A"] }));
  simulation.exit("app");
  assert.equal(simulation.become(nodes({}, { more: {} })), ["create more"]);
  assert.equal(simulation.become(nodes({ config: 1, ram: "16M" }, { more: {} })), []);
  assert.equal(simulation.become(nodes({ version: 2, config: 1, ram: "16M" }, { more: {} })), [
    "restart app (version)",
  ]);
});

test("a component that was given up comes back when its own part of the file changes", () => {
  const nodes = (extra: object, other: object) => system({ app: { ...extra }, ...other });
  const simulation = new Simulation(nodes({}, {}), wants({}));
  simulation.exit("app", "given-up");
  assert.equal(simulation.become(nodes({}, { more: {} })), ["create more"]);
  assert.equal(simulation.become(nodes({ config: 1 }, { more: {} })), ["restart app (changed)"]);
  assert.equal(simulation.become(nodes({ config: 1 }, { more: {} })), []);
});

test("an exited component does not mind that its binary is gone, until it is to be another version", () => {
  const nodes = (version: number, rom: string) => system({ app: { version, route: { ROM: rom } } });
  const simulation = new Simulation(nodes(1, "parent"), wants({}));
  simulation.exit("app");
  assert.equal(simulation.become(nodes(1, "nobody")), []);
  assert.equal(simulation.become(nodes(2, "nobody")), ["stick app"]);
  assert.equal(simulation.become(nodes(2, "parent")), ["restart app (returned)"]);
});

test("quota: all downgrades come before all upgrades, and one component can have both", () => {
  const before = system({ a: { ram: "1M", caps: 10 }, b: { ram: "4M", caps: 20 } });
  const simulation = new Simulation(before, wants({}));
  const after = system({ a: { ram: "2M", caps: 5 }, b: { ram: "3M", caps: 20 }, c: {} });
  const actions = difference(before, after, simulation.live);
  assert.equal(
    actions.map((action) => (action.kind === "quota" ? [action.child, action.direction, action.to] : action.kind)),
    [
      ["a", "down", { ram: 2 ** 20, caps: 5 }],
      ["b", "down", { ram: 3 * 2 ** 20, caps: 20 }],
      "create",
      ["a", "up", { ram: 2 ** 21, caps: 5 }],
    ],
  );
});

test("other options reach the running component, or wait for its next start", () => {
  const before = system({ app: {} });
  const simulation = new Simulation(before, wants({}));
  const after = system({ app: { memory: "64M", restart: { limit: 1 }, grants: { x: { ram: "1M" } } } });
  assert.equal(difference(before, after, simulation.live), [
    { kind: "settings", child: "app", now: ["restart", "memory"], later: ["grants"] },
  ]);
});

test("forwarded sessions close when a policy sends them elsewhere", () => {
  const exported = (services: object) =>
    model({ ...base, services, start: { a: { provides: ["A"] }, b: { provides: ["A"] } } });
  const before = exported({ A: "a" });
  const simulation = new Simulation(before, wants({}));
  const forwarded = [
    { id: 7, service: "A", label: "x", route: { provider: { kind: "child", name: "a" }, label: "x" } },
  ] as const;
  const kinds = (services: object) =>
    difference(before, exported(services), { ...simulation.live, forwarded })
      .filter(({ kind }) => kind !== "system")
      .map(({ kind }) => kind);
  assert.equal(kinds({ A: "a" }), []);
  assert.equal(kinds({ A: "b" }), ["close-forwarded"]);
  assert.equal(kinds({}), ["close-forwarded"]);
});

const names = ["a", "b", "c", "d"] as const;
const services = ["S", "T", "LOG"] as const;
const target = fc.constantFrom("parent", "any-child", "a", "b", "c", "a | parent", "b | c", "c: x -> *", "parent: y");
const node = fc.record(
  {
    version: fc.nat(1),
    binary: fc.constantFrom("one", "two"),
    config: fc.nat(1),
    ram: fc.constantFrom("1M", "2M"),
    provides: fc.subarray(["S", "T"]),
    route: fc.record(
      { ROM: fc.constantFrom("parent", "parent: z"), S: target, T: target, LOG: target, "*": target },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ["provides"] },
);
const someSystem = fc
  .record({
    nodes: fc.dictionary(fc.constantFrom(...names), node, { noNullPrototype: true }),
    parentProvides: fc.constantFrom(["ROM", "LOG"], ["ROM"], ["LOG", "ROM", "S"]),
  })
  .map(({ nodes, parentProvides }) => model({ ...base, parentProvides, start: nodes }));
const everybody = () => services.map((service) => ({ service, label: "" }));

test("property: applying the difference reaches the new model, and then there is nothing left to do", () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(someSystem, fc.array(someSystem, { minLength: 1, maxLength: 4 }), (first, later) => {
      const simulation = new Simulation(first, everybody);
      let before = first;
      for (const after of later) {
        const actions = difference(before, after, simulation.live);
        for (const { kind } of actions) seen.set(kind, (seen.get(kind) ?? 0) + 1);
        simulation.change(after, actions);
        assert.equal([...simulation.children.keys()].sort(), [...after.start.keys()].sort());
        for (const child of simulation.children.values()) {
          const route = ({ service, label }: Request) => resolve(after, child.name, service, label);
          if (child.state === "incomplete") {
            assert.ok(
              [binaryRequest(child.name), ...child.missing].some((request) => route(request).kind === "denied"),
              "incomplete for want of something",
            );
            continue;
          }
          const binary = route(binaryRequest(child.name));
          assert.equal(
            binary.kind === "route" && [binary.provider, binary.label],
            child.binary && [child.binary.provider, child.binary.label],
          );
          for (const session of child.sessions) {
            const now = route(session);
            assert.equal(now.kind === "route" && [now.provider, now.label], [
              session.route.provider,
              session.route.label,
            ]);
          }
        }
        assert.equal(difference(after, after, simulation.live), [], "a second look finds nothing");
        before = after;
      }
    }),
    { numRuns: 400 },
  );
  for (const kind of ["create", "destroy", "stick", "restart", "config", "provides", "quota", "system"])
    assert.ok((seen.get(kind) ?? 0) > 10, `too few "${kind}" to prove anything`);
});

test("property: a component restarts only when one of the rules says so, and always when one does", () => {
  fc.assert(
    fc.property(someSystem, someSystem, (before, after) => {
      const simulation = new Simulation(before, everybody);
      const live = new Map(simulation.children);
      const actions = difference(before, after, simulation.live);
      const stopped = new Set(
        actions.flatMap((action) =>
          action.kind === "restart" || action.kind === "stick" || action.kind === "destroy" ? [action.child] : [],
        ),
      );
      for (const child of live.values()) {
        if (child.state !== "alive" || !after.start.has(child.name)) continue;
        const differs = (request: Request, old: { label: string; provider: unknown }): boolean => {
          const now = resolve(after, child.name, request.service, request.label);
          return (
            now.kind === "denied" ||
            now.label !== old.label ||
            JSON.stringify(now.provider) !== JSON.stringify(old.provider)
          );
        };
        const versionChanged = before.start.get(child.name)?.version !== after.start.get(child.name)?.version;
        const binaryChanged = child.binary !== undefined && differs(binaryRequest(child.name), child.binary);
        const routeChanged = child.sessions.some((session) => differs(session, session.route));
        const providerStopped = child.sessions.some(
          ({ route: { provider } }) => provider.kind === "child" && stopped.has(provider.name),
        );
        assert.is(
          stopped.has(child.name),
          versionChanged || binaryChanged || routeChanged || providerStopped,
          child.name,
        );
      }
    }),
    { numRuns: 400 },
  );
});

test.run();
