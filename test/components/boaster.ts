/** Tells its parent of components that it does not have: `count` of them, whose binaries have names of `length` characters. */
import { pieceLength } from "../../base/ascii-json.js";
import { component } from "../../base/index.js";
import { s } from "../../base/schema.js";
import { ConfigFile } from "../../lib/config.js";

const configSchema = s.object({
  count: s.integer({ min: 0, doc: "How many." }),
  length: s.integer({ min: 0, doc: "Characters of each one's binary." }),
  text: s.string({ doc: "What it says instead." }).optional(),
});

component(async (env) => {
  const { count, length, text: other } = (await ConfigFile.open(env, configSchema)).current;
  const names = Array.from({ length: count }, (_, number) => `c${number}`);
  const children = names.map((name) => [name, { binary: "x".repeat(length), state: "alive" }] as const);
  const text = other ?? JSON.stringify(Object.fromEntries(children));
  for (let at = 0; at < text.length; at += pieceLength)
    await env.parent.state(text.slice(at, at + pieceLength), at + pieceLength < text.length);
  console.log("told");
});
