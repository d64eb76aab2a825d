/**
 * The kernel's console, which would draw over what a component shows: it leaves its screen alone while somebody has that.
 *
 * No component may do this itself, and who dies cannot undo it. So the root does, from the grant of a screen to its end;
 * and should the root be killed, the spawner, which outlives it, has the console show its text.
 */
import { closeSync, constants, openSync } from "node:fs";
import { errorMessage, SessionError } from "../base/errors.js";
import { framebufferHasConsole } from "../bindings/framebuffer.js";
import { activeConsole, consoleGraphics, consoleManaged, setConsoleGraphics } from "../bindings/virtual-terminal.js";
import { classOf, type Opened } from "./host-devices.js";

export interface ScreenConsoleOptions {
  readonly log: (text: string) => void;
  /** Has somebody who outlives this process keep the console; undefined: none. */
  readonly keep: (descriptor: number | undefined) => void;
}

/** The console that is seen. */
interface Taken {
  readonly path: string;
  readonly descriptor: number;
}

/** Who is in front of a console owns it; members of the group "tty" may only write there. */
const flags = constants.O_WRONLY | constants.O_NOCTTY;

/** Whether pictures are shown there: a frame buffer, or a graphics card and not its part that only computes. */
function isScreen({ grant, descriptor }: Opened): boolean {
  if (!grant.writeable || !/^\/dev\/(fb|dri\/card)[0-9]+$/.test(grant.path)) return false;
  const deviceClass = classOf(descriptor);
  return deviceClass === "graphics" || deviceClass === "drm";
}

export class ScreenConsole {
  readonly #options: ScreenConsoleOptions;
  readonly #screens = new Set<Opened>();
  #taken: Taken | undefined;

  constructor(options: ScreenConsoleOptions) {
    this.#options = options;
  }

  /**
   * A component gets this. Where it is no screen, or none with a console, nothing happens.
   * @throws SessionError `Unavailable` (another program shows its picture there)
   */
  take(opened: Opened): void {
    if (!isScreen(opened)) return;
    this.#screens.add(opened);
    if (this.#taken !== undefined) return;
    try {
      this.#taken = this.#leave(opened);
    } catch (error) {
      if (error instanceof SessionError) {
        this.#screens.delete(opened);
        throw error;
      }
      this.#options.log(
        `The kernel's console may draw over the pictures on ${opened.grant.path}: ${errorMessage(error)}; start "bulkhead up" as root, or at that console`,
      );
    }
    if (this.#taken !== undefined) this.#options.keep(this.#taken.descriptor);
  }

  #leave({ grant, descriptor: screen }: Opened): Taken | undefined {
    const number = activeConsole();
    if (number === undefined) return undefined;
    if (grant.path.startsWith("/dev/fb") && !framebufferHasConsole(screen, number)) return undefined;
    const path = `/dev/tty${number}`;
    const descriptor = openSync(path, flags);
    try {
      // Graphics without a program behind it are the leavings of one that was killed.
      if (consoleGraphics(descriptor) && consoleManaged(descriptor))
        throw new SessionError(
          "Unavailable",
          `Cannot hand out ${grant.path}: another program, such as a display server, shows its own picture at ${path}; end it, or switch to another console`,
        );
      setConsoleGraphics(descriptor, true);
      return { path, descriptor };
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  /** The component no longer has it. */
  give(opened: Opened): void {
    if (this.#screens.delete(opened) && this.#screens.size === 0) this.close();
  }

  /** Shows the console's text. */
  close(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    this.#screens.clear();
    if (taken === undefined) return;
    try {
      setConsoleGraphics(taken.descriptor, false);
    } catch (error) {
      this.#options.log(`Cannot let ${taken.path} show its text: ${errorMessage(error)}`);
    }
    this.#options.keep(undefined);
    closeSync(taken.descriptor);
  }
}
