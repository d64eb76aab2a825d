/** A file of sysfs: one value as text, read and written as a whole. */
import { closeSync, readSync, writeSync } from "node:fs";
import type { PlatformConnection } from "../sessions/platform/index.js";

/** The kernel's own bound. */
const longest = 4096;

export class AttributeFile {
  readonly #descriptor: number;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Below a directory that was acquired. @throws SessionError `Device`, `NotFound` */
  static async open(
    platform: PlatformConnection,
    grant: string,
    path: string,
    options: { readonly write?: boolean } = {},
  ): Promise<AttributeFile> {
    return new AttributeFile(await platform.open(grant, path, options));
  }

  /** The value as it is now, without white space around it. Throws what the device's driver answers. */
  text(): string {
    const bytes = Buffer.alloc(longest);
    // private copy: read from a file
    return bytes.toString("utf8", 0, readSync(this.#descriptor, bytes, 0, longest, 0)).trim();
  }

  number(): number {
    const text = this.text();
    const value = Number(text);
    if (text === "" || !Number.isFinite(value)) throw new Error(`Cannot read a number: it says "${text}"`);
    return value;
  }

  write(value: string | number): void {
    writeSync(this.#descriptor, `${value}\n`, 0);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
