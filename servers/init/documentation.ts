/** The page docs/system-file.md, made from the schema so that it cannot differ from what init accepts. */
import { jsonSchemaDocument, type Schema, schemaTable } from "../../base/schema.js";
import { systemSchema } from "./config.js";
import { lintRules } from "./finding.js";
import { grantSource } from "./grants.js";
import { routeRule, routeTarget } from "./route.js";
import { stateSchema } from "./state-report.js";

/** Shown on the page; a test holds that it has no problems. */
export const exampleSystem = `{
  "$schema": "../docs/system-file.schema.json",
  "parentProvides": ["ROM", "LOG"],
  "defaultRoute": { "ROM": "parent", "LOG": "parent", "*": "any-child" },
  "heartbeat": { "rate": "1s" },
  "report": { "ids": true, "childRam": true },

  "start": {
    "timer": { "ram": "2M", "provides": ["Timer"] },

    // The serial line, or a pseudo-terminal where there is none.
    "uart": {
      "binary": "uart-driver",
      "provides": ["Terminal"],
      "heartbeat": { "restartAfterSkipped": 3 },
      "grants": { "line": [{ "tty": "/dev/ttyUSB0" }, { "pty": true, "link": "run/uart" }] }
    },

    "shell": {
      "ram": "16M",
      "config": { "prompt": "> " },
      "route": {
        "Timer": "timer",
        "Terminal": "uart",
        "ROM * -> theme": "parent: * -> dark",
        "*": "default"
      }
    }
  }
}
`;

const introduction = `# The system file

A system file says which components run, what each may use, and where its session requests go. It is JSON with
comments and trailing commas. \`bulkhead config check FILE\` prints what is wrong with it as
\`file:line:column: message\`; an unknown key is an error that names the nearest known one. A running init follows
changes of its file, and does as little as possible for them (see [Changes](#changes)).

This page is made from the schema that init itself uses.
`;

const routes = `## Routes

A route is a list of rules. The first rule that matches service and label decides. A rule for one service whose
targets all fail denies the session; a rule for any service then leaves the request to the rules after it. Without a
rule the session is denied. \`bulkhead explain COMPONENT SERVICE [LABEL]\` prints every rule that was looked at, and
why it matched or not.

The short form is an object. A key is a service, or \`*\` for any, and optionally a label:

| Key | Matches |
|---|---|
| \`"Timer"\` | every request for Timer |
| \`"ROM config"\` | the label \`config\`, exactly |
| \`"ROM images -> *"\` | labels that begin with \`images -> \` |
| \`"ROM *.png"\` | labels that end with \`.png\` |
| \`"ROM * -> theme"\` | labels whose last element is \`theme\` |
| \`"*"\` | every request |

Labels are compared as the component gave them, without its own name in front. A value is one target, or several that
are tried in order, separated by \`|\`:

| Value | Goes to |
|---|---|
| \`"timer"\` | the child \`timer\`, or what the alias \`timer\` stands for |
| \`"parent"\` | the parent of this init, if \`parentProvides\` lists the service |
| \`"any-child"\` | the only other child that provides the service; several are an error |
| \`"images \\| parent"\` | \`images\` if it provides the service, else the parent |
| \`"vfs: * -> /home/"\` | \`vfs\`, which sees \`/home/\` as the last element of the label |
| \`"log: shell -> *"\` | \`log\`, which sees \`shell\` before the last element |
| \`"log: shell"\` | \`log\`, which sees the label \`shell\` |
| \`"default"\` | the rules of \`defaultRoute\` stand here; for the key \`"*"\` only |

The long form is a list of rules, which can combine selectors. A value of the short form may be a target, or a list of
targets, of the long form too:

`;

const builtIn = `
Before all rules, init itself serves the ROM \`config\` to a component with an inline \`config\`. A component asks for its
binary as the ROM of its own name; rules and server see the name of the binary.
`;

const grantText = `## Grants

A sandbox sees no device, file or network of the host. What a component needs of them is opened outside and handed in.
A grant has a name, and one source or a list of them, of which the first that this machine has is taken:

`;

const changes = `## Changes

A component restarts if its \`version\` changes; if its binary comes from elsewhere; if the route of a session that it
has now leads elsewhere, or shows the server another label; or if the provider of a session stops, unless the interface
opens its sessions anew. Without any route for a session that it has, it stops and is \`incomplete\`, and starts again
when there is a route. A component that exited stays so until its version or binary changes. Everything else reaches it
while it runs: a changed \`config\` as a new version of its ROM, quota as far as there is any (less first, then more).
Priority, affinity, isolation, pool and grants apply from the next start on.

What a component does with another \`config\` is in its README: policies hold for the sessions that come, and what can be
changed at once is. An option that only a new start brings into force is named in the log when it changes; \`bulkhead
restart\`, or another \`version\` beside the \`config\`, starts the component anew. A \`config\` with a mistake changes nothing:
of a component of the package the whole edit is refused, at its line; any other component says so, with line and column of
its ROM, and goes on as it was. A \`config\` that a component did not have before, or has no more, restarts it: its ROM then
comes from elsewhere.
`;

function rules(): string {
  const lines = Object.entries(lintRules).map(([rule, meaning]) => `| \`${rule}\` | ${meaning} |`);
  return [
    "| Check | Finds |",
    "|---|---|",
    "| `syntax` | Text that is no JSON with comments. |",
    "| `schema` | Unknown keys, missing or ill-typed values. |",
    "| `duplicate-key` | A key that an object has twice. |",
    ...lines,
    "",
  ].join("\n");
}

/** The whole page. */
export function systemFilePage(): string {
  return [
    introduction,
    "## Example\n",
    `\`\`\`jsonc\n${exampleSystem}\`\`\`\n`,
    "## Options\n",
    schemaTable(systemSchema),
    routes + schemaTable(routeRule),
    "A target:\n",
    schemaTable(routeTarget) + builtIn,
    grantText + schemaTable(grantSource),
    changes,
    "## Checks\n",
    rules(),
    "## State report\n",
    "The ROM or report `state` shows what `report` asks for; `bulkhead status --json` shows all of it.\n",
    schemaTable(stateSchema),
  ].join("\n");
}

/** The JSON Schemas that editors use, by file name in docs/. */
export function schemaFiles(): Readonly<Record<string, string>> {
  const text = (schema: Schema<unknown>, title: string): string =>
    `${JSON.stringify(jsonSchemaDocument(schema, { title }), null, 2)}\n`;
  return {
    "system-file.schema.json": text(systemSchema, "Bulkhead system file"),
    "state.schema.json": text(stateSchema, "Bulkhead state report"),
  };
}
