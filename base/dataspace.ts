/**
 * Dataspaces: memory that components share. A dataspace is a sealed memfd; its mapping is an ArrayBuffer that is
 * detached before it is unmapped, so a late access reads nothing instead of crashing.
 *
 * **Shared memory is hostile.** The peer may change any byte at any time. Text and JSON decoding run only on a private
 * copy: {@link SharedBytes} offers typed-array access, `copy()` and `text()`, and nothing else.
 */
import { type NativeMapping, native } from "../bindings/native.js";
import { errorMessage, SessionError } from "./errors.js";
import type { Capability } from "./message.js";

const decoder = new TextDecoder();

/** A window into shared memory. */
export class SharedBytes {
  readonly #array: Uint8Array;

  constructor(array: Uint8Array) {
    this.#array = array;
  }

  get length(): number {
    return this.#array.length;
  }

  /** Element access for code that reads each byte once. */
  get array(): Uint8Array {
    return this.#array;
  }

  /** A private copy of `length` bytes from `start`. */
  copy(start = 0, length = this.#array.length - start): Uint8Array {
    return this.#array.slice(start, start + length);
  }

  /** UTF-8 text, decoded from a private copy. */
  text(start = 0, length = this.#array.length - start): string {
    return decoder.decode(this.copy(start, length));
  }

  /** Copies `data` in at `start`. */
  write(data: Uint8Array, start = 0): void {
    this.#array.set(data, start);
  }
}

/** One mapping of a dataspace. Owns its descriptor. */
export class Dataspace implements Disposable {
  readonly descriptor: number;
  readonly bytes: SharedBytes;
  readonly #mapping: NativeMapping;
  #open = true;

  private constructor(descriptor: number, mapping: NativeMapping) {
    this.descriptor = descriptor;
    this.#mapping = mapping;
    this.bytes = new SharedBytes(new Uint8Array(mapping.buffer));
  }

  /**
   * Maps the dataspace behind a descriptor and takes the descriptor over, also when it fails: `Denied` if it is sealed
   * against writing and `writable` is asked for, `Malformed` if it is no dataspace.
   */
  static map(descriptor: number, options: { readonly writable: boolean }): Dataspace {
    let mapping: NativeMapping;
    try {
      mapping = native.mapDataspace(descriptor, options.writable);
    } catch (error) {
      native.closeDescriptor(descriptor);
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPERM" || code === "EACCES")
        throw new SessionError(
          "Denied",
          "Cannot map a dataspace writable: it is shared for reading only; map it without `writable`",
        );
      if (code === "EPROTO" || code === "EBADF" || code === "EINVAL")
        throw new SessionError("Malformed", errorMessage(error));
      throw error;
    }
    return new Dataspace(descriptor, mapping);
  }

  /** Maps the dataspace of a capability. */
  static of(capability: Capability, options: { readonly writable: boolean }): Dataspace {
    return Dataspace.map(capability.descriptors[0] as number, options);
  }

  /** Closes the descriptors of a capability that nobody took. */
  static closeDescriptors(capability: Capability): void {
    for (const descriptor of capability.descriptors) native.closeDescriptor(descriptor);
  }

  get size(): number {
    return this.#mapping.buffer.byteLength;
  }

  get buffer(): ArrayBuffer {
    return this.#mapping.buffer;
  }

  /** The mapping's number for native code. */
  get mappingId(): number {
    return this.#mapping.id;
  }

  /** The capability to pass on; the descriptor stays ours. */
  get capability(): Capability {
    return { kind: "dataspace", descriptors: [this.descriptor] };
  }

  /** Forbids every new writable mapping, for good; ours stays writable. */
  sealWrites(): void {
    native.sealWrites(this.descriptor);
  }

  /** Unmaps; with `discard` the pages return to the kernel even if a peer keeps its mapping. */
  close(options: { readonly discard?: boolean } = {}): void {
    if (!this.#open) return;
    this.#open = false;
    if (options.discard) native.discardPages(this.descriptor);
    native.unmapDataspace(this.#mapping.id, this.#mapping.buffer);
    native.closeDescriptor(this.descriptor);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
