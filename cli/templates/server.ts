/** A server of an interface of its own. */
import { readme, type Template, testProgram } from "./template.js";

export const serverTemplate: Template = {
  summary: "defines an interface, and serves it",
  files: (subject) => ({
    [`${subject.name}.idl`]: `/// Greets whoever asks.
interface ${subject.type} version 1 {
  quota ram = 48K, caps = 3;
  error NoName;

  rpc greet(name: str[64]) -> (text: str[400]) throws NoName;
}
`,
    "main.ts": `import { component, SessionError } from "bulkhead";
import { ${subject.type} } from "./${subject.name}.generated.js";

component(async (env) => {
  await env.announce(${subject.type}, ({ label }) => ({
    greet: (name) => {
      if (name === "") throw new SessionError("NoName", "Cannot greet nobody");
      return \`Hello \${name}, says ${subject.name} to \${label}\`;
    },
  }));
});
`,
    "README.md": readme(
      subject,
      `Serves \`${subject.type}\`: the interface is [${subject.name}.idl](${subject.name}.idl), and \`npx bulkhead idl gen ${subject.name}/${subject.name}.idl\` makes the code after a change.`,
      `"start": {
  "${subject.name}": { "binary": "./${subject.name}/main.ts", "provides": ["${subject.type}"] }
}`,
    ),
    [`${subject.name}.test.mjs`]: testProgram(subject),
    "test/check.ts": `import { component, SessionError } from "bulkhead";
import { ${subject.type} } from "../${subject.name}.generated.js";

component(async (env) => {
  const { client } = await env.session(${subject.type}, {}, { within: "10s" });
  const text = await client.greet("you");
  const refusal: unknown = await client.greet("").catch((error: unknown) => error);
  const good = text === "Hello you, says ${subject.name} to check" && refusal instanceof SessionError && refusal.code === "NoName";
  await env.exit(good ? 0 : 1);
});
`,
    "test/system.jsonc": `{
  "parentProvides": ["ROM", "LOG"],
  "defaultRoute": { "ROM": "parent", "LOG": "parent", "*": "any-child" },
  "start": {
    "${subject.name}": { "binary": "../main.ts", "provides": ["${subject.type}"] },
    "check": { "binary": "./check.ts", "exit": { "propagate": true } }
  }
}
`,
  }),
};
