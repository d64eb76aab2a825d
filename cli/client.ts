/** The control socket, as the commands use it. */
import { readFileSync, statSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { dirname } from "node:path";
import { LineReader } from "../root/control.js";
import { type ControlAnswer, controlSocketPath, controlVersion, machineSocketPath } from "../root/control-protocol.js";
import { exitCodes, Failure, type Invocation, textOption } from "./command.js";

/** An answer may be long: the state of a large system. */
const largestAnswer = 64 * 1024 * 1024;

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly event: (value: unknown) => void;
}

/** Exit codes of what a system answers. */
const codes: Readonly<Record<string, number>> = {
  InvalidArgument: exitCodes.usage,
  NotFound: exitCodes.failure,
  Device: exitCodes.device,
};

function connection(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.removeListener("error", reject);
      resolve(socket);
    });
    socket.once("error", reject);
  });
}

/** Who may use a socket that this user may not. */
function permissionHint(path: string): string {
  try {
    // What holds the socket can be looked at by everybody; the socket itself often cannot.
    const { gid, mode } = statSync(dirname(path));
    const group = readFileSync("/etc/group", "utf8")
      .split("\n")
      .map((line) => line.split(":"))
      .find(([, , number]) => number === String(gid))?.[0];
    if (gid !== 0 && group !== undefined && (mode & 0o010) !== 0)
      return `the members of the group "${group}" may control it: sudo usermod -aG ${group} $USER, then log in again`;
  } catch {
    // Then nobody else may use it either.
  }
  return "only the user who started the system, or root, may control it";
}

export class Client implements Disposable {
  readonly #socket: Socket;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const lines = new LineReader(
      (line) => this.#answer(JSON.parse(line) as ControlAnswer),
      () => socket.destroy(),
      largestAnswer,
    );
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => lines.push(text));
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () => {
      for (const { reject } of this.#pending.values())
        reject(new Failure("The system has ended", exitCodes.notRunning));
      this.#pending.clear();
    });
  }

  /** @throws Failure `notRunning` when nobody answers at any of the paths, of which the first good one is taken */
  static async open(...paths: readonly string[]): Promise<Client> {
    for (const path of paths) {
      try {
        return new Client(await connection(path));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "EACCES" || code === "EPERM")
          throw new Failure(
            `Cannot open the control socket "${path}": permission denied`,
            exitCodes.device,
            permissionHint(path),
          );
      }
    }
    throw new Failure(
      `No system runs: nobody answers at ${paths.map((path) => `"${path}"`).join(" or ")}`,
      exitCodes.notRunning,
      'start one with "bulkhead up", or name its socket with --socket',
    );
  }

  /** The system of this invocation: the one named, else that of this user, else that of the machine. */
  static of(invocation: Invocation): Promise<Client> {
    const named = textOption(invocation, "socket");
    return Client.open(...(named === undefined ? new Set([controlSocketPath(), machineSocketPath]) : [named]));
  }

  /** Asks, and resolves to the result. */
  request<Result>(
    request: string,
    given: Readonly<Record<string, unknown>> = {},
    event: (value: never) => void = () => {},
  ): Promise<Result> {
    return this.start<Result>(request, given, event).result;
  }

  /** Asks, and can say more about the request while it is under way. */
  start<Result>(
    request: string,
    given: Readonly<Record<string, unknown>>,
    event: (value: never) => void,
  ): { readonly result: Promise<Result>; input(value: unknown): void } {
    const id = ++this.#lastId;
    const result = new Promise<Result>((resolve, reject) => {
      this.#pending.set(id, {
        resolve: resolve as (result: unknown) => void,
        reject,
        event: event as (value: unknown) => void,
      });
    });
    this.#send({ id, request, arguments: given });
    return { result, input: (value) => this.#send({ id, input: value }) };
  }

  #send(message: object): void {
    this.#socket.write(`${JSON.stringify({ version: controlVersion, ...message })}\n`);
  }

  #answer(answer: ControlAnswer): void {
    const pending = this.#pending.get(answer.id);
    if (pending === undefined) return;
    if ("event" in answer) return pending.event(answer.event);
    this.#pending.delete(answer.id);
    if ("error" in answer)
      pending.reject(new Failure(answer.error.message, codes[answer.error.code] ?? exitCodes.failure));
    else pending.resolve(answer.result);
  }

  /** Resolves when the system has closed the connection: it is then gone, or about to be. */
  closed(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.closed) resolve();
      else this.#socket.once("close", () => resolve());
    });
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
