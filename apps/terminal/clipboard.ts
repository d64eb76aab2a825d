/** What is copied and pasted: by the clipboard of the system, where there is one, else within this terminal. */
import type { Env } from "../../base/env.js";
import { errorMessage } from "../../base/errors.js";
import { Report, type Reporter } from "../../sessions/report/index.js";
import { Rom, type RomConnection } from "../../sessions/rom/index.js";

const label = "clipboard";

export class Clipboard {
  readonly #report: Reporter | undefined;
  readonly #rom: RomConnection | undefined;
  #own = "";

  private constructor(report?: Reporter, rom?: RomConnection) {
    this.#report = report;
    this.#rom = rom;
  }

  static async open(env: Env, shared: boolean): Promise<Clipboard> {
    if (!shared) return new Clipboard();
    return new Clipboard(await env.connect(Report, { label }), await env.connect(Rom, { label }));
  }

  copy(text: string): void {
    this.#own = text;
    this.#report?.publish(text).catch((error: unknown) => console.error(`Cannot copy: ${errorMessage(error)}`));
  }

  /** What was copied last, by whomever, as far as this terminal may see it. */
  async content(): Promise<string> {
    if (this.#rom === undefined) return this.#own;
    try {
      return await this.#rom.text();
    } catch (error) {
      console.error(`Cannot paste: ${errorMessage(error)}`);
      return "";
    }
  }
}
