/** `bulkhead idl`: checks interface definitions, and generates code and pages from them. */

import { join, normalize } from "node:path";
import { parseArgs } from "node:util";
import { errorMessage } from "../base/errors.js";
import { suggestion } from "../base/nearest.js";
import { interfacePage, pageName } from "./backend-markdown.js";
import { skeleton } from "./backend-skeleton.js";
import { checkNames, typeScript } from "./backend-typescript.js";
import { type Compilation, compile, lockPath } from "./compiler.js";
import { type Diagnostic, Diagnostics, diagnosticText, positionText } from "./diagnostics.js";
import { diskSource, generatedPath, targetsOf, updated } from "./files.js";
import { lockText } from "./lock.js";
import { renumberedFrom } from "./model.js";

const commands = ["check", "gen", "skeleton", "docs"] as const;
type Command = (typeof commands)[number];

export const usage = `Usage: bulkhead idl COMMAND [OPTIONS] FILE.idl...

  check      finds mistakes, and changes that the lock file does not allow
  gen        writes FILE.generated.ts and FILE.idl.lock beside each FILE.idl
  skeleton   prints a server to start from
  docs       writes a reference page for each interface

  --check          with gen, docs: write nothing; fail when a file on disk is stale
  --out FOLDER     with docs: where the pages go (default docs/sessions)
  --runtime WHERE  with gen, skeleton: a package, or a folder ending in "/", to import the framework from
  --json           print the outcome as JSON
`;

const exitCode = { ok: 0, failure: 1, usage: 2 } as const;

interface Request {
  readonly command: Command;
  readonly files: readonly string[];
  readonly check: boolean;
  readonly json: boolean;
  readonly out: string;
  readonly runtime: string | undefined;
}

/** A file that a command writes. */
interface Output {
  readonly path: string;
  readonly text: string;
}

class UsageError extends Error {}

function parseRequest(args: string[]): Request | "help" {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      check: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
      out: { type: "string", default: "docs/sessions" },
      runtime: { type: "string" },
    },
  });
  const [command, ...files] = positionals;
  if (values.help || command === "help") return "help";
  if (command === undefined) throw new UsageError("No command given");
  if (!commands.includes(command as Command))
    throw new UsageError(`Unknown command "${command}"${suggestion(command, commands)}`);
  if (files.length === 0) throw new UsageError(`Nothing to ${command}: name at least one .idl file`);
  const odd = files.find((file) => !file.endsWith(".idl"));
  if (odd !== undefined) throw new UsageError(`"${odd}" is no interface definition: its name does not end in .idl`);
  return {
    command: command as Command,
    // An import of the same file must have the same name.
    files: files.map(normalize),
    check: values.check,
    json: values.json,
    out: values.out,
    runtime: values.runtime,
  };
}

function diagnosticsOf(compilation: Compilation): readonly Diagnostic[] {
  if (compilation.diagnostics.length > 0) return compilation.diagnostics;
  // Names in generated code mean something only once everything else is right.
  const diagnostics = new Diagnostics();
  for (const { definition } of compilation.files) checkNames(definition, diagnostics);
  return diagnostics.sorted();
}

/** What is allowed, but hardly meant. */
function warningsOf(compilation: Compilation): readonly Diagnostic[] {
  const interfaces = compilation.files.flatMap(({ definition }) => definition.interfaces);
  return interfaces.flatMap((subject) =>
    subject.operations.flatMap((operation) => {
      const alone = renumberedFrom(operation);
      if (alone === undefined) return [];
      const { name, origin } = operation;
      const message = `Operation ${name} has opcode ${operation.opcode} in ${subject.name} and ${alone} in ${origin.name}: a client that knows only ${origin.name} cannot use ${subject.name}; give one of the parts explicit opcodes`;
      return [{ at: subject.at, message }];
    }),
  );
}

function outputs(request: Request, compilation: Compilation): readonly Output[] {
  switch (request.command) {
    case "gen":
      return compilation.files.flatMap(({ definition, nextLock }) => [
        {
          path: generatedPath(definition.file),
          text: typeScript(definition, targetsOf(definition.file, request.runtime)),
        },
        { path: lockPath(definition.file), text: lockText(nextLock) },
      ]);
    case "docs":
      return compilation.files.flatMap(({ definition }) =>
        definition.interfaces.map((subject) => ({
          path: join(request.out, pageName(subject)),
          text: interfacePage(subject, definition),
        })),
      );
    default:
      return [];
  }
}

function perform(request: Request): number {
  const compilation = compile(request.files, diskSource);
  const diagnostics = diagnosticsOf(compilation);
  const sound = diagnostics.length === 0;
  const warnings = sound ? warningsOf(compilation) : [];
  const changed = sound
    ? outputs(request, compilation).filter(({ path, text }) => updated(path, text, request.check))
    : [];
  const stale = request.check ? changed : [];
  const text =
    sound && request.command === "skeleton"
      ? compilation.files
          .map(({ definition }) => skeleton(definition, targetsOf(definition.file, request.runtime)))
          .join("\n")
      : "";
  const ok = sound && stale.length === 0;
  if (request.json) {
    const files = changed.map(({ path }) => path);
    const flat = ({ at, message }: Diagnostic) => ({ ...at, message });
    const outcome = {
      version: 1,
      command: request.command,
      ok,
      diagnostics: diagnostics.map(flat),
      warnings: warnings.map(flat),
      ...(request.check ? { stale: files } : { written: files }),
      ...(request.command === "skeleton" && { text }),
    };
    process.stdout.write(`${JSON.stringify(outcome, undefined, 2)}\n`);
  } else {
    for (const { at, message } of warnings) process.stderr.write(`${positionText(at)}: warning: ${message}\n`);
    for (const diagnostic of diagnostics) process.stderr.write(`${diagnosticText(diagnostic)}\n`);
    for (const { path } of stale)
      process.stderr.write(
        `${path}: error: This file is stale: run "bulkhead idl ${request.command}" and check it in\n`,
      );
    process.stdout.write(text);
  }
  return ok ? exitCode.ok : exitCode.failure;
}

/** Runs one command; the result is the exit code: 0 ok, 1 mistakes or stale files, 2 usage. */
export async function idl(args: string[]): Promise<number> {
  try {
    const request = parseRequest(args);
    if (request !== "help") return perform(request);
    process.stdout.write(usage);
    return exitCode.ok;
  } catch (error) {
    const misused =
      error instanceof UsageError || (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS") === true;
    process.stderr.write(`${errorMessage(error)}\n${misused ? `\n${usage}` : ""}`);
    return misused ? exitCode.usage : exitCode.failure;
  }
}

// The build runs the compiler before the `bulkhead` command exists.
if (process.argv[1]?.endsWith("/idl/main.js")) {
  void idl(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
}
