/** What V8 made of bundles ahead: taken by the processes that it was made for, and by no other code. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as assert from "uvu/assert";
import { compiledFile, runtimeOptions } from "../../base/compiled-code.js";
import { codeName, compiledModule } from "../../root/compiled-module.js";
import { componentFile } from "../../root/modules.js";
import { type Context, suite } from "../support/suite.js";

const test = suite("compiled code");

/** What a function of a built module returns in a process with the options of components. */
function inComponent(file: string, expression: string): unknown {
  const url = JSON.stringify(pathToFileURL(join(import.meta.dirname, "../..", file)).href);
  const script = `import * as it from ${url}; process.stdout.write(JSON.stringify(await (${expression})(it) ?? null));`;
  const node = [...runtimeOptions, "--input-type=module", "--eval", script];
  return JSON.parse(execFileSync(process.execPath, node, { encoding: "utf8" }));
}

function temporary(context: Context): string {
  const folder = mkdtempSync(join(tmpdir(), "compiled-"));
  context.defer(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("every bundle of the package has what V8 made of it, and V8 takes that", () => {
  const folder = componentFile("");
  const bundles = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.includes("/") && name.endsWith(".cjs"))
    .map((name) => join(folder, name));
  assert.ok(bundles.length > 30);
  assert.equal(
    bundles.filter((bundle) => !existsSync(compiledFile(bundle))),
    [],
  );
  const parts = bundles.map((bundle) => {
    const compiled = compiledModule(bundle, readFileSync(bundle));
    assert.ok(compiled, bundle);
    return { bundle, name: codeName("any"), skipped: readFileSync(compiledFile(bundle)).length - compiled.length };
  });
  const refused = inComponent(
    "base/compiled-code.js",
    `async ({ moduleScript, compiledFile }) => {
      const { readFileSync } = await import("node:fs");
      return ${JSON.stringify(parts)}.filter(({ bundle, name, skipped }) =>
        moduleScript(readFileSync(bundle), name, readFileSync(compiledFile(bundle)).subarray(skipped)).cachedDataRejected);
    }`,
  );
  assert.equal(refused, []);
});

test("a bundle that changed is not run as the one before it, though it is as long", (context) => {
  const folder = temporary(context);
  const bundle = join(folder, "one.cjs");
  writeFileSync(bundle, 'exports.value = "before";\n');
  inComponent(
    "root/compiled-module.js",
    `({ compileModule }) => compileModule(${JSON.stringify(folder)}, ${JSON.stringify(bundle)})`,
  );
  assert.ok(compiledModule(bundle, readFileSync(bundle)));
  writeFileSync(bundle, 'exports.value = "after_";\n');
  assert.is(compiledModule(bundle, readFileSync(bundle)), undefined);
});

test("damaged data costs its help and nothing else", (context) => {
  const folder = temporary(context);
  const bundle = join(folder, "one.cjs");
  writeFileSync(bundle, 'exports.value = "right";\n');
  writeFileSync(compiledFile(bundle), "short");
  assert.is(compiledModule(bundle, readFileSync(bundle)), undefined);
  rmSync(compiledFile(bundle));
  assert.is(compiledModule(bundle, readFileSync(bundle)), undefined);
});

test.run();
