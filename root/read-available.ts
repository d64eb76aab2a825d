/** Reading a descriptor that does not block, once it was said to be readable. */
import { readSync } from "node:fs";

/** Bytes read into `buffer`; 0 at the end, or when it broke; undefined when there is nothing now. */
export function readAvailable(descriptor: number, buffer: Uint8Array): number | undefined {
  try {
    return readSync(descriptor, buffer);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EAGAIN" ? undefined : 0;
  }
}
