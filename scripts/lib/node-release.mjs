/** Releases of Node.js besides the one that runs this, in .bulkhead/node/. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { inRoot, mustRun, progress } from "./process.mjs";

/**
 * The path of a Node.js of this major version and architecture (`x64`, `arm64`), fetched when it is not there yet. The
 * package that holds it has no install script and no dependencies.
 */
export function nodeRelease(major, architecture = process.arch) {
  const folder = inRoot(".bulkhead/node", `${major}-${architecture}`);
  const node = `${folder}/bin/node`;
  if (existsSync(node)) return node;
  progress(`Fetching Node.js ${major} for ${architecture}`);
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const name = `node-linux-${architecture}@${major}`;
  mustRun(`fetch ${name}`, "npm", ["pack", name, "--pack-destination", partial, "--loglevel=error"], { quiet: true });
  const archive = readdirSync(partial).find((file) => file.endsWith(".tgz"));
  mustRun(`unpack ${archive}`, "tar", ["-xzf", `${partial}/${archive}`, "-C", partial], { quiet: true });
  renameSync(`${partial}/package`, folder);
  rmSync(partial, { recursive: true, force: true });
  return node;
}
