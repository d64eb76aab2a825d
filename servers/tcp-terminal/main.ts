/** The TCP terminal: Terminal sessions whose far end is a TCP connection. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { Platform } from "../../sessions/platform/index.js";
import { Report } from "../../sessions/report/index.js";
import { TerminalInterface } from "../../sessions/terminal/index.js";
import { configSchema } from "./config.js";
import { OpenSocketPool } from "./open-socket.js";
import { TcpTerminalServer } from "./tcp-terminal-server.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const report = config.current.report ? await env.connect(Report, { label: "sockets" }) : undefined;
  const pool = new OpenSocketPool((sockets) => void report?.publish({ sockets: [...sockets] }));
  const platform = await env.connect(Platform);
  const acquire = async (name: string): Promise<number> =>
    (await platform.acquire(name, { kind: "listener" })).descriptor;
  const server = await TcpTerminalServer.start(config.current, pool, acquire);
  config.follow((next) => server.configure(next), ["report"]);
  await env.announce(TerminalInterface, (request) => server.open(request));
});
