/** The log: LOG sessions, with labels, to the parent's log and to files. */
import { component } from "../../base/component.js";
import { readConfig } from "../../lib/config.js";
import { LOG, Log } from "../../sessions/log/index.js";
import { Platform } from "../../sessions/platform/index.js";
import { configSchema } from "./config.js";
import { LogFiles } from "./log-files.js";
import { type LineTarget, LogServer } from "./log-server.js";

component(async (env) => {
  const config = await readConfig(env, configSchema);
  const targets: LineTarget[] = [];
  if (config.console) {
    const log = await env.connect(Log);
    targets.push({
      name: "the parent's log",
      write: async (lines) => {
        for (const line of lines) await log.write(line);
      },
    });
  }
  if (config.files !== undefined) {
    const platform = await env.connect(Platform);
    const descriptors: number[] = [];
    for (const name of config.files.grants)
      descriptors.push((await platform.acquire(name, { kind: "file" })).descriptor);
    const files = new LogFiles(descriptors, config.files.size);
    targets.push({ name: "its files", write: (lines) => files.write(lines) });
  }
  const server = new LogServer(config, targets);
  await env.announce(LOG, (request) => server.open(request));
});
