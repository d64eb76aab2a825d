/** `bulkhead new`: a folder to start from, with a test that passes. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { nameProblem } from "../../base/label.js";
import { suggestion } from "../../base/nearest.js";
import { packageRoot } from "../../bindings/prebuilt.js";
import { controlVersion } from "../../root/control-protocol.js";
import { type Command, exitCodes, Failure } from "../command.js";
import { componentTemplate } from "../templates/component.js";
import { driverTemplate } from "../templates/driver.js";
import { serverTemplate } from "../templates/server.js";
import { pascalCase, type Template } from "../templates/template.js";
import { testTemplate } from "../templates/test.js";

const templates: Readonly<Record<string, Template>> = {
  component: componentTemplate,
  driver: driverTemplate,
  server: serverTemplate,
  test: testTemplate,
};

/** Generates the code of an interface definition. */
function generate(definition: string): void {
  const { status, stderr } = spawnSync(process.execPath, [join(packageRoot(), "dist/idl/main.js"), "gen", definition], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Failure(`Cannot generate the code of "${definition}": ${stderr}`);
}

export const create: Command = {
  name: "new",
  summary: "Begin a component, driver, server or test of your own",
  arguments: "component|driver|server|test NAME",
  count: [2, 2],
  examples: Object.entries(templates).map(
    ([kind, { summary }]) => [`bulkhead new ${kind} my-${kind}`, summary] as const,
  ),
  run({ output, positionals }) {
    const [kind = "", name = ""] = positionals;
    const template = Object.hasOwn(templates, kind) ? templates[kind] : undefined;
    if (template === undefined)
      throw new Failure(`There is no template "${kind}"${suggestion(kind, Object.keys(templates))}`, exitCodes.usage);
    const type = pascalCase(name);
    const problem = nameProblem(name);
    if (problem !== undefined) throw new Failure(problem, exitCodes.usage);
    if (!/^[A-Z]/.test(type))
      throw new Failure(
        `Cannot name a ${kind} "${name}": begin with a letter, as the name of its interface does`,
        exitCodes.usage,
      );
    const folder = resolve(name);
    if (existsSync(folder)) throw new Failure(`Cannot make "${folder}": it is there already; choose another name`);
    for (const [path, content] of Object.entries(template.files({ name, type }))) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      if (file.endsWith(".idl")) generate(file);
    }
    const shown = relative(process.cwd(), folder);
    output.result(
      { version: controlVersion, kind, name, folder },
      () => `Made ${shown}/. Its test: ${template.check?.({ name: shown, type }) ?? `node --test ${shown}`}`,
    );
  },
};
