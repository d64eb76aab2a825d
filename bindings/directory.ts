/** Directories of the host, as descriptors: what is in one, and files below it. */
import { native as addon } from "./native.js";

interface DirectoryAddon {
  directoryEntries(descriptor: number): string[];
  directoryOpen(descriptor: number, path: string, writeable: boolean): number;
}

const native = addon as unknown as DirectoryAddon;

/** The names in a directory, in order. Throws E2BIG where there are more than 4096. */
export function directoryEntries(descriptor: number): string[] {
  return native.directoryEntries(descriptor).sort();
}

/**
 * Opens a file below a directory: a descriptor, which the caller closes. Throws EXDEV and ELOOP for a path that leads
 * out of the directory or through a symbolic link.
 */
export function openBelow(descriptor: number, path: string, writeable: boolean): number {
  return native.directoryOpen(descriptor, path, writeable);
}
