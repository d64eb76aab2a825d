/** The code of modules as dataspaces that nobody can write: one a version, which all who run it share. */
import { Dataspace } from "../base/dataspace.js";
import { native } from "../bindings/native.js";
import type { Code } from "../servers/init/code.js";

/** A version of a module, as {@link CodeStore} takes it. */
export interface ModuleCode {
  readonly document: { readonly content: Uint8Array };
  /** What V8 made of that ahead. */
  readonly compiled?: Uint8Array | undefined;
}

interface Stored {
  readonly content: Uint8Array;
  readonly descriptor: number;
}

export class CodeStore implements Disposable {
  readonly #module: (name: string) => Promise<ModuleCode>;
  readonly #stored = new Map<string, Stored>();

  /** `module` finds a module's newest version, or throws `NotFound`. */
  constructor(module: (name: string) => Promise<ModuleCode>) {
    this.#module = module;
  }

  /** A module's newest version; the descriptor is the caller's. @throws SessionError `NotFound` */
  async find(name: string): Promise<Code> {
    const {
      document: { content },
      compiled = new Uint8Array(),
    } = await this.#module(name);
    let stored = this.#stored.get(name);
    if (stored?.content !== content) {
      if (stored !== undefined) native.closeDescriptor(stored.descriptor);
      stored = { content, descriptor: publish([content, compiled]) };
      this.#stored.set(name, stored);
    }
    const descriptors = [native.duplicateDescriptor(stored.descriptor)];
    return { dataspace: { kind: "dataspace", descriptors }, bytes: content.length, compiledBytes: compiled.length };
  }

  [Symbol.dispose](): void {
    for (const { descriptor } of this.#stored.values()) native.closeDescriptor(descriptor);
    this.#stored.clear();
  }
}

function publish(parts: readonly Uint8Array[]): number {
  const content = Buffer.concat(parts);
  const descriptor = native.createDataspace("code", Math.max(1, content.length));
  // The mapping takes over its own descriptor, and ends here: from then on there is none that can write.
  const writing = Dataspace.map(native.duplicateDescriptor(descriptor), { writable: true });
  writing.bytes.write(content);
  writing.sealWrites();
  writing.close();
  return descriptor;
}
