/**
 * Who may come in. A browser runs the pages of anybody: another page must not get here by a name of its own that it lets
 * lead to this machine (so the Host header is checked), nor talk to us behind the back of whoever has logged in (so the
 * Origin of a WebSocket is, too).
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { tokenPrefix } from "./page-messages.js";

export interface GateOptions {
  /** Undefined: nobody needs one. */
  readonly token: string | undefined;
  readonly encrypted: boolean;
  /** Further names by which the server may be called. */
  readonly names: readonly string[];
}

export interface Refusal {
  readonly status: 401 | 403;
  readonly text: string;
}

const refusals = {
  host: {
    status: 403,
    text: 'Refused: the Host header is neither an address nor a name of this console; add the name to "names" of its config',
  },
  origin: { status: 403, text: "Refused: only this console's own page may connect" },
  token: { status: 401, text: "Refused: this console needs its token" },
} as const satisfies Record<string, Refusal>;

/** `Host` without its port. */
function hostName(host: string): string {
  return host
    .replace(/:\d+$/, "")
    .replace(/^\[|\]$/g, "")
    .toLowerCase();
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

export class Gate {
  readonly #options: GateOptions;
  /** Compared instead of the token, so that all comparisons take the same time whatever the length. */
  readonly #digest: Buffer | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#digest = options.token === undefined ? undefined : digest(options.token);
  }

  get tokenNeeded(): boolean {
    return this.#digest !== undefined;
  }

  /** Whether a request names this server. An address cannot be made to lead elsewhere, a name can. */
  hostRefusal({ host = "" }: IncomingHttpHeaders): Refusal | undefined {
    const name = hostName(host);
    const known = isIP(name) !== 0 || name === "localhost" || this.#options.names.includes(name);
    return known ? undefined : refusals.host;
  }

  /** Why a WebSocket is refused; undefined if it is not. */
  socketRefusal(headers: IncomingHttpHeaders): Refusal | undefined {
    const scheme = this.#options.encrypted ? "https" : "http";
    const { host = "", origin } = headers;
    return (
      this.hostRefusal(headers) ??
      (origin?.toLowerCase() === `${scheme}://${host.toLowerCase()}` ? undefined : refusals.origin) ??
      this.tokenRefusal(
        (headers["sec-websocket-protocol"] ?? "")
          .split(",")
          .map((one) => one.trim())
          .find((one) => one.startsWith(tokenPrefix))
          ?.slice(tokenPrefix.length),
      )
    );
  }

  tokenRefusal(given: string | undefined): Refusal | undefined {
    if (this.#digest === undefined) return undefined;
    return timingSafeEqual(this.#digest, digest(given ?? "")) ? undefined : refusals.token;
  }

  /** The token of an `Authorization: Bearer` header. */
  bearerRefusal({ authorization = "" }: IncomingHttpHeaders): Refusal | undefined {
    return this.tokenRefusal(/^Bearer (\S+)$/i.exec(authorization)?.[1]);
  }
}
