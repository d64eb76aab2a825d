/** Providers of what needs no device: the small servers, which every bench has. */
import { createConnection, createServer } from "node:net";
import { Log } from "../../sessions/log/index.js";
import { Report } from "../../sessions/report/index.js";
import { Rom } from "../../sessions/rom/index.js";
import { Terminal } from "../../sessions/terminal/index.js";
import { Timer } from "../../sessions/timer/index.js";
import { type AnyProvider, provider, type TargetSide } from "../bench.js";
import type { ByteStream } from "../console.js";
import { LinePart } from "../line-part.js";
import type { LogPart, Module } from "../parts.js";
import { testComponent } from "../target.js";
import { screenProviders } from "./screens.js";

/** What the label of the test's own sessions begins with. */
const own = (label: string): string => `${testComponent} -> ${label}`;

export const timer = provider({
  need: "timer",
  name: "timer",
  acquire: () => ({
    start: { timer: { provides: ["Timer"] } },
    route: { Timer: "timer" },
    open: async ({ env }) => {
      const session = await env.connect(Timer);
      return { session, [Symbol.asyncDispose]: () => session.close() };
    },
  }),
});

async function logPart({ env, log }: TargetSide): Promise<LogPart> {
  const session = await env.connect(Log);
  return { session, lines: log, [Symbol.asyncDispose]: () => session.close() };
}

export const rootLog = provider({
  need: "log",
  name: "root",
  acquire: () => ({ route: { LOG: "parent" }, open: logPart }),
});

export const logServer = provider({
  need: "log",
  name: "log server",
  acquire: () => ({ start: { log: { provides: ["LOG"] } }, route: { LOG: "log" }, open: logPart }),
});

/** The server under a name of its own a need, since a target may have several of it. */
const reportRom = (policies: readonly object[]): object => ({
  binary: "report-rom",
  provides: ["Report", "ROM"],
  config: { policies },
});

export const report = provider({
  need: "report",
  name: "report-rom",
  acquire: () => ({
    start: {
      reports: reportRom([
        { label: own("state"), report: own("state") },
        { label: own("other"), report: own("other") },
      ]),
    },
    route: { Report: "reports", "ROM state": "reports", "ROM other": "reports" },
    open: async ({ env }) => ({
      reporter: (name, bufferSize) =>
        env.connect(Report, { label: name, ...(bufferSize !== undefined && { bufferSize }) }),
      reader: (name) => env.connect(Rom, { label: name }),
      async [Symbol.asyncDispose]() {},
    }),
  }),
});

export const reportedModule = provider({
  need: "rom",
  name: "report-rom",
  acquire: () => ({
    start: { modules: reportRom([{ label: own("module"), report: own("module") }]) },
    route: { "Report module": "modules", "ROM module": "modules" },
    open: async ({ env }): Promise<Module> => {
      const reporter = await env.connect(Report, { label: "module" });
      return {
        publish: (value) => reporter.publish(value),
        open: () => env.connect(Rom, { label: "module" }),
        [Symbol.asyncDispose]: () => reporter.close(),
      };
    },
  }),
});

export const configModule = provider({
  need: "rom",
  name: "config of init",
  acquire: () => ({
    open: async ({ env, configure }): Promise<Module> => ({
      publish: configure,
      open: () => env.connect(Rom, { label: "config" }),
      async [Symbol.asyncDispose]() {},
    }),
  }),
});

export const crosslink = provider({
  need: "terminal",
  name: "terminal-crosslink",
  acquire: () => ({
    start: { crosslink: { binary: "terminal-crosslink", provides: ["Terminal"] } },
    route: { Terminal: "crosslink" },
    open: async ({ env, files }) => {
      const near = await env.connect(Terminal, { label: "near" });
      const far = await env.connect(Terminal, { label: "far" });
      return new LinePart(near, {
        name: "terminal",
        files,
        far: {
          write: (bytes) => far.write(bytes),
          bytes: (options) => far.bytes(options),
          close: () => far.close(),
        },
      });
    },
  }),
});

export const tcpTerminal = provider({
  need: "terminal",
  name: "TCP",
  acquire: async () => {
    const port = await freePort();
    return {
      start: {
        "tcp-terminal": {
          provides: ["Terminal"],
          grants: { socket: { listen: `127.0.0.1:${port}` } },
          config: { policies: [{ labelPrefix: testComponent, listener: "socket" }] },
        },
      },
      route: { Terminal: "tcp-terminal" },
      open: async ({ env, files }) => {
        const session = await env.connect(Terminal);
        return new LinePart(session, { name: "terminal", files, far: await tcpEnd(port) });
      },
    };
  },
});

/** A port that nobody has now. */
async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** A connection to a port of this machine, as a stream of bytes. */
function tcpEnd(port: number): Promise<ByteStream> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: "127.0.0.1", port });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.removeListener("error", reject);
      socket.on("error", () => {}); // its end is what the reader sees
      resolve({
        write: (bytes) => new Promise((done) => void socket.write(bytes, () => done())),
        async *bytes({ signal }) {
          signal.addEventListener("abort", () => socket.destroy(), { once: true });
          try {
            for await (const piece of socket) yield piece as Uint8Array;
          } catch (error) {
            if (!signal.aborted) throw error;
          }
        },
        close: () => void socket.destroy(),
      });
    });
  });
}

/** In order of preference. */
export const sessionProviders: readonly AnyProvider[] = [
  timer,
  logServer,
  rootLog,
  report,
  reportedModule,
  configModule,
  crosslink,
  tcpTerminal,
  ...screenProviders,
];
