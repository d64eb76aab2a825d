// timeout: 90s
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import * as assert from "uvu/assert";
import { bundledProgram } from "../../bindings/prebuilt.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("small servers in their sandboxes");
const command = bundledProgram("bulkhead");
const execute = promisify(execFile);
/** The command's exit code where permission is missing. */
const permissionExit = 5;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

function system(port: number): object {
  const file = (name: string): object => ({ file: name, size: "64K", write: true });
  return {
    parentProvides: ["ROM", "LOG", "Platform"],
    defaultRoute: { ROM: "parent", LOG: "parent", Platform: "parent", "*": "any-child" },
    start: {
      timer: { ram: "4M", provides: ["Timer"] },
      log: {
        ram: "4M",
        provides: ["LOG"],
        grants: { a: file("a.txt"), b: file("b.txt") },
        config: { console: false, files: { grants: ["a", "b"], size: "64K" } },
      },
      "report-rom": {
        ram: "8M",
        provides: ["Report", "ROM"],
        config: { policies: [{ label: "client -> state", report: "client -> state" }] },
      },
      crosslink: { binary: "terminal-crosslink", ram: "4M", provides: ["Terminal"] },
      "nic-loopback": { ram: "16M", provides: ["Nic"] },
      "tcp-terminal": {
        ram: "8M",
        provides: ["Terminal"],
        grants: { telnet: { listen: `127.0.0.1:${port}` } },
        config: { policies: [{ labelPrefix: "client", listener: "telnet" }] },
      },
      client: {
        binary: "test/services",
        ram: "32M",
        route: {
          "LOG * -> diary": "log",
          LOG: "parent",
          "ROM * -> state": "report-rom",
          "Terminal * -> remote": "tcp-terminal",
          Terminal: "crosslink",
          "*": "default",
        },
      },
    },
  };
}

type Progress = Readonly<Record<string, number>>;

/** Asks the client over TCP; undefined while nobody answers. */
async function progress(port: number): Promise<Progress | undefined> {
  const socket = connect(port, "127.0.0.1");
  // Refused while the server restarts. (Waiting by `once` would throw that.)
  socket.on("error", () => {});
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  const patience = setTimeout(() => socket.destroy(), 500);
  let text = "";
  socket.on("data", (piece: Buffer) => {
    // private copy: read from a socket
    text += piece.toString("utf8");
    if (text.includes("\n")) socket.end();
  });
  socket.write("progress\n");
  await closed;
  clearTimeout(patience);
  return text.includes("\n") ? (JSON.parse(text) as Progress) : undefined;
}

async function start(context: Context) {
  const folder = mkdtempSync(join(tmpdir(), "servers-"));
  context.defer(() => rmSync(folder, { recursive: true }));
  const port = await freePort();
  const file = join(folder, "system.jsonc");
  const socket = join(folder, "control");
  writeFileSync(file, JSON.stringify(system(port)));
  const bulkhead = spawn(process.execPath, [command, "up", file, `--socket=${socket}`], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exited = once(bulkhead, "exit");
  context.defer(async () => {
    bulkhead.kill("SIGINT");
    await exited;
  });
  const lines: string[] = [];
  const printed = createInterface({ input: bulkhead.stderr as NodeJS.ReadableStream });
  const ready = new Promise<boolean>((resolve) => {
    printed.on("line", (line) => {
      lines.push(line);
      if (line === "[client] ready") resolve(true);
    });
    printed.once("close", () => resolve(false));
  });
  if (!(await ready)) {
    const [code] = (await exited) as [number | null];
    if (code === permissionExit) context.skip(`needs the right to make sandboxes: ${lines.at(-1)}`);
    assert.unreachable(`the system ended with code ${code}:\n${lines.join("\n")}`);
  }
  const control = (...words: string[]) => execute(process.execPath, [command, ...words, `--socket=${socket}`]);
  return { folder, port, lines, control };
}

test("each works, and each may be killed under load: its clients go on", { timeout: 80_000 }, async (context) => {
  const { folder, port, lines, control } = await start(context);
  for (const line of ["reported 9000 characters", "linked 100000 bytes", "looped 100 frames"]) {
    assert.ok(lines.includes(`[client] ${line}`), `"${line}" is not in:\n${lines.join("\n")}`);
  }
  const servers = ["timer", "log", "report-rom", "crosslink", "nic-loopback", "tcp-terminal"];
  for (const server of servers) {
    await control("kill", server);
    const end = performance.now() + 10_000;
    let before: Progress | undefined;
    let stuck: string[] = ["everything"];
    while (stuck.length > 0 && performance.now() < end) {
      await pause(50);
      const now = await progress(port);
      if (now === undefined) continue;
      before ??= now;
      const earlier = before;
      stuck = Object.keys(now).filter((name) => (now[name] as number) <= (earlier[name] as number));
    }
    assert.equal(stuck, [], `after the death of ${server}:\n${lines.join("\n")}`);
  }
  const diary = ["a.txt", "b.txt"].map((name) => readFileSync(join(folder, name), "latin1")).join("");
  assert.match(diary, /\[client -> diary\] entry [0-9]+\n/);
});

test.run();
