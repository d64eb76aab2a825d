/** What `bulkhead new` makes is typed, and passes its own test. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { packageRoot } from "../../bindings/prebuilt.js";
import { bulkhead } from "../support/running-system.js";
import { suite } from "../support/suite.js";

const test = suite("bulkhead new");

/** A project that has the package, as an installation leaves it. */
let project = "";
test.before((context) => {
  project = mkdtempSync(join(tmpdir(), "bulkhead-new-"));
  context.defer(() => rmSync(project, { recursive: true, force: true }));
  mkdirSync(join(project, "node_modules/@types"), { recursive: true });
  symlinkSync(packageRoot(), join(project, "node_modules/bulkhead"));
  symlinkSync(join(packageRoot(), "node_modules/@types/node"), join(project, "node_modules/@types/node"));
  writeFileSync(join(project, "package.json"), '{ "name": "project", "private": true, "type": "module" }\n');
  const options = {
    module: "nodenext",
    target: "es2023",
    lib: ["es2023", "esnext.disposable"],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: true,
    types: ["node"],
  };
  writeFileSync(
    join(project, "tsconfig.json"),
    JSON.stringify({ compilerOptions: options, include: ["*/**/*.ts"], exclude: ["node_modules"] }),
  );
});

for (const kind of ["component", "driver", "server"]) {
  test(`makes a ${kind} that is typed and passes its own test`, { timeout: 90_000 }, async () => {
    const name = `my-${kind}`;
    const made = await bulkhead(["new", kind, name], { cwd: project });
    assert.is(made.code, 0, made.errors);
    const types = spawnSync(join(packageRoot(), "node_modules/.bin/tsc"), ["-p", project, "--pretty", "false"], {
      encoding: "utf8",
    });
    assert.is(types.status, 0, types.stdout);
    const { status, stdout } = spawnSync(process.execPath, ["--test", name], { cwd: project, encoding: "utf8" });
    assert.is(status, 0, stdout);
    assert.match(stdout, /pass 1/);
    const again = await bulkhead(["new", kind, name], { cwd: project });
    assert.is(again.code, 1, "nothing is overwritten");
  });
}

test("makes a hardware-in-the-loop test that is typed and passes on stand-ins", { timeout: 90_000 }, async () => {
  const made = await bulkhead(["new", "test", "my-test"], { cwd: project });
  assert.is(made.code, 0, made.errors);
  const types = spawnSync(join(packageRoot(), "node_modules/.bin/tsc"), ["-p", project, "--pretty", "false"], {
    encoding: "utf8",
  });
  assert.is(types.status, 0, types.stdout);
  const passed = await bulkhead(["test", "my-test"], { cwd: project });
  assert.is(passed.code, 0, passed.output + passed.errors);
  assert.match(passed.output, "2 passed, 0 failed, 0 skipped");
});

test("the test of a broken component fails", { timeout: 60_000 }, async () => {
  assert.is((await bulkhead(["new", "server", "broken"], { cwd: project })).code, 0);
  writeFileSync(
    join(project, "broken/main.ts"),
    'import { component } from "bulkhead";\nimport { Broken } from "./broken.generated.js";\ncomponent((env) => env.announce(Broken, () => ({ greet: () => "Go away" })));\n',
  );
  assert.is(spawnSync(process.execPath, ["--test", "broken"], { cwd: project }).status, 1);
});

test("names that are none are refused", async () => {
  assert.is((await bulkhead(["new", "drivre", "x"], { cwd: project })).code, 2);
  assert.is((await bulkhead(["new", "driver", "../x"], { cwd: project })).code, 2);
  assert.is((await bulkhead(["new", "driver", "9"], { cwd: project })).code, 2);
});

test.run();
