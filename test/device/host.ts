/**
 * Real kernel objects for tests, each removed when the process ends, however it ends.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { native } from "../../bindings/native.js";

const undoings: (() => void)[] = [];

/** Registers what puts the machine back as it was; the last registered runs first. */
export function undo(step: () => void): void {
  undoings.push(step);
}

/** Runs what was registered. Tests call it at their end; a crash runs it too. */
export function cleanUp(): void {
  for (let step = undoings.pop(); step !== undefined; step = undoings.pop()) {
    try {
      step();
    } catch (error) {
      console.error("Clean-up failed:", error);
      process.exitCode = 1;
    }
  }
}

process.on("exit", cleanUp);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));

export function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

export function installed(command: string): boolean {
  return ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"].some((directory) =>
    existsSync(join(directory, command)),
  );
}

export const isRoot = process.getuid?.() === 0;

/** A directory on the file system of `under`, empty and removed at the end. */
export function scratchDirectory(under: string): string {
  const directory = mkdtempSync(join(under, "bulkhead-test-"));
  undo(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** The type of the file system that holds `path`, such as "ext2/ext3" or "tmpfs". */
export function fileSystem(path: string): string {
  return run("stat", "--file-system", "--format=%T", path).trim();
}

/** An image file of `bytes`, with data in every block. */
export function imageFile(directory: string, bytes: number): string {
  const path = join(directory, "image");
  const descriptor = openSync(path, "wx+", 0o600);
  const chunk = new Uint8Array(1 << 20).fill(0xa5);
  for (let at = 0; at < bytes; at += chunk.length)
    writeSync(descriptor, chunk, 0, Math.min(chunk.length, bytes - at), at);
  ftruncateSync(descriptor, bytes);
  closeSync(descriptor);
  return path;
}

/** A loop device on an image, or the reason why there is none. */
export function loopDevice(image: string): { path: string } | { missing: string } {
  if (!isRoot) return { missing: "root, for losetup" };
  if (!installed("losetup")) return { missing: "losetup" };
  try {
    const path = run("losetup", "--find", "--show", "--direct-io=on", image).trim();
    undo(() => run("losetup", "--detach", path));
    return { path };
  } catch (error) {
    return { missing: `a free loop device (${String(error)})` };
  }
}

/** The first zram device, if nobody uses it. */
export function zramDevice(bytes: number): { path: string } | { missing: string } {
  const settings = "/sys/block/zram0";
  if (!existsSync(settings)) return { missing: "/dev/zram0" };
  if (!isRoot) return { missing: "root, to set the size of /dev/zram0" };
  if (readFileSync(join(settings, "disksize"), "utf8").trim() !== "0")
    return { missing: "a /dev/zram0 that is not in use" };
  writeFileSync(join(settings, "disksize"), String(bytes));
  undo(() => writeFileSync(join(settings, "reset"), "1"));
  return { path: "/dev/zram0" };
}

/** A dataspace and this process's own view of it. */
export function dataspace(bytes: number): { memfd: number; bytes: Uint8Array } {
  const memfd = native.createDataspace("test", bytes);
  const mapping = native.mapDataspace(memfd, true);
  undo(() => {
    native.unmapDataspace(mapping.id, mapping.buffer);
    native.closeDescriptor(memfd);
  });
  return { memfd, bytes: new Uint8Array(mapping.buffer) };
}

export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Takes turns until `probe` gives something other than false or undefined; fails after `milliseconds`. */
export async function until<T>(
  what: string,
  probe: () => T | false | undefined | Promise<T | false | undefined>,
  milliseconds = 5000,
): Promise<T> {
  const end = performance.now() + milliseconds;
  for (;;) {
    const found = await probe();
    if (found !== false && found !== undefined) return found;
    if (performance.now() > end) throw new Error(`${what} did not happen within ${milliseconds} ms`);
    await turn();
  }
}

/** The code of the error that `action` throws, or undefined when it throws none. */
export function errorCode(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

/** This test file again, as a child of `command`; the child's own arguments tell it so. It must pass, to its end. */
export function runAgain(command: string, args: readonly string[], ...own: string[]): void {
  const { BULKHEAD_TEST_RESULTS: _, ...environment } = process.env; // that descriptor is not passed on
  const child = spawnSync(command, [...args, process.execPath, ...process.execArgv, process.argv[1] ?? "", ...own], {
    encoding: "utf8",
    env: environment,
    timeout: 60_000,
  });
  const output = `${child.stdout}${child.stderr}`;
  if (child.status !== 0) throw new Error(`The tests below ${command} failed:\n${output}`);
  if (!/Total: +(\d+)\n +Passed: +\1\n/.test(child.stdout))
    throw new Error(`The tests below ${command} did not end:\n${output}`);
}
