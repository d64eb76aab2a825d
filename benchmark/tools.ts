/** Programs of the host that rows use. */
import { execFileSync } from "node:child_process";

/** What a command printed. Throws when it fails. */
export function command(name: string, ...args: string[]): string {
  return execFileSync(name, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

/** Why a row that needs root and these programs cannot run; undefined if it can. */
export function missingTools(...names: string[]): string | undefined {
  if (process.getuid?.() !== 0) return "making a device needs root";
  const missing = names.filter((name) => {
    try {
      return command("which", name) === "";
    } catch {
      return true;
    }
  });
  return missing.length === 0 ? undefined : `it needs ${missing.join(" and ")}`;
}
