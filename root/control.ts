/** The control socket of a running system: accepts connections, reads requests, sends their answers. */
import { chmodSync, existsSync, lstatSync, mkdirSync, rmdirSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { errorMessage, SessionError } from "../base/errors.js";
import { suggestion } from "../base/nearest.js";
import { type ControlAnswer, type ControlRequest, controlVersion, largestRequest } from "./control-protocol.js";

/** One request while it is being answered. */
export interface ControlCall {
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Fires when the client has gone. */
  readonly signal: AbortSignal;
  /** Sends an event; false when the client reads too slowly and should be spared. */
  event(value: unknown): boolean;
  /** Resolves when the client has taken what was sent, or has gone. */
  drained(): Promise<void>;
  /** Calls back when the client says something more about this request. */
  onInput(handler: (value: unknown) => void): void;
}

export type ControlHandler = (call: ControlCall) => unknown;
export type ControlHandlers = Readonly<Record<string, ControlHandler>>;

/** Requests that one connection may have under way. */
const mostCalls = 64;

/** Splits what arrives into lines, and refuses endless ones. */
export class LineReader {
  readonly #line: (line: string) => void;
  readonly #tooLong: () => void;
  readonly #longest: number;
  #rest = "";

  constructor(line: (line: string) => void, tooLong: () => void, longest: number) {
    this.#line = line;
    this.#tooLong = tooLong;
    this.#longest = longest;
  }

  push(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() as string;
    for (const line of lines) if (line !== "") this.#line(line);
    if (this.#rest.length > this.#longest) this.#tooLong();
  }
}

class Connection {
  readonly #socket: Socket;
  readonly #handlers: () => ControlHandlers;
  readonly #gone = new AbortController();
  readonly #inputs = new Map<number, (value: unknown) => void>();
  #calls = 0;

  constructor(socket: Socket, handlers: () => ControlHandlers) {
    this.#socket = socket;
    this.#handlers = handlers;
    const lines = new LineReader(
      (line) => void this.#request(line),
      () => socket.destroy(),
      largestRequest,
    );
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => lines.push(text));
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () => this.#gone.abort());
  }

  #answer(answer: ControlAnswer): boolean {
    return !this.#socket.destroyed && this.#socket.write(`${JSON.stringify(answer)}\n`);
  }

  async #request(line: string): Promise<void> {
    let request: ControlRequest & { readonly input?: unknown };
    try {
      request = JSON.parse(line) as ControlRequest;
      if (typeof request !== "object" || request === null || !Number.isSafeInteger(request.id))
        throw new Error("no request");
    } catch {
      this.#socket.destroy();
      return;
    }
    const { id } = request;
    if (request.input !== undefined) {
      this.#inputs.get(id)?.(request.input);
      return;
    }
    try {
      if (this.#calls >= mostCalls)
        throw new SessionError("Unavailable", `More than ${mostCalls} requests are under way`);
      this.#calls += 1;
      const result = await this.#handle(request);
      this.#answer({ version: controlVersion, id, result: result ?? null });
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "Internal";
      this.#answer({ version: controlVersion, id, error: { code, message: errorMessage(error) } });
    } finally {
      this.#calls -= 1;
      this.#inputs.delete(id);
    }
  }

  #handle({ version, id, request, arguments: given }: ControlRequest): unknown {
    if (version !== controlVersion)
      throw new SessionError(
        "UnknownOperation",
        `This system speaks version ${controlVersion} of the control protocol, not ${String(version)}: use the same version of bulkhead for both`,
      );
    const handlers = this.#handlers();
    if (typeof request !== "string" || !Object.hasOwn(handlers, request)) {
      throw new SessionError(
        "UnknownOperation",
        `There is no request ${JSON.stringify(request)}${suggestion(String(request), Object.keys(handlers))}`,
      );
    }
    return (handlers[request] as ControlHandler)({
      arguments: given ?? {},
      signal: this.#gone.signal,
      event: (value) => this.#answer({ version: controlVersion, id, event: value }),
      drained: () =>
        new Promise((resolve) => {
          if (this.#socket.destroyed || !this.#socket.writableNeedDrain) return resolve();
          this.#socket.once("drain", resolve);
          this.#gone.signal.addEventListener("abort", () => resolve(), { once: true });
        }),
      onInput: (handler) => this.#inputs.set(id, handler),
    });
  }
}

/** Whether somebody answers at the socket; a dead one refuses. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

export class ControlServer implements AsyncDisposable {
  readonly path: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Whether the folder was made for the socket, and goes with it. */
  readonly #made: boolean;

  private constructor(path: string, server: Server, made: boolean) {
    this.path = path;
    this.#made = made;
    this.#server = server;
  }

  /**
   * Listens. `handlers` is asked for each request. With `group` the members of this process's group may connect, else
   * its user alone. Throws `Unavailable` when another system answers there.
   */
  static async listen(
    path: string,
    handlers: () => ControlHandlers,
    { group = false }: { readonly group?: boolean } = {},
  ): Promise<ControlServer> {
    const folder = dirname(path);
    const made = mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined;
    assertOwn(folder);
    if (existsSync(path)) {
      if (!lstatSync(path).isSocket())
        throw new SessionError(
          "Unavailable",
          `Cannot listen at "${path}": a file that is no socket is there (choose another place with --socket)`,
        );
      if (await answers(path))
        throw new SessionError(
          "Unavailable",
          `A system runs already with the control socket "${path}": end it with "bulkhead down", or give this one another with --socket`,
        );
      rmSync(path);
    }
    const server = createServer();
    const control = new ControlServer(path, server, made);
    server.on("connection", (socket) => {
      control.#sockets.add(socket);
      socket.on("close", () => control.#sockets.delete(socket));
      new Connection(socket, handlers);
    });
    // Made with these rights, not narrowed afterwards.
    const mode = group ? 0o660 : 0o600;
    const mask = process.umask(0o777 & ~mode);
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", (error: NodeJS.ErrnoException) =>
          reject(
            new SessionError(
              "Device",
              `Cannot listen at "${path}": ${error.code ?? error.message} (choose another place with --socket)`,
            ),
          ),
        );
        server.listen(path, resolve);
      });
    } finally {
      process.umask(mask);
    }
    chmodSync(path, mode);
    return control;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.end();
    // Whoever does not take the last answers loses them.
    const deadline = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, 200);
    await closed;
    clearTimeout(deadline);
    if (this.#made) removeEmpty(dirname(this.path));
  }
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Somebody else uses it by now.
  }
}

/** In a folder for everybody, somebody else may have made ours first. */
function assertOwn(folder: string): void {
  const { uid } = lstatSync(folder);
  const user = process.getuid?.() ?? 0;
  if (uid !== user && uid !== 0)
    throw new SessionError(
      "Device",
      `Cannot use "${folder}" for the control socket: it belongs to user ${uid} (choose another place with --socket)`,
    );
}
