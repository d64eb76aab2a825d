/** Names for views and sessions that nobody can guess. */
import { randomBytes } from "node:crypto";

const tokenBytes = 16;

export class Tokens<Named extends object> {
  readonly #named = new Map<string, Named>();
  readonly #tokens = new Map<Named, Uint8Array>();

  /** The token of something, from the first time on the same. */
  of(named: Named): Uint8Array {
    let token = this.#tokens.get(named);
    if (token === undefined) {
      token = new Uint8Array(randomBytes(tokenBytes));
      this.#tokens.set(named, token);
      this.#named.set(key(token), named);
    }
    return token;
  }

  /** What a token names; undefined when nothing. */
  named(token: Uint8Array): Named | undefined {
    return this.#named.get(key(token));
  }

  /** It names nothing from now on. */
  forget(named: Named): void {
    const token = this.#tokens.get(named);
    if (token === undefined) return;
    this.#tokens.delete(named);
    this.#named.delete(key(token));
  }
}

function key(token: Uint8Array): string {
  return Buffer.from(token).toString("hex");
}
