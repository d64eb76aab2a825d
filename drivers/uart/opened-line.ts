/**
 * Opens a granted line: a serial line by its path through serialport's binding, which sets, locks and flushes it as the
 * field expects; a pseudo-terminal's master, and a serial line that the binding cannot open here, by the descriptor that
 * the host opened.
 */
import { errorMessage } from "../../base/errors.js";
import type { HostGrant } from "../../sessions/platform/index.js";
import type { LineConfig } from "./config.js";

export interface OpenedLine {
  readonly descriptor: number;
  /** What it is on the host. */
  readonly path: string;
  /** The master of a pseudo-terminal. */
  readonly pseudo: boolean;
  /** Who opened it, for people. */
  readonly openedBy: string;
  close(): void;
}

function granted(grant: HostGrant, openedBy: string): OpenedLine {
  return {
    descriptor: grant.descriptor,
    path: grant.path,
    pseudo: grant.kind === "pty",
    openedBy,
    close: () => grant.close(),
  };
}

/** Takes over the grant. Never fails: there is always the granted descriptor. */
export async function openLine(grant: HostGrant, { baudRate }: LineConfig): Promise<OpenedLine> {
  if (grant.kind === "pty") return granted(grant, "the host");
  try {
    // Loaded where a line needs it: pseudo-terminals do without.
    const { LinuxBinding } = await import("@serialport/bindings-cpp");
    const { path } = grant;
    const port = await LinuxBinding.open({ path, baudRate });
    // One holder fewer: the line's DTR falls with the last one.
    grant.close();
    return {
      descriptor: port.fd as number,
      path,
      pseudo: false,
      openedBy: "serialport",
      close: () => void port.close().catch(() => {}),
    };
  } catch (error) {
    return granted(grant, `the host, since serialport cannot (${errorMessage(error).split("\n", 1)[0]})`);
  }
}
