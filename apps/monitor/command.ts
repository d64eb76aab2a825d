/** What a command of the monitor is made of. */
import type { Env } from "../../base/env.js";
import { SessionError } from "../../base/errors.js";
import type { BlockConnection } from "../../sessions/block/index.js";
import type { NicConnection } from "../../sessions/nic/index.js";
import type { SystemConnection } from "../../sessions/system/index.js";
import type { MonitorConfig } from "./config.js";

/** What a command works with. Sessions are opened when the first command needs them. */
export interface Desk {
  readonly env: Env;
  readonly config: MonitorConfig;
  /** Fires on Ctrl-C. */
  readonly signal: AbortSignal;
  print(text: string): Promise<void>;
  /** Writes as it is, control characters included. */
  write(text: string): Promise<void>;
  system(): Promise<SystemConnection>;
  block(): Promise<BlockConnection>;
  nic(): Promise<NicConnection>;
}

export interface MonitorCommand {
  readonly name: string;
  readonly arguments?: string;
  readonly summary: string;
  run(desk: Desk, given: readonly string[]): Promise<void>;
}

/** A whole number that was typed. Throws `InvalidArgument`. */
export function count(text: string | undefined, what: string, fallback?: number): number {
  const value = text === undefined ? fallback : /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : undefined;
  if (value === undefined || !Number.isSafeInteger(value))
    throw new SessionError(
      "InvalidArgument",
      text === undefined ? `Say ${what}` : `"${text}" is not ${what}: a whole number is wanted`,
    );
  return value;
}

export function required(text: string | undefined, what: string): string {
  if (text === undefined) throw new SessionError("InvalidArgument", `Say ${what}`);
  return text;
}
