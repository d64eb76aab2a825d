/** `scripts/node-matrix [majors]`: runs the tests marked "// smoke" with Node.js 22, 24 and 26, besides the one that runs everything. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { build } from "./build.mjs";
import { runChecks } from "./checks.mjs";
import { Failure, inRoot, mustRun, progress, run } from "./process.mjs";

const majors = ["22", "24", "26"];

/** The path of a Node.js of this major version; the package that holds it has no install script and no dependencies. */
function nodeOf(major) {
  const folder = inRoot(".bulkhead/node", major);
  const node = `${folder}/bin/node`;
  if (existsSync(node)) return node;
  progress(`Fetching Node.js ${major}`);
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  const name = `node-linux-${process.arch}@${major}`;
  mustRun(`fetch ${name}`, "npm", ["pack", name, "--pack-destination", partial, "--loglevel=error"], { quiet: true });
  const archive = readdirSync(partial).find((file) => file.endsWith(".tgz"));
  mustRun(`unpack ${archive}`, "tar", ["-xzf", `${partial}/${archive}`, "-C", partial], { quiet: true });
  renameSync(`${partial}/package`, folder);
  rmSync(partial, { recursive: true, force: true });
  return node;
}

function smoke(major) {
  const node = nodeOf(major);
  const version = mustRun(`run ${node}`, node, ["--version"], { quiet: true }).trim();
  if (!version.startsWith(`v${major}.`))
    throw new Failure(`${node} is ${version}, not ${major}: remove the folder to fetch it again`);
  const { code, output } = run(inRoot("scripts/test"), ["--no-build", "--smoke", "--require-tests", "--node", node], {
    quiet: true,
  });
  if (code !== 0) throw new Failure(`${version}\n${output}`);
}

export async function main(args) {
  await build();
  return runChecks((args.length > 0 ? args : majors).map((major) => [`Node.js ${major}`, () => smoke(major)]));
}
