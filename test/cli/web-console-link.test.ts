/** What `bulkhead up` prints of a web console: a link that opens it, which nobody else is told. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { ConsoleClient } from "../support/console-client.js";
import { eventually, RunningSystem } from "../support/running-system.js";
import { suite } from "../support/suite.js";

const test = suite("link to the web console");

const system = {
  parentProvides: ["ROM", "LOG", "Platform", "System"],
  defaultRoute: { LOG: "log | parent", "*": "parent" },
  start: {
    log: { provides: ["LOG"], route: { "*": "parent" } },
    page: {
      binary: "web-console",
      ram: "8M",
      grants: { page: { listen: "127.0.0.1:0" }, secret: { file: "token", size: 64, write: true } },
      config: { token: "secret", screen: false },
    },
  },
};

test("opens the console, and stands in no log", { timeout: 60_000 }, async (context) => {
  const running = context.use(await RunningSystem.start(JSON.stringify(system)));
  const [, url = "", token = ""] = await eventually(
    "the link is printed",
    () => /screen +(http:\S+)#token=(\S+)/.exec(running.printed) ?? undefined,
  );
  assert.is(token, readFileSync(join(running.folder, "token"), "utf8").replaceAll("\0", "").trim());
  const client = context.use(await ConsoleClient.connect(url, { token }));
  const { screen, system: seesSystem } = await client.message("hello");
  assert.equal([screen, seesSystem], [false, true]);
  const { output } = await running.run("logs");
  assert.match(output, "The console is at");
  assert.not.match(output, token);
});

test.run();
