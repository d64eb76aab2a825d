/** The control socket, as the commands use it. */
import { connect, type Socket } from "node:net";
import { LineReader } from "../root/control.js";
import { type ControlAnswer, controlSocketPath, controlVersion } from "../root/control-protocol.js";
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

  static open(path: string): Promise<Client> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      socket.once("connect", () => resolve(new Client(socket)));
      socket.once("error", (error: NodeJS.ErrnoException) => {
        if (error.code === "EACCES" || error.code === "EPERM")
          reject(
            new Failure(
              `Cannot open the control socket "${path}": permission denied`,
              exitCodes.device,
              "only the user who started the system, or root, may control it",
            ),
          );
        else
          reject(
            new Failure(
              `No system runs: nobody answers at "${path}"`,
              exitCodes.notRunning,
              'start one with "bulkhead up", or name its socket with --socket',
            ),
          );
      });
    });
  }

  /** The system of this invocation. */
  static of(invocation: Invocation): Promise<Client> {
    return Client.open(textOption(invocation, "socket") ?? controlSocketPath());
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
