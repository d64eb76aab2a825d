/** HTTP and WebSocket on a listening socket that was handed in: the page, and connections of browsers. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createEncryptedServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { SessionError } from "../../base/errors.js";
import type { Gate } from "./gate.js";
import { subProtocol } from "./page-messages.js";

/** The files of the page, as text. */
export interface PageFiles {
  readonly html: string;
  readonly style: string;
  readonly script: string;
}

export interface Encryption {
  readonly certificate: string;
  readonly key: string;
}

export interface WebServerOptions {
  /** Descriptor of the listening socket, which the server takes over. */
  readonly descriptor: number;
  readonly gate: Gate;
  readonly encryption: Encryption | undefined;
  readonly files: PageFiles;
  readonly mostViewers: () => number;
  readonly connected: (socket: WebSocket) => void;
}

/** The largest message of a browser: two system files and what is around them. */
const largestMessage = 768 * 1024;
/** Sockets beside those of viewers: requests of pages that come. */
const otherConnections = 16;
/** For the head of a request, and for all of it. */
const patience = 5000;

/** Only what the page brings itself, and nobody may put it into a frame. */
const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

const headers = {
  "Content-Security-Policy": contentPolicy,
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
  "Cache-Control": "no-cache",
} as const;

function loopback({ address }: AddressInfo): boolean {
  return /^(127\.|::1$|::ffff:127\.)/.test(address);
}

export class WebServer {
  readonly #options: WebServerOptions;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    maxPayload: largestMessage,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(subProtocol) ? subProtocol : false),
  });
  readonly #documents: ReadonlyMap<string, readonly [type: string, text: string]>;

  private constructor(options: WebServerOptions) {
    const { encryption, files } = options;
    this.#options = options;
    const handle = (request: IncomingMessage, response: ServerResponse): void => this.#answer(request, response);
    this.#server =
      encryption === undefined
        ? createServer(handle)
        : createEncryptedServer(
            {
              cert: encryption.certificate,
              key: encryption.key,
              minVersion: "TLSv1.2",
              handshakeTimeout: patience,
            },
            handle,
          );
    this.#server.headersTimeout = patience;
    this.#server.requestTimeout = patience;
    // Whoever connects and says nothing must not keep others out. A WebSocket has pings instead.
    this.#server.timeout = patience;
    this.#server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    this.#documents = new Map([
      ["/", ["text/html", files.html]],
      ["/style.css", ["text/css", files.style]],
      ["/page.js", ["text/javascript", files.script]],
    ]);
  }

  /**
   * Starts to serve.
   * @throws SessionError `Denied` where somebody else than this machine could come in without a token, or unencrypted
   */
  static async listen(options: WebServerOptions): Promise<WebServer> {
    const server = new WebServer(options);
    server.#server.listen({ fd: options.descriptor });
    await once(server.#server, "listening");
    const address = server.#server.address() as AddressInfo;
    if (loopback(address) || (options.encryption !== undefined && options.gate.tokenNeeded)) return server;
    server.#server.close();
    throw new SessionError(
      "Denied",
      `Cannot serve at ${address.address}:${address.port}, which is not this machine alone: set "token", "certificate" and "key" in the config, or listen at 127.0.0.1`,
    );
  }

  /** As it stands in the address bar of a browser on this machine. */
  get url(): string {
    const { address, port, family } = this.#server.address() as AddressInfo;
    const host = family === "IPv6" ? `[${address}]` : address;
    return `${this.#options.encryption === undefined ? "http" : "https"}://${host}:${port}/`;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { gate } = this.#options;
    const path = (request.url ?? "").replace(/[?#].*$/, "");
    const document = this.#documents.get(path);
    const send = (status: number, type: string, text: string, more: Readonly<Record<string, string>> = {}): void => {
      response.writeHead(status, { ...headers, ...more, "Content-Type": `${type}; charset=utf-8` });
      response.end(request.method === "HEAD" ? undefined : text);
    };
    const refused = gate.hostRefusal(request.headers);
    if (refused !== undefined) return send(refused.status, "text/plain", `${refused.text}\n`);
    if (request.method !== "GET" && request.method !== "HEAD")
      return send(405, "text/plain", "There is nothing to change here\n", { Allow: "GET, HEAD", Connection: "close" });
    if (path === "/token") {
      const refusal = gate.bearerRefusal(request.headers);
      return refusal === undefined ? send(204, "text/plain", "") : send(refusal.status, "text/plain", refusal.text);
    }
    if (document === undefined) return send(404, "text/plain", "There is nothing here: the page is at /\n");
    send(200, ...document);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    const refusal =
      this.#options.gate.socketRefusal(request.headers) ??
      (request.url !== "/socket" ? { status: 404, text: "The socket is at /socket" } : undefined) ??
      (this.#sockets.clients.size >= this.#options.mostViewers()
        ? { status: 503, text: "As many browsers as may be are connected" }
        : undefined);
    if (refusal === undefined) {
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) => this.#options.connected(webSocket));
      return;
    }
    const { status, text } = refusal;
    socket.end(
      `HTTP/1.1 ${status} Refused\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
    );
  }

  /** So many browsers, and pages that they load, may be connected. */
  limit(): void {
    this.#server.maxConnections = this.#options.mostViewers() + otherConnections;
  }

  close(): void {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
