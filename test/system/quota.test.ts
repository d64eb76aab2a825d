/** RAM and capabilities of running components: what is kept, given, taken back, asked for. */
import * as assert from "uvu/assert";
import { sessionCost } from "../../base/session-cost.js";
import { suite } from "../support/suite.js";
import { TestSystem, uses } from "../support/system.js";

const test = suite("quota of running components");

const dummy = (steps: readonly object[], more: object = {}) => ({ binary: "dummy", config: { steps }, ...more });
const megabyte = 1 << 20;
/** A system in which a greedy component has taken all but so many bytes. */
const rest = (system: TestSystem, bytes: number) =>
  system.init.ledger.root.quota.ram - system.init.model.resources.ram.preserve - bytes;

test("init keeps what it preserves, and a component gets what is left", async (context) => {
  const system = context.use(TestSystem.start({ resources: { ram: { preserve: "3M" } }, start: {} }));
  const { quota } = system.init.ledger.root;
  await system.apply({ resources: { ram: { preserve: "3M" } }, start: { app: dummy([], { ram: quota.ram }) } });
  const { ram } = await system.untilChild("app", "runs", ({ state }) => state === "alive");
  assert.is(ram?.quota, quota.ram - 3 * megabyte);
  assert.is(ram?.assigned, quota.ram);
  await system.apply({ resources: { ram: { preserve: "1M" } }, start: { app: dummy([], { ram: quota.ram }) } });
  assert.is(system.child("app").ram?.quota, quota.ram - megabyte);
});

test("an upgrade beyond what is left is partial, and completes when the greedy component is removed", async (context) => {
  const system = context.use(TestSystem.start({ start: {} }));
  const greedy = dummy([], { ram: rest(system, 4 * megabyte) });
  await system.apply({ start: { greedy, app: dummy([], { ram: "2M", caps: 50 }) } });
  const { id } = await system.untilChild("app", "runs", ({ state }) => state === "alive");
  await system.apply({ start: { greedy, app: dummy([], { ram: "6M", caps: 80 }) } });
  assert.is(system.child("app").ram?.quota, 4 * megabyte);
  assert.is(system.child("app").caps?.quota, 80);
  await system.apply({ start: { app: dummy([], { ram: "6M", caps: 80 }) } });
  assert.is(system.child("app").ram?.quota, 6 * megabyte);
  await system.apply({ start: { app: dummy([], { ram: "1M", caps: 30 }) } });
  const { ram, caps, id: now } = system.child("app");
  assert.equal({ ram: ram?.quota, caps: caps?.quota, id: now }, { ram: megabyte, caps: 30, id });
});

test("a downgrade below what is used is asked for, and comes when the component yields", async (context) => {
  const chunks = [{ yield: "answer" }, { consume: { ram: "1M", pieces: 12 } }];
  const system = context.use(
    TestSystem.start({
      start: {
        app: dummy(chunks, { ram: "16M" }),
        stubborn: dummy([{ yield: "ignore" }, { consume: { ram: "1M", pieces: 12 } }], { ram: "16M" }),
      },
    }),
  );
  const hoards = ({ ram }: { ram?: { used: number } }): boolean => (ram?.used ?? 0) > 12 * megabyte;
  for (const name of ["app", "stubborn"]) await system.untilChild(name, "hoards", hoards);
  const { id } = system.child("app");
  for (const ram of [11, 6, 1]) {
    await system.apply({
      start: {
        app: dummy(chunks, { ram: `${ram}M` }),
        stubborn: dummy([{ yield: "ignore" }, { consume: { ram: "1M", pieces: 12 } }], { ram: "8M" }),
      },
    });
    await system.untilChild(
      "app",
      `yields down to ${ram} MiB`,
      ({ ram: account }) => account?.quota === ram * megabyte,
    );
  }
  assert.is(system.id("app"), id);
  const { quota, assigned, available } = system.child("stubborn").ram ?? { quota: 0, assigned: 0, available: 0 };
  assert.is(assigned, 8 * megabyte);
  assert.ok(quota > 12 * megabyte && available === 16 * 1024, "nobody takes what is in use, and some air stays");
});

test("a request for resources shows in the state, and a higher quota in the file answers it", async (context) => {
  const steps = [
    { request: { ram: "4M", caps: 20 } },
    { consume: { ram: "4M" } },
    { open: { service: "LOG", label: "granted" } },
  ];
  const system = context.use(TestSystem.start({ start: { app: dummy(steps, { ram: "1M", caps: 30 }) } }));
  const asking = await system.untilChild(
    "app",
    "asks",
    ({ ram, caps }) => ram?.requested !== undefined && caps?.requested !== undefined,
  );
  assert.equal([asking.ram?.requested, asking.caps?.requested], [4 * megabyte, 20]);
  await system.apply({ start: { app: dummy(steps, { ram: "6M", caps: 60 }) } });
  const served = await system.untilChild("app", "goes on", (child) => uses(child, "LOG", "granted"));
  assert.equal([served.ram?.requested, served.caps?.requested, served.id], [undefined, undefined, asking.id]);
  assert.ok((served.ram?.used ?? 0) >= 4 * megabyte);
});

