/** The server half of ROM: shows a document, and brings new versions to clients when they ask. */
import type { Dataspace } from "../../base/dataspace.js";
import { SessionError } from "../../base/errors.js";
import { lastElement } from "../../base/label.js";
import { type Service, type SessionRequest, service } from "../../base/server.js";
import type { Document } from "../../lib/document.js";
import { ROM, type ROMArgs, type ROMHandlers } from "./rom.generated.js";

/** Finds the document of a module. `name` is the last element of the label. Throws to refuse. */
export type FindDocument = (name: string, label: string) => Document | Promise<Document>;

/** A session on one document. The dataspace is paid by the client and grows by doubling. */
export class RomSession implements ROMHandlers {
  readonly #request: SessionRequest<ROMArgs>;
  readonly #document: Document;
  readonly #unwatch: () => void;
  #dataspace: Dataspace | undefined;
  /** The version that the client has; behind the document's, the client has been told. */
  #shown = -1;

  constructor(request: SessionRequest<ROMArgs>, document: Document) {
    this.#request = request;
    this.#document = document;
    this.#unwatch = document.watch(() => request.session.raise(ROM.signals.indexOf("changed")));
  }

  async dataspace(): Promise<{ dataspace: { kind: "dataspace"; descriptors: readonly number[] }; length: number }> {
    const { content } = this.#document;
    const old = this.#dataspace;
    if (old === undefined || old.size < content.length) {
      // The client detached the old one before it asked, as the interface says.
      const bytes = Math.max(4096, 2 ** Math.ceil(Math.log2(content.length + 1)));
      let fresh: Dataspace;
      try {
        fresh = await this.#request.alloc(bytes);
      } catch (error) {
        if (error instanceof SessionError && (error.code === "OutOfRam" || error.code === "OutOfCaps")) {
          throw new SessionError(
            error.code === "OutOfRam" ? "InsufficientRam" : "InsufficientCaps",
            `ROM module of ${content.length} bytes: ${bytes} bytes and a capability must be donated`,
            { bytes },
          );
        }
        throw error;
      }
      // Our own mapping stays writable; nobody can make another.
      fresh.sealWrites();
      this.#dataspace = fresh;
    }
    return {
      dataspace: { kind: "dataspace", descriptors: [(this.#dataspace as Dataspace).descriptor] },
      length: this.#show(),
    };
  }

  update(): { current: boolean; length: number } {
    const fits = this.#dataspace !== undefined && this.#document.content.length <= this.#dataspace.size;
    return fits ? { current: true, length: this.#show() } : { current: false, length: 0 };
  }

  #show(): number {
    const { content, version } = this.#document;
    const dataspace = this.#dataspace as Dataspace;
    if (this.#shown !== version) {
      dataspace.bytes.write(content);
      // A shorter document ends where it ends, also for a reader that ignores the length.
      dataspace.bytes.array.fill(0, content.length);
      this.#shown = version;
    }
    return content.length;
  }

  close(): void {
    this.#unwatch();
  }
}

export function romService(find: FindDocument): Service {
  return service(
    ROM,
    async (request) => new RomSession(request, await find(lastElement(request.label), request.label)),
  );
}
