/** Init as a library: a parent of one's own, with services that live in this process, for components in real sandboxes. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import * as assert from "uvu/assert";
import { lastElement } from "../../base/label.js";
import type { SessionRequest } from "../../base/server.js";
import { service } from "../../base/server.js";
import { CodeStore } from "../../root/code-store.js";
import { Modules } from "../../root/modules.js";
import { SpawnCore } from "../../root/spawn-core.js";
import { systemModel } from "../../servers/init/config.js";
import { wholeState } from "../../servers/init/facts.js";
import { Init } from "../../servers/init/init.js";
import { LocalSide, ServicesSide } from "../../servers/init/parent-side.js";
import { LOG } from "../../sessions/log/index.js";
import type { LOGArgs } from "../../sessions/log/log.generated.js";
import { romService } from "../../sessions/rom/rom-server.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("init as a library");

function model(start: object) {
  const document = { parentProvides: ["ROM", "LOG"], defaultRoute: { "*": "parent" }, start };
  const result = systemModel(document, []);
  assert.ok(result);
  return result as NonNullable<typeof result>;
}

interface Seen {
  readonly label: string;
  readonly request: SessionRequest<LOGArgs>;
  readonly lines: string[];
  closed: boolean;
}

/** A parent whose LOG service is this test. */
function parent(context: Context, start: object) {
  const folder = mkdtempSync(`${tmpdir()}/library-`);
  context.defer(() => rmSync(folder, { recursive: true, force: true }));
  const modules = new Modules(folder);
  const code = context.use(new CodeStore((name) => modules.find(name)));
  const core = context.use(
    new SpawnCore({ modules, isolation: "full", parked: 0, environment: {}, lost: () => assert.unreachable() }),
  );
  const sessions: Seen[] = [];
  const log = service(LOG, (request) => {
    const seen: Seen = { label: request.label, request, lines: [], closed: false };
    sessions.push(seen);
    return {
      write: (text) => void seen.lines.push(text),
      close: () => {
        seen.closed = true;
      },
    };
  });
  const rom = romService(async (name) => (await modules.find(name)).document);
  const init = new Init(model(start), {
    label: "mine",
    core,
    parentSide: new LocalSide(new ServicesSide([rom, log], (label) => code.find(lastElement(label)))),
    quota: { ram: 64 << 20, caps: 1000 },
    stateChanged: () => {},
    log: () => {},
    output: () => {},
    exit: () => {},
  });
  context.defer(() => init.end());
  return { init, sessions };
}

async function until(what: string, condition: () => boolean): Promise<void> {
  for (const end = performance.now() + 10_000; !condition(); await delay(5))
    assert.ok(performance.now() < end, `in vain until ${what}`);
}

const app = (version: number, steps: readonly object[]) => ({ app: { binary: "dummy", version, config: { steps } } });
const hello = [{ open: { service: "LOG", label: "door" } }, { say: "hello" }];

test("a service of one's own sees the messages, and every new version opens its session anew", async (context) => {
  const { init, sessions } = parent(context, app(0, hello));
  for (let version = 1; version <= 6; ++version) {
    await until(`session ${version} says hello`, () => sessions[version - 1]?.lines.includes("hello") === true);
    assert.is(sessions[version - 1]?.label, "app -> door");
    assert.is(wholeState(init).children["app"]?.id, version);
    if (version < 6) await init.apply(model(app(version, hello)));
  }
  assert.equal(
    sessions.map(({ closed }) => closed),
    [true, true, true, true, true, false],
  );
});

test("an upgrade reaches a service of one's own", async (context) => {
  const { sessions } = parent(
    context,
    app(0, [...hello, { sleep: 50 }, { upgrade: { ram: "64K", caps: 3 } }, { say: "richer" }]),
  );
  await until("the session is there", () => sessions.length === 1);
  const { quota } = (sessions[0] as Seen).request;
  const before = { ...quota };
  await until("it was upgraded", () => sessions[0]?.lines.includes("richer") === true);
  assert.equal({ ram: quota.ram - before.ram, caps: quota.caps - before.caps }, { ram: 64 * 1024, caps: 3 });
});

test("components that are made and removed again and again, with upgrades, leave the quota as it was", async (context) => {
  const { init, sessions } = parent(context, {});
  await init.applied;
  const before = JSON.stringify([init.ledger.root.available, init.ledger.accounts.length]);
  for (let round = 0; round < 8; ++round) {
    await init.apply(model(app(0, [...hello, { upgrade: { ram: "64K" } }, { say: "richer" }])));
    await until(`round ${round}`, () => sessions[round]?.lines.includes("richer") === true);
    await init.apply(model({}));
    assert.is(JSON.stringify([init.ledger.root.available, init.ledger.accounts.length]), before);
  }
});

test.run();
