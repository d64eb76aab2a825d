/** The root sets clocks for components, and nothing else. */
import * as assert from "uvu/assert";
import { RootGrants } from "../../root/grants.js";
import type { SystemModel } from "../../servers/init/config.js";
import { readSystemFile } from "../../servers/init/system-file.js";
import { Platform } from "../../sessions/platform/index.js";
import { code } from "../support/error-code.js";
import { LocalParent } from "../support/local-parent.js";
import { suite } from "../support/suite.js";

const test = suite("clock-grants");

test("what is no clock, not granted for writing, or not acquired, is not set", async (context) => {
  const { model } = readSystemFile(
    `{ "start": { "driver": { "binary": "drivers/rtc", "grants": {
      "writeable": { "device": "/dev/null", "write": true },
      "readable": { "device": "/dev/null" }
    } } } }`,
  );
  const options = { folder: "/", log: () => {}, deathsOver: async () => {}, keepConsole: () => {} };
  const grants = new RootGrants({ ...options, model: () => model as SystemModel });
  context.defer(() => grants.close());
  const parent = context.use(new LocalParent([grants.service]));
  const platform = context.use(await parent.env("driver").connect(Platform));
  assert.is(await code(platform.setClock("writeable", 0)), "NotFound");
  using _writeable = await platform.acquire("writeable", { kind: "character_device" });
  using _readable = await platform.acquire("readable", { kind: "character_device" });
  assert.is(await code(platform.setClock("writeable", 0)), "InvalidArgument");
  assert.is(await code(platform.setClock("readable", 0)), "Denied");
});

test.run();
