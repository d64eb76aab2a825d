/** A `bulkhead debug` under way, and a client of the inspector protocol. */
import { type ChildProcess, spawn } from "node:child_process";
import { SourceMap } from "node:module";
import { WebSocket } from "ws";
import { bundledProgram } from "../../bindings/prebuilt.js";
import { eventually, type RunningSystem } from "./running-system.js";

const command = bundledProgram("bulkhead");

export class Debugging implements AsyncDisposable {
  readonly process: ChildProcess;
  readonly ended: Promise<number | null>;
  output = "";
  notes = "";

  private constructor(system: RunningSystem, args: readonly string[]) {
    this.process = spawn(
      process.execPath,
      [command, "debug", "--json", "--port", "0", "--socket", system.socket, ...args],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    this.process.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.output += text;
    });
    this.process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.notes += text;
    });
    this.ended = new Promise((resolve) => this.process.once("close", resolve));
  }

  /** Resolves when the command has printed where it listens. */
  static async start(system: RunningSystem, ...args: readonly string[]): Promise<Debugging> {
    const debugging = new Debugging(system, args);
    try {
      await eventually("bulkhead debug says where it listens", () => {
        if (debugging.process.exitCode !== null) throw new Error(`It ended: ${debugging.notes}`);
        return debugging.output.includes("\n") ? true : undefined;
      });
    } catch (error) {
      await debugging[Symbol.asyncDispose]();
      throw error;
    }
    return debugging;
  }

  get facts(): { url: string; address: string; devtools: string; component: string; pid: number; waits: boolean } {
    return JSON.parse(this.output);
  }

  noted(text: string): Promise<true> {
    return eventually(`it says: ${text}`, () => (this.notes.includes(text) ? true : undefined));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill("SIGTERM");
    await this.ended;
  }
}

export interface Notification {
  readonly method: string;
  // Each method has parameters of its own, which the tests look into.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly params: any;
}

export class InspectorClient implements AsyncDisposable {
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, (message: { result?: unknown; error?: { message: string } }) => void>();
  readonly notifications: Notification[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  #id = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data) => {
      const message = JSON.parse(String(data));
      if (message.id === undefined) this.notifications.push(message);
      else this.#pending.get(message.id)?.(message);
    });
    this.closed = new Promise((resolve) =>
      socket.on("close", (code, reason) => resolve({ code, reason: String(reason) })),
    );
  }

  static connect(url: string, options: { origin?: string; headers?: Record<string, string> } = {}) {
    return new Promise<InspectorClient>((resolve, reject) => {
      const socket = new WebSocket(url, options);
      const client = new InspectorClient(socket);
      socket.once("open", () => resolve(client));
      socket.once("error", reject);
    });
  }

  // biome-ignore lint/suspicious/noExplicitAny: each method has a result of its own
  ask(method: string, params: object = {}): Promise<any> {
    const id = ++this.#id;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) => {
      this.#pending.set(id, ({ result, error }) => {
        this.#pending.delete(id);
        if (error === undefined) resolve(result);
        else reject(new Error(error.message));
      });
    });
  }

  /** The oldest notification of this method that nobody has taken yet. */
  take(method: string, fits: (params: Notification["params"]) => boolean = () => true): Promise<Notification> {
    return eventually(`the debugger is told of ${method}`, () => {
      const found = this.notifications.findIndex((one) => one.method === method && fits(one.params));
      return found < 0 ? undefined : this.notifications.splice(found, 1)[0];
    });
  }

  /** The script whose URL ends so, after `Debugger.enable`. */
  async script(ending: string): Promise<MappedScript> {
    const { params } = await this.take("Debugger.scriptParsed", ({ url }) => url.endsWith(ending));
    return new MappedScript(params);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.terminate();
    await this.closed;
  }
}

/** A script of a component, with where its lines come from, as debuggers find it out. */
export class MappedScript {
  readonly url: string;
  readonly scriptId: string;
  readonly #lines: number;
  readonly #map: SourceMap;

  constructor({ url, scriptId, sourceMapURL, endLine }: Notification["params"]) {
    this.url = url;
    this.scriptId = scriptId;
    this.#lines = endLine;
    const [, data] = /^data:application\/json;base64,(.*)$/s.exec(sourceMapURL) ?? [];
    if (data === undefined) throw new Error(`No source map comes with ${url}: ${sourceMapURL}`);
    this.#map = new SourceMap(JSON.parse(Buffer.from(data, "base64").toString()));
  }

  /** Source URL and line, from 1, of a place in the script, from 0. */
  original(lineNumber: number, columnNumber: number): { source: string; line: number } {
    const entry = this.#map.findEntry(lineNumber, columnNumber);
    if (!("originalSource" in entry)) throw new Error(`Nothing is known of line ${lineNumber} of ${this.url}`);
    return { source: entry.originalSource, line: entry.originalLine + 1 };
  }

  /** Where in the script a line of a source, from 1, begins. */
  generated(source: string, line: number): { lineNumber: number; columnNumber: number } {
    for (let lineNumber = 0; lineNumber < this.#lines; ++lineNumber)
      for (let column = 0; column < 80; column += 2) {
        const entry = this.#map.findEntry(lineNumber, column);
        if (!("originalSource" in entry) || entry.generatedLine !== lineNumber) continue;
        if (entry.originalSource.endsWith(source) && entry.originalLine + 1 === line)
          return { lineNumber, columnNumber: entry.generatedColumn };
      }
    throw new Error(`Line ${line} of ${source} is nowhere in ${this.url}`);
  }
}
