/** Where this package's folder, its programs and its native parts are. The build puts its own where an installed package has them. */
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

/** The path of a program that the build made one file of, which starts sooner than the modules that it consists of. */
export function bundledProgram(name: "bulkhead" | "conformance", folder: string = packageRoot()): string {
  return join(folder, `dist/programs/${name}.js`);
}

/** The path of a native part for this machine's architecture. Throws when it was never built. */
export function prebuilt(name: "bulkhead.node" | "bulkhead-spawn"): string {
  const path = join(packageRoot(), `prebuilds/linux-${process.arch}`, name);
  if (!existsSync(path)) throw new Error(`Cannot start: ${path} does not exist (run "npm run build")`);
  return path;
}
