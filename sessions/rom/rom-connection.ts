/** The client half of ROM. */
import { Dataspace } from "../../base/dataspace.js";
import type { Env } from "../../base/env.js";
import { SessionError } from "../../base/errors.js";
import type { Session, SessionOptions, SessionType } from "../../base/session.js";
import { untilAnswered } from "../../lib/repetition.js";
import { Watchers } from "../../lib/watchers.js";
import { ROM, type ROMArgs, type ROMClient, type ROMHandlers } from "./rom.generated.js";

export interface RomOptions extends SessionOptions {
  /** The module's name. */
  readonly label: string;
}

/** A module, and its newer versions as they come. */
export class RomConnection implements AsyncDisposable {
  readonly #session: Session<ROMClient, ROMHandlers, ROMArgs>;
  #dataspace: Dataspace | undefined;
  #length = 0;
  #last: Promise<unknown> = Promise.resolve();
  readonly #watchers = new Watchers();

  constructor(session: Session<ROMClient, ROMHandlers, ROMArgs>) {
    this.#session = session;
    session.onSignal("changed", () => this.#watchers.tell());
    // The new server's module may differ from what this client has.
    session.onReopened(() => {
      this.#drop();
      this.#watchers.tell();
    });
  }

  #drop(): void {
    this.#dataspace?.close();
    this.#dataspace = undefined;
  }

  /** A private copy of the newest version. */
  content(): Promise<Uint8Array> {
    return this.#newest((dataspace, length) => dataspace.bytes.copy(0, length));
  }

  /** The newest version as text. */
  text(): Promise<string> {
    return this.#newest((dataspace, length) => dataspace.bytes.text(0, length));
  }

  /** One after another: two that fetched at once would each drop what the other has. Reading is safe to repeat. */
  #newest<Result>(use: (dataspace: Dataspace, length: number) => Result): Promise<Result> {
    const result = this.#last.then(() =>
      untilAnswered(this.#session, async () => {
        await this.#refresh();
        return use(this.#dataspace as Dataspace, this.#length);
      }),
    );
    this.#last = result.catch(() => {});
    return result;
  }

  /** The newest version as JSON; undefined when the module is empty. */
  async json(): Promise<unknown> {
    const text = await this.text();
    return text === "" ? undefined : JSON.parse(text);
  }

  async #refresh(): Promise<void> {
    if (this.#dataspace !== undefined) {
      const { current, length } = await this.#session.client.update();
      if (current && length <= this.#dataspace.size) {
        this.#length = length;
        return;
      }
      this.#drop();
    }
    for (;;) {
      try {
        const { dataspace, length } = await this.#session.client.dataspace();
        this.#dataspace = Dataspace.of(dataspace, { writable: false });
        this.#length = Math.min(length, this.#dataspace.size);
        return;
      } catch (error) {
        if (!(error instanceof SessionError)) throw error;
        if (error.code === "InsufficientRam")
          await this.#session.upgrade({ ram: Number(error.detail?.["bytes"] ?? 8192) });
        else if (error.code === "InsufficientCaps") await this.#session.upgrade({ caps: 2 });
        else throw error;
      }
    }
  }

  /** Calls `watcher` when there is a newer version. Returns the function that ends it. */
  onChange(watcher: () => void): () => void {
    return this.#watchers.add(watcher);
  }

  async close(): Promise<void> {
    this.#drop();
    await this.#session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Read-only memory modules, named by label. */
export const Rom: SessionType<RomOptions, RomConnection> = {
  interface: ROM,
  async open(env: Env, options: RomOptions): Promise<RomConnection> {
    return new RomConnection(await env.session(ROM, {}, options));
  },
};
