/** Components of the package whose configuration changes while they run: what it says is in force, and nobody restarts. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { packageRoot } from "../../bindings/prebuilt.js";
import { configParser } from "../../root/config-parsers.js";
import { suite } from "../support/suite.js";
import { TestSystem } from "../support/system.js";

const test = suite("live configuration");

/** Starts again soon, and as often as it takes. */
const patient = { restart: { limit: 1000, backoff: { initial: "20ms", max: "20ms" } } };

/** The system of this configuration of one component; what others do shows what is in force. */
async function through(
  system: TestSystem,
  name: string,
  change: () => Promise<void>,
  shows: () => Promise<unknown>,
): Promise<void> {
  const { id, restarts } = system.child(name);
  await change();
  await shows();
  assert.is(system.id(name), id, `"${name}" is the same`);
  assert.is(system.child(name).restarts, restarts);
}

test("log: time stamps and the console come and go", async (context) => {
  const start = (config: object) => ({
    start: {
      log: { provides: ["LOG"], config },
      app: {
        binary: "dummy",
        route: { LOG: "log", "*": "parent" },
        config: {
          steps: [{ open: { service: "LOG" } }, { say: "hello" }, { sleep: 20 }, { close: 1 }, { repeat: 1000 }],
        },
      },
    },
  });
  const system = context.use(TestSystem.start(start({})));
  await system.untilLogged("log", "[app] hello");
  const set = (config: object) => () => system.apply(start(config));
  await through(system, "log", set({ timestamps: true }), () =>
    system.untilLogged("log", /^[0-9]+\.[0-9]{3} \[app\] hello$/),
  );
  await through(system, "log", set({ console: false }), () =>
    system.untilChild(
      "log",
      "has no LOG session",
      ({ requested }) => !requested?.some(({ service }) => service === "LOG"),
    ),
  );
  const before = system.lines("log").length;
  await through(system, "log", set({ console: true }), () =>
    system.until("lines come again", () => system.lines("log").length > before),
  );
});

test("report-rom: a reader gets in when a policy names it", async (context) => {
  const start = (policies: object[]) => ({
    start: {
      "report-rom": { provides: ["Report", "ROM"], config: { policies } },
      outer: {
        binary: "init",
        route: { Report: "report-rom", "*": "parent" },
        config: { parentProvides: ["ROM", "LOG", "Spawner", "Report"], report: { delay: "10ms" } },
      },
      reader: { binary: "reader", route: { "ROM state": "report-rom", "*": "parent" }, ...patient },
    },
  });
  const system = context.use(TestSystem.start(start([])));
  await system.untilChild("reader", "is denied", ({ restarts }) => (restarts ?? 0) > 1);
  await through(
    system,
    "report-rom",
    () => system.apply(start([{ label: "reader -> state", report: "outer -> state" }])),
    () => system.untilLogged("reader", /"children"/),
  );
});

test("uart: a policy lets a client in, and the line has another rate at once", async (context) => {
  const start = (config: object) => ({
    start: {
      uart: {
        binary: "uart",
        ram: "8M",
        provides: ["Uart", "Terminal"],
        grants: { line: { pty: true, link: "run/line" } },
        config,
      },
      client: { binary: "test/line-greeter", route: { Uart: "uart", "*": "parent" }, ...patient },
    },
  });
  const system = context.use(TestSystem.start(start({})));
  await system.untilChild("client", "is denied", ({ restarts }) => (restarts ?? 0) > 1);
  const link = join(system.root.file, "../run/line");
  // A witness that is not ours.
  const speed = (): string => execFileSync("stty", ["-F", link, "speed"], { encoding: "utf8" }).trim();
  assert.is(speed(), "115200");
  await through(
    system,
    "uart",
    () => system.apply(start({ defaultPolicy: {} })),
    () => system.untilLogged("client", "ready"),
  );
  await through(
    system,
    "uart",
    () => system.apply(start({ defaultPolicy: {}, lines: { line: { baudRate: 9600 } } })),
    () => system.until("the line has its rate", () => speed() === "9600"),
  );
});

test("the configuration of every component of the package is checked", () => {
  const root = packageRoot();
  const folders = ["servers", "drivers", "apps"].flatMap((kind) =>
    readdirSync(join(root, kind)).map((name) => `${kind}/${name}`),
  );
  const configured = folders.filter((folder) => existsSync(join(root, folder, "config.ts")));
  assert.ok(configured.length > 10);
  assert.equal(
    configured.filter((folder) => configParser(folder) === undefined),
    [],
  );
  assert.is(configParser("uart"), configParser("drivers/uart"));
});

test("a mistake in a component's configuration is shown at its line, and changes nothing", async (context) => {
  const start = (inner: object, period: string) => ({
    start: {
      timer: { provides: ["Timer"], config: { shortestPeriod: period } },
      outer: { binary: "init", config: { parentProvides: ["ROM", "LOG", "Spawner"], start: { timer: inner } } },
    },
  });
  const system = context.use(TestSystem.start(start({ provides: ["Timer"] }, "1ms")));
  const { id } = await system.untilChild("timer", "runs", ({ state }) => state === "alive");
  for (const [inner, period, complaint] of [
    [{ provides: ["Timer"] }, "soon", /:1:[0-9]+: error: .*soon/],
    [{ provide: ["Timer"] }, "1ms", /:1:[0-9]+: error: Unknown key "provide"; did you mean "provides"\?/],
  ] as const) {
    const refused = await system.apply(start(inner, period)).then(
      () => "",
      (error: Error) => error.message,
    );
    assert.match(refused, complaint);
  }
  assert.is(system.id("timer"), id);
});

test.run();
