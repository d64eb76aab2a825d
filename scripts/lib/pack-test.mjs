/** `scripts/pack-test`: what a user gets. Packs, installs into an empty project with install scripts blocked, and runs it there. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "./build.mjs";
import { runChecks, Skipped } from "./checks.mjs";
import { Failure, inRoot, mustRun, run } from "./process.mjs";

const version = JSON.parse(readFileSync(inRoot("package.json"), "utf8")).version;

/** A user's component: waits for a tick, tries to read a file of the host, and exits with 7 when that fails. */
const prisoner = `import { readFileSync } from "node:fs";
import { component } from "bulkhead";
import { Timer } from "bulkhead/sessions/timer";

component(async (env) => {
  const timer = await env.connect(Timer);
  await timer.sleep("10ms");
  let value = 7;
  try {
    readFileSync("/etc/hostname");
    value = 1;
  } catch {}
  await env.exit(value);
});
`;
const tsconfig = JSON.stringify({
  compilerOptions: {
    module: "nodenext",
    target: "es2023",
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: ["node"],
    typeRoots: [inRoot("node_modules/@types")],
  },
  files: ["prisoner.ts"],
});
const system = `{
  "parentProvides": ["ROM", "LOG"],
  "defaultRoute": { "*": "any-child | parent" },
  "start": {
    "timer": { "provides": ["Timer"] },
    // Its exit value becomes that of the command.
    "prisoner": { "binary": "./prisoner.ts", "exit": { "propagate": true } }
  }
}
`;

/** Packs into `folder` and returns the archive's path. */
function pack(folder) {
  const output = mustRun("pack", "npm", ["pack", "--json", "--pack-destination", folder, "--loglevel=silent"], {
    quiet: true,
  });
  const [archive] = JSON.parse(output.slice(output.indexOf("[\n")));
  const names = archive.files.map(({ path: name }) => name);
  const unwanted = names.filter((name) =>
    /^(dist\/)?test\/|\.cjs\.v[^/]*$|^node_modules\/|\.tgz$|^\.bulkhead\//.test(name),
  );
  if (unwanted.length > 0) throw new Failure(`the archive holds ${unwanted.slice(0, 5).join(", ")}`);
  if (existsSync(inRoot("binding.gyp")) && !names.includes(`prebuilds/linux-${process.arch}/bulkhead.node`)) {
    throw new Failure(`the archive holds no prebuilt addon for ${process.arch}`);
  }
  return path.join(folder, archive.filename);
}

function needs(file) {
  if (!existsSync(inRoot(file))) throw new Skipped(`there is no ${file}`);
}

export async function main() {
  await build();
  const folder = mkdtempSync(path.join(tmpdir(), "bulkhead-test-pack-"));
  const inProject = (what, command, args, timeout = 60_000) =>
    mustRun(what, command, args, { quiet: true, cwd: folder, timeout });
  let archive = "";
  try {
    writeFileSync(path.join(folder, "package.json"), '{ "name": "empty", "private": true, "type": "module" }\n');
    return await runChecks([
      [
        "packs what is needed and no more",
        () => {
          archive = pack(folder);
        },
      ],
      [
        "installs with install scripts blocked",
        () => {
          inProject(
            "install the archive",
            "npm",
            ["install", "--ignore-scripts", "--prefer-offline", "--loglevel=error", archive],
            300_000,
          );
        },
      ],
      [
        "bulkhead version",
        () => {
          needs("dist/programs/bulkhead.js");
          const output = inProject("run bulkhead version", "npx", ["--no", "bulkhead", "version"]);
          if (!output.includes(version)) throw new Failure(`"bulkhead version" printed ${output}`);
        },
      ],
      [
        "a program of the user imports the package",
        () => {
          needs("dist/base/index.js");
          writeFileSync(
            path.join(folder, "program.js"),
            'import { component } from "bulkhead";\nif (typeof component !== "function") process.exit(1);\n',
          );
          inProject("import the package", process.execPath, ["program.js"]);
        },
      ],
      [
        "bulkhead up --once",
        () => {
          needs("dist/programs/bulkhead.js");
          const help = inProject("run bulkhead up --help", "npx", ["--no", "bulkhead", "up", "--help"]);
          if (!help.includes("--once")) throw new Skipped('"bulkhead up" has no --once yet');
          inProject("start the default system", "npx", ["--no", "bulkhead", "up", "--once"], 120_000);
        },
      ],
      [
        "a component of the project is typed, bundled and sandboxed",
        () => {
          writeFileSync(path.join(folder, "prisoner.ts"), prisoner);
          writeFileSync(path.join(folder, "tsconfig.json"), tsconfig);
          writeFileSync(path.join(folder, "bulkhead.jsonc"), system);
          mustRun("check the component's types", inRoot("node_modules/.bin/tsc"), ["-p", folder], { quiet: true });
          const { code, output } = run("npx", ["--no", "bulkhead", "up"], {
            quiet: true,
            cwd: folder,
            timeout: 60_000,
          });
          if (code !== 7)
            throw new Failure(
              `the component was to exit with 7 after its attempt to read a file failed: ${code}\n${output}`,
            );
        },
      ],
      [
        "this version of Node.js has compiled the package's components",
        async () => {
          const compiled = `framework.cjs.${process.version}-${process.arch}`;
          const file = path.join(folder, "node_modules/bulkhead/dist/components", compiled);
          for (let waited = 0; !existsSync(file); waited += 100) {
            if (waited > 20_000) throw new Failure(`there is no ${compiled} after a system has run`);
            await new Promise((resolve) => setTimeout(resolve, 100));
          }
        },
      ],
      [
        "a hardware-in-the-loop test of the project is typed, and passes on stand-ins",
        () => {
          inProject("make a test", "npx", ["--no", "bulkhead", "new", "test", "line"]);
          const types = { ...JSON.parse(tsconfig), files: ["line/line.test.ts"] };
          writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify(types));
          mustRun("check the test's types", inRoot("node_modules/.bin/tsc"), ["-p", folder], { quiet: true });
          const output = inProject("run the test", "npx", ["--no", "bulkhead", "test", "line"]);
          if (!output.includes("2 passed, 0 failed, 0 skipped")) throw new Failure(`"bulkhead test" printed ${output}`);
        },
      ],
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
