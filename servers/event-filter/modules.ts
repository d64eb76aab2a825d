/** The ROMs that a configuration names, as they are now. */
import type { Env } from "../../base/env.js";
import { errorMessage } from "../../base/errors.js";
import { Rom, type RomConnection } from "../../sessions/rom/index.js";

interface Module {
  readonly rom: RomConnection;
  text: string;
}

export class Modules {
  readonly #env: Env;
  readonly #changed: () => void;
  readonly #modules = new Map<string, Module>();

  /** `changed` is called after each change of one of them. */
  constructor(env: Env, changed: () => void) {
    this.#env = env;
    this.#changed = changed;
  }

  /** Opens a ROM, unless it is open. One that cannot be opened has no text. */
  async open(name: string): Promise<void> {
    if (this.#modules.has(name)) return;
    try {
      const rom = await this.#env.connect(Rom, { label: name });
      const module: Module = { rom, text: await rom.text() };
      this.#modules.set(name, module);
      const follow = async (): Promise<void> => {
        const text = await rom.text();
        if (text === module.text) return;
        module.text = text;
        this.#changed();
      };
      // Its end by `keep` is none of a change.
      rom.onChange(() => void follow().catch(() => {}));
      await follow();
    } catch (error) {
      console.error(`Cannot read the ROM "${name}": ${errorMessage(error)}`);
    }
  }

  /** Closes all but these. */
  keep(names: ReadonlySet<string>): void {
    for (const [name, { rom }] of this.#modules) {
      if (names.has(name)) continue;
      this.#modules.delete(name);
      void rom.close();
    }
  }

  /** The newest text; undefined: it is not open. */
  text(name: string): string | undefined {
    return this.#modules.get(name)?.text;
  }

  /** Whether the document says `{ "enabled": true }`. */
  enabled(name: string): boolean {
    try {
      const document: unknown = JSON.parse(this.text(name) ?? "");
      return (document as { enabled?: unknown } | null)?.enabled === true;
    } catch {
      return false;
    }
  }
}
