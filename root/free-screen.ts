/** Whether this machine has a screen that nobody uses: what `"enabled": "free-screen"` of a system file asks. */
import { accessSync, closeSync, constants, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { errorMessage } from "../base/errors.js";
import { activeConsole, consoleGraphics } from "../bindings/virtual-terminal.js";

export interface ScreenFinding {
  readonly free: boolean;
  /** A sentence without its full stop. */
  readonly reason: string;
}

function nodes(folder: string, pattern: RegExp): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => pattern.test(name))
      .map((name) => join(folder, name));
  } catch {
    return []; // as in a container
  }
}

/** Whether a display server has the console that is seen; a kernel without consoles has none that could. */
function consoleTaken(): boolean {
  const number = activeConsole();
  if (number === undefined) return false;
  let descriptor: number;
  try {
    // Members of the group "tty" may write, and no more.
    descriptor = openSync(`/dev/tty${number}`, constants.O_WRONLY | constants.O_NOCTTY);
  } catch (error) {
    // A container may see what the host has.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
  try {
    return consoleGraphics(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

export function freeScreen(): ScreenFinding {
  const screens = [...nodes("/dev/dri", /^card[0-9]+$/), ...nodes("/dev", /^fb[0-9]+$/)];
  if (screens.length === 0)
    return { free: false, reason: "this machine has no screen: no /dev/dri/card*, no /dev/fb*" };
  const usable = screens.find((path) => {
    try {
      accessSync(path, constants.R_OK | constants.W_OK);
      return true;
    } catch {
      return false;
    }
  });
  if (usable === undefined)
    return {
      free: false,
      reason: `${screens.join(" and ")} may not be opened by this user: add it to the group "video", or run as root`,
    };
  try {
    return consoleTaken()
      ? { free: false, reason: "a display server has the console that is seen" }
      : { free: true, reason: `${usable} is free` };
  } catch (error) {
    return {
      free: false,
      reason: `nobody can tell whether a display server has the console (${errorMessage(error)}): start "bulkhead up" as root, or as a member of the group "tty"`,
    };
  }
}
