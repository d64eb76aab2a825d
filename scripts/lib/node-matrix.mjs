/** `scripts/node-matrix [majors]`: runs the tests marked "// smoke" with Node.js 22, 24 and 26, besides the one that runs everything. */
import { build } from "./build.mjs";
import { runChecks } from "./checks.mjs";
import { nodeRelease } from "./node-release.mjs";
import { Failure, inRoot, mustRun, run } from "./process.mjs";

const majors = ["22", "24", "26"];

function smoke(major) {
  const node = nodeRelease(major);
  const version = mustRun(`run ${node}`, node, ["--version"], { quiet: true }).trim();
  if (!version.startsWith(`v${major}.`))
    throw new Failure(`${node} is ${version}, not ${major}: remove the folder to fetch it again`);
  const { code, output } = run(
    inRoot("scripts/test"),
    ["--no-build", "--marked", "smoke", "--require-tests", "--node", node],
    {
      quiet: true,
    },
  );
  if (code !== 0) throw new Failure(`${version}\n${output}`);
}

export async function main(args) {
  await build();
  return runChecks((args.length > 0 ? args : majors).map((major) => [`Node.js ${major}`, () => smoke(major)]));
}
