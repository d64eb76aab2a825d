/** Where the web consoles of a system are, for a person at its terminal: the only one who is told a token. */
import { readFileSync } from "node:fs";
import type { Root } from "../root/root.js";

const address = /^The console is at (http\S+)$/;

/** The components of a system that are web consoles. */
export function webConsoles({ init }: Root): readonly string[] {
  return [...init.model.start.values()]
    .filter(({ binary, enabled }) => enabled && /^(servers\/)?web-console$/.test(binary))
    .map(({ name }) => name);
}

/** A link that opens a console, its token included; undefined until it is there. */
export function webConsoleLink(root: Root, name: string): string | undefined {
  const lines = root.console.history.filter(({ label }) => label === name || label === `log -> ${name}`);
  const url = lines.map(({ text }) => address.exec(text)?.[1]).findLast((found) => found !== undefined);
  if (url === undefined) return undefined;
  const { config } = root.init.model.start.get(name) ?? {};
  const grant = (config as { token?: string } | undefined)?.token;
  const file = grant === undefined ? undefined : root.granted[name]?.[grant];
  if (file === undefined) return url;
  try {
    return `${url}#token=${encodeURIComponent(readFileSync(file, "utf8").replaceAll("\0", "").trim())}`;
  } catch {
    return url; // the page asks for it
  }
}
