/** Which system file a command means, and where what it makes on the host belongs. */
import { accessSync, constants, existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve, sep } from "node:path";
import { packageRoot } from "../bindings/prebuilt.js";
import { exitCodes, Failure } from "./command.js";

export interface SystemChoice {
  readonly file: string;
  /** Folder to which relative paths of its grants belong. */
  readonly folder: string;
}

function writable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The state directory of this user, or of the machine for root. */
function stateFolder(environment: NodeJS.ProcessEnv = process.env, user = process.getuid?.() ?? 0): string {
  if (user === 0) return "/var/lib/bulkhead";
  const named = environment["XDG_STATE_HOME"];
  return join(named === undefined || named === "" ? join(homedir(), ".local/state") : named, "bulkhead");
}

/** The file named, else ./bulkhead.jsonc, else the default system of the package. */
export function systemFile(named: string | undefined): SystemChoice {
  const own = resolve("bulkhead.jsonc");
  const file =
    named === undefined ? (existsSync(own) ? own : join(packageRoot(), "systems/default.jsonc")) : resolve(named);
  if (!existsSync(file))
    throw new Failure(
      `There is no system file "${file}"`,
      exitCodes.config,
      named === undefined ? "the package is incomplete: install it again" : undefined,
    );
  const root = packageRoot();
  if (!file.startsWith(root + sep)) return { file, folder: dirname(file) };
  // A checkout keeps what it makes in itself, under run/; an installed package does not write into itself.
  const installed = root.split(sep).includes("node_modules") || !writable(root);
  return { file, folder: installed ? stateFolder() : root };
}