test("running out of RAM or capabilities in an allocation, a session request and an upgrade is met each time by the file", async (context) => {
  const steps = [
    { insist: true },
    { consume: { ram: "256K", pieces: 4 } },
    { open: { service: "LOG", label: "dear", ram: "1M" } },
    { upgrade: { ram: "1M", caps: 10 } },
    { open: { service: "LOG", label: "end", count: 5, caps: 10 } },
    { log: "done" },
  ];
  let quota = { ram: 512 * 1024, caps: 20 };
  const file = () => ({ start: { app: dummy(steps, quota) } });
  const system = context.use(TestSystem.start(file()));
  const requests: { ram: number | undefined; caps: number | undefined }[] = [];
  while (!system.lines("app").includes("done")) {
    const { ram, caps } = await system.untilChild(
      "app",
      "asks or is done",
      (child) =>
        child.ram?.requested !== undefined ||
        child.caps?.requested !== undefined ||
        system.lines("app").includes("done"),
    );
    if (ram?.requested === undefined && caps?.requested === undefined) continue;
    requests.push({ ram: ram?.requested, caps: caps?.requested });
    assert.ok(requests.length < 40, "it gets further with each answer");
    quota = { ram: quota.ram + (ram?.requested ?? 0), caps: quota.caps + (caps?.requested ?? 0) };
    await system.apply(file());
  }
  assert.ok(requests.some(({ ram }) => ram !== undefined) && requests.some(({ caps }) => caps !== undefined));
  const { id, restarts, requested } = system.child("app");
  assert.equal([id, restarts], [1, undefined]);
  assert.is(requested?.filter(({ service }) => service === "LOG").length, 6);
});

test("a session's donation grows by upgrades, pays for the server's memory, and comes back with the session", async (context) => {
  const server = dummy([{ announce: { service: "LOG", needs: "100K", uses: "64K" } }], { provides: ["LOG"] });
  const app = dummy(
    [
      { open: { service: "LOG", label: "door" } },
      { upgrade: { ram: "64K", caps: 2 } },
      { sleep: 200 },
      { close: 1 },
      { open: { service: "LOG", label: "end" } },
    ],
    {
      route: { "LOG door": "server", "*": "parent" },
    },
  );
  const system = context.use(TestSystem.start({ start: { server, app } }));
  await system.untilChild("server", "announced", ({ state }) => state === "alive");
  const upgraded = await system.until(
    "the session is upgraded",
    ({ children }) =>
      (children["server"]?.provided?.[0]?.caps ?? 0) >= 5 && children["server"]?.provided?.[0]?.state === "OPEN",
  );
  const [session] = upgraded.children["server"]?.provided ?? [];
  assert.ok((session?.ram ?? 0) >= 164 * 1024, "the server's demand was met by asking again");
  const { account } = [...system.init.sessions.values()].find(({ server: name }) => name === "server") ?? {};
  assert.equal(account?.used, { ram: sessionCost.ram + 64 * 1024, caps: sessionCost.caps + 1 });
  await system.untilChild("app", "closed it", (child) => uses(child, "LOG", "end"));
  const { provided, ram } = system.child("server");
  assert.equal(provided, []);
  assert.ok(ram);
});

test("sessions that are opened, upgraded and closed again and again leave the quota where it was", async (context) => {
  const round = [{ open: { service: "LOG", count: 3 } }, { upgrade: { ram: "64K" } }, { close: 3 }];
  const server = dummy([{ announce: { service: "LOG", uses: "8K" } }, { log: "ready" }], { provides: ["LOG"] });
  const app = dummy(
    [...round, { repeat: 10 }, { open: { service: "LOG", label: "end" } }, { close: 1 }, { log: "done" }],
    { route: { LOG: "server", "*": "parent" } },
  );
  const system = context.use(TestSystem.start({ start: { server, app } }));
  await system.untilLogged("server", "ready");
  const before = system.child("server");
  await system.untilLogged("app", "done");
  await system.untilChild("server", "serves nobody", ({ provided }) => provided?.length === 0);
  assert.equal(system.child("server").ram, before.ram);
  assert.equal(system.child("server").caps, before.caps);
});

test.run();
