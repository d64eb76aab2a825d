/** The log: LOG sessions, with labels, to the parent's log and to files. */
import { component } from "../../base/component.js";
import type { Env } from "../../base/env.js";
import { ConfigFile } from "../../lib/config.js";
import { LOG, Log } from "../../sessions/log/index.js";
import { Platform } from "../../sessions/platform/index.js";
import { configSchema, type LogConfig } from "./config.js";
import { LogFiles } from "./log-files.js";
import { type LineTarget, LogServer } from "./log-server.js";

async function consoleTarget(env: Env): Promise<LineTarget> {
  const log = await env.connect(Log);
  return {
    name: "the parent's log",
    write: async (lines) => {
      for (const line of lines) await log.write(line);
    },
    close: () => log.close(),
  };
}

async function fileTarget(env: Env, { files: wanted }: LogConfig): Promise<LineTarget[]> {
  if (wanted === undefined) return [];
  const platform = await env.connect(Platform);
  const descriptors: number[] = [];
  for (const name of wanted.grants) descriptors.push((await platform.acquire(name, { kind: "file" })).descriptor);
  const files = new LogFiles(descriptors, wanted.size);
  return [{ name: "its files", write: (lines) => files.write(lines) }];
}

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const files = await fileTarget(env, config.current);
  const targets = async (wanted: LogConfig): Promise<LineTarget[]> => [
    ...(wanted.console ? [await consoleTarget(env)] : []),
    ...files,
  ];
  const server = new LogServer(config.current, await targets(config.current));
  config.follow(
    async (next, { console: before }) =>
      server.configure(next, next.console === before ? undefined : await targets(next)),
    ["files"],
  );
  await env.announce(LOG, (request) => server.open(request));
});
