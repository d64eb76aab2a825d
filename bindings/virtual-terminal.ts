/** The kernel's consoles, `/dev/ttyN`: which one is seen, and whether it leaves its screen to somebody else. */
import { readFileSync } from "node:fs";
import { native as addon } from "./native.js";

interface ConsoleAddon {
  consoleManaged(console: number): boolean;
  consoleGraphics(console: number): boolean;
  consoleSetGraphics(console: number, graphics: boolean): void;
}

const native = addon as unknown as ConsoleAddon;

/** The number of the console that is seen; undefined where the kernel has none. Anybody may ask. */
export function activeConsole(): number | undefined {
  try {
    const name = readFileSync("/sys/class/tty/tty0/active", "utf8").trim();
    return Number(name.slice("tty".length));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Whether a program decides when the console may be left and come to, as display servers do. */
export function consoleManaged(console: number): boolean {
  return native.consoleManaged(console);
}

/** Whether the console draws nothing. */
export function consoleGraphics(console: number): boolean {
  return native.consoleGraphics(console);
}

/** Throws EPERM without CAP_SYS_TTY_CONFIG, unless the console is this process's own. */
export function setConsoleGraphics(console: number, graphics: boolean): void {
  native.consoleSetGraphics(console, graphics);
}
