/**
 * The face that Node.js's own inspector has, for one component: what debuggers ask over HTTP, and a WebSocket for the
 * inspector protocol. On the loopback interface, and for no web page: neither by its origin nor by a name that leads here.
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { pathToFileURL } from "node:url";
import { type WebSocket, WebSocketServer } from "ws";
import { exitCodes, Failure } from "./command.js";

const host = "127.0.0.1";
/** Where debuggers look by themselves. */
const usualPort = 9229;
/** A message of the protocol: Node.js's own bound. */
const largestMessage = 256 * 1024 * 1024;

export interface InspectorTarget {
  readonly title: string;
  readonly file: string;
  /** Version of Node.js. */
  readonly node: string;
}

/** A debugger's side of its connection. */
export interface Frontend {
  send(message: string): void;
  /** Calls back with each message of the debugger. */
  onMessage(handler: (message: string) => void): void;
  onClosed(handler: () => void): void;
}

/** Whether the request names this machine: a page can make a name of its own lead here. */
function namesLoopback({ headers }: IncomingMessage): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(headers.host ?? "");
}

/** Debuggers have no origin, but for the one in the browser itself. */
function isDebugger({ headers }: IncomingMessage): boolean {
  return headers.origin === undefined || /^(chrome-)?devtools:\/\//.test(headers.origin);
}

export class InspectorServer implements AsyncDisposable {
  readonly #target: InspectorTarget;
  readonly #onFrontend: (frontend: Frontend) => void;
  readonly #http: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: largestMessage });
  readonly #id = randomUUID();
  #taken = false;

  private constructor(target: InspectorTarget, onFrontend: (frontend: Frontend) => void) {
    this.#target = target;
    this.#onFrontend = onFrontend;
    this.#http = createServer((request, response) => this.#answer(request, response));
    this.#http.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** Listens at the port, or, when undefined, at the usual one or any other. */
  static async listen(
    port: number | undefined,
    target: InspectorTarget,
    onFrontend: (frontend: Frontend) => void,
  ): Promise<InspectorServer> {
    const server = new InspectorServer(target, onFrontend);
    try {
      await server.#listen(port ?? usualPort);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (port !== undefined || code !== "EADDRINUSE")
        throw new Failure(
          `Cannot listen at ${host}:${port ?? usualPort}: ${code ?? String(error)}`,
          code === "EACCES" ? exitCodes.device : exitCodes.failure,
          "choose another port with --port; 0 takes any",
        );
      await server.#listen(0);
    }
    return server;
  }

  #listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#http.once("error", reject);
      this.#http.listen(port, host, () => {
        this.#http.removeListener("error", reject);
        resolve();
      });
    });
  }

  /** `127.0.0.1:9229`. */
  get address(): string {
    return `${host}:${(this.#http.address() as AddressInfo).port}`;
  }

  get webSocketUrl(): string {
    return `ws://${this.address}/${this.#id}`;
  }

  /** For the address bar of a browser that has these developer tools. */
  get devtoolsUrl(): string {
    return `devtools://devtools/bundled/js_app.html?experiments=true&v8only=true&ws=${this.address}/${this.#id}`;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { title, file, node } = this.#target;
    const documents: Readonly<Record<string, () => unknown>> = {
      "/json/version": () => ({ Browser: `node.js/${node}`, "Protocol-Version": "1.1" }),
      "/json/list": () => [
        {
          description: "Bulkhead component",
          devtoolsFrontendUrl: this.devtoolsUrl,
          devtoolsFrontendUrlCompat: this.devtoolsUrl.replace("js_app", "inspector"),
          id: this.#id,
          title,
          type: "node",
          url: pathToFileURL(file).href,
          webSocketDebuggerUrl: this.webSocketUrl,
        },
      ],
    };
    const path = (request.url ?? "").replace(/\?.*$/, "").replace(/\/$/, "");
    const document = documents[path === "/json" ? "/json/list" : path];
    const [status, text] = !namesLoopback(request)
      ? [403, refusals.host]
      : document === undefined
        ? [404, `There is no ${path}: /json/list and /json/version are there`]
        : [200, JSON.stringify(document(), undefined, 2)];
    response.writeHead(status, {
      "Content-Type": `${status === 200 ? "application/json" : "text/plain"}; charset=UTF-8`,
      "Cache-Control": "no-cache",
    });
    response.end(`${text}\n`);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.#refusal(request);
    if (refusal !== undefined) {
      const [status, text] = refusal;
      socket.end(
        `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Length: ${Buffer.byteLength(text) + 1}\r\nConnection: close\r\n\r\n${text}\n`,
      );
      return;
    }
    // From here on, not from the end of the handshake, which the next one might overtake.
    this.#taken = true;
    socket.once("close", () => {
      this.#taken = false;
    });
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => this.#onFrontend(frontendOf(webSocket)));
  }

  #refusal(request: IncomingMessage): readonly [string, string] | undefined {
    if (!namesLoopback(request)) return ["403 Forbidden", refusals.host];
    if (!isDebugger(request)) return ["403 Forbidden", refusals.origin];
    if (request.url !== `/${this.#id}`) return ["404 Not Found", refusals.path];
    if (this.#taken) return ["409 Conflict", refusals.taken];
    return undefined;
  }

  /** Closes every connection; the reason goes to the debugger. */
  async close(reason: string): Promise<void> {
    const closed = new Promise((resolve) => this.#http.close(resolve));
    for (const socket of this.#sockets.clients) {
      socket.send(JSON.stringify({ method: "Inspector.detached", params: { reason } }));
      // A close frame has room for 123 bytes of reason.
      socket.close(1001, Buffer.from(reason).subarray(0, 120).toString());
    }
    this.#http.closeIdleConnections();
    const deadline = setTimeout(() => {
      for (const socket of this.#sockets.clients) socket.terminate();
      this.#http.closeAllConnections();
    }, 500);
    await closed;
    clearTimeout(deadline);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close("the debugging session has ended");
  }
}

const refusals = {
  host: "Refused: the Host header names neither 127.0.0.1 nor localhost",
  origin: "Refused: web pages may not debug components",
  path: "There is no debugging session of this name: /json/list has it",
  taken: "Refused: a debugger is connected already; close it first",
} as const;

function frontendOf(socket: WebSocket): Frontend {
  socket.on("error", () => {}); // "close" follows
  return {
    send: (message) => socket.send(message),
    onMessage: (handler) => socket.on("message", (data) => handler(String(data))),
    onClosed: (handler) => socket.on("close", handler),
  };
}
