/** The bench's agent: starts processes in the guest for the host, over a port of its own. Runs alone, so it imports only Node.js. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import {
  closeSync,
  constants,
  type Dirent,
  openSync,
  read,
  readdirSync,
  readFileSync,
  realpathSync,
  write,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Readable } from "node:stream";
import type { AgentMessage, AgentRequest, GuestNode } from "../agent-protocol.js";

const portName = "bulkhead.agent";

function openPort(): number {
  const terminal = process.env["port"] ?? "";
  if (terminal !== "") return openSync(terminal, constants.O_RDWR | constants.O_NOCTTY);
  const folder = "/sys/class/virtio-ports";
  for (const port of readdirSync(folder))
    if (readFileSync(join(folder, port, "name"), "utf8").trim() === portName) return openSync(`/dev/${port}`, "r+");
  throw new Error(`There is no port ${portName}`);
}

const port = openPort();
const processes = new Map<number, ChildProcess>();
let lastWrite: Promise<void> = Promise.resolve();

function writeAll(bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    write(port, bytes, 0, bytes.length, null, (error, count) => {
      if (error !== null && error.code !== "EAGAIN") process.exit(1);
      const rest = bytes.subarray(error === null ? count : 0);
      if (rest.length === 0) resolve();
      else setTimeout(() => void writeAll(rest).then(resolve), error === null ? 0 : 5);
    });
  });
}

/** One message after the other. Whoever waits for the result is as slow as the host. */
function send(message: AgentMessage): Promise<void> {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  lastWrite = lastWrite.then(() => writeAll(bytes));
  return lastWrite;
}

async function pass(id: number, stream: "output" | "errors", from: Readable): Promise<void> {
  for await (const chunk of from) await send({ id, stream, output: (chunk as Buffer).toString("base64") });
}

function start(id: number, { command, cwd, environment }: Extract<AgentRequest, { start: unknown }>["start"]): void {
  const [program = "", ...args] = command;
  // In no session of its own: the first terminal that a session's leader opens is hung up when the leader ends.
  const child = spawn(program, args, { cwd, env: { ...base, ...environment } });
  processes.set(id, child);
  // A reader that ended before it read everything is no failure of ours.
  child.stdin.on("error", () => {});
  let failure: string | undefined;
  child.on("error", (error) => {
    failure = error.message;
    if (child.pid === undefined) {
      processes.delete(id);
      void send({ id, failure });
    }
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  const passed = Promise.all([pass(id, "output", child.stdout), pass(id, "errors", child.stderr)]);
  void ended.then(async (end) => {
    // What a left-over child holds open must not keep the end from being told.
    await Promise.race([passed, new Promise((resolve) => setTimeout(resolve, 500))]);
    processes.delete(id);
    await send({ id, end });
  });
}

function loadModules(id: number, modules: readonly string[]): void {
  execFile("modprobe", ["-a", ...modules], (error, _output, errors) => {
    void send(error === null ? { id, done: true } : { id, failure: errors.trim() || error.message });
  });
}

function setClock(id: number, milliseconds: number): void {
  execFile("date", ["-u", "-s", `@${(milliseconds / 1000).toFixed(3)}`], (error) => {
    void send(error === null ? { id, done: true } : { id, failure: error.message });
  });
}

/** Every device below a folder of /sys whose kernel name leads to a node, or to a network interface. */
function nodesBelow(folder: string, found: GuestNode[], depth = 0): GuestNode[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return found;
  }
  const links = new Set(entries.filter((entry) => entry.isSymbolicLink()).map(({ name }) => name));
  if (links.has("subsystem")) {
    const subsystem = basename(realpathSync(join(folder, "subsystem")));
    const node = /^DEVNAME=(.*)$/m.exec(readFileSync(join(folder, "uevent"), "utf8"))?.[1];
    if (node !== undefined || subsystem === "net")
      found.push({ subsystem, name: basename(folder), path: node === undefined ? undefined : `/dev/${node}` });
  }
  if (depth < 16)
    for (const entry of entries) if (entry.isDirectory()) nodesBelow(join(folder, entry.name), found, depth + 1);
  return found;
}

/** The folders that a path with patterns in its last part stands for. */
function matching(pattern: string): string[] {
  if (!/[*[]/.test(pattern)) return [pattern];
  const folder = dirname(pattern);
  const expression = new RegExp(`^${basename(pattern).replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
  try {
    return readdirSync(folder)
      .filter((name) => expression.test(name))
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function handle(request: AgentRequest): void {
  const { id } = request;
  if ("start" in request) return start(id, request.start);
  if ("modules" in request) return loadModules(id, request.modules);
  if ("clock" in request) return setClock(id, request.clock);
  if ("nodes" in request) {
    const found: GuestNode[] = [];
    for (const folder of matching(request.nodes)) nodesBelow(folder, found);
    return void send({ id, nodes: found });
  }
  const child = processes.get(id);
  if (child?.pid === undefined) return;
  if ("input" in request) child.stdin?.write(Buffer.from(request.input, "base64"));
  else if ("endInput" in request) child.stdin?.end();
  else for (const pid of request.signal === "SIGKILL" ? family(child.pid) : [child.pid]) signalTo(pid, request.signal);
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has just ended.
  }
}

/** A process and all that it started. */
function family(first: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // It ended meanwhile.
    }
  }
  const all = [first];
  for (const pid of all) all.push(...(children.get(pid) ?? []));
  return all;
}

let text = "";
const buffer = Buffer.alloc(1 << 16);
function listen(): void {
  read(port, buffer, 0, buffer.length, null, (error, count) => {
    // No bytes: the host is not there yet, or not any more.
    if (error !== null || count === 0) return void setTimeout(listen, 20);
    text += buffer.toString("latin1", 0, count);
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      if (line !== "") handle(JSON.parse(Buffer.from(line, "latin1").toString("utf8")) as AgentRequest);
    }
    listen();
  });
}

const reached = Object.fromEntries(
  (process.env["BENCH_TIMES"] ?? "").split(" ").map((word) => {
    const [name = "", seconds = ""] = word.split("=");
    return [name, Number(seconds)];
  }),
);
const { BENCH_TIMES: _times, agent: _agent, node: _node, port: _port, ...base } = process.env;
process.once("exit", () => closeSync(port));
listen();
void send({ ready: { ...reached, agent: Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]) } });
