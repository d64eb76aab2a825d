/** Where this package's folder and its native parts are. The build puts its own where an installed package has them. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The package's folder. */
export function packageRoot(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, "package.json")) && dirname(directory) !== directory)
    directory = dirname(directory);
  return directory;
}

/** The path of a native part for this machine's architecture. Throws when it was never built. */
export function prebuilt(name: "bulkhead.node" | "bulkhead-spawn"): string {
  const path = join(packageRoot(), `prebuilds/linux-${process.arch}`, name);
  if (!existsSync(path)) throw new Error(`Cannot start: ${path} does not exist (run "npm run build")`);
  return path;
}
