/** A disk in a test: whole ranges by bytes' hashes, and the medium as others see it. */
import { createHash } from "node:crypto";
import type { BlockInfo } from "../sessions/block/block.generated.js";
import type { BlockConnection } from "../sessions/block/index.js";

/** The medium past the driver: a second witness of what was written. */
export type Medium = (offset: number, length: number) => Uint8Array;

export interface DiskOptions {
  readonly medium?: Medium | undefined;
  readonly forgets?: boolean;
}

/** Blocks that one read of a hash takes. */
const hashedAtOnce = 256;

export class Disk implements AsyncDisposable {
  readonly session: BlockConnection;
  readonly info: BlockInfo;
  /** Reads the medium itself, where the bench can. */
  readonly medium: Medium | undefined;

  /** The medium is memory, which goes with its driver. */
  readonly forgets: boolean;

  private constructor(session: BlockConnection, info: BlockInfo, { medium, forgets = false }: DiskOptions) {
    this.session = session;
    this.info = info;
    this.medium = medium;
    this.forgets = forgets;
  }

  static async over(session: BlockConnection, options: DiskOptions = {}): Promise<Disk> {
    return new Disk(session, await session.info(), options);
  }

  read(block: number, count = 1): Promise<Uint8Array> {
    return this.session.read({ block, count });
  }

  /** Writes whole blocks. {@link sync} makes them last. */
  write(block: number, data: Uint8Array): Promise<void> {
    return this.session.write({ block, data });
  }

  sync(): Promise<void> {
    return this.session.sync();
  }

  /** SHA-256 of a range, of the whole disk when none is given, in hexadecimal digits. */
  async hash(range: { readonly block?: number; readonly count?: number } = {}): Promise<string> {
    const { block = 0 } = range;
    const { count = this.info.blockCount - block } = range;
    const hash = createHash("sha256");
    for (let at = 0; at < count; at += hashedAtOnce)
      hash.update(await this.read(block + at, Math.min(hashedAtOnce, count - at)));
    return hash.digest("hex");
  }

  close(): Promise<void> {
    return this.session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
