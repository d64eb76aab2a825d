/** Drivers as components in their sandboxes, under a real root of this process. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Root } from "../../root/root.js";
import type { IsolationLevel } from "../../servers/init/config.js";
import { scratchDirectory } from "../device/host.js";
import type { Context } from "../support/suite.js";

export interface Running {
  readonly folder: string;
  readonly lines: string[];
  /** Resolves with the first line, from now or before, that contains the text. */
  said(text: string, milliseconds?: number): Promise<string>;
}

export async function start(
  context: Context,
  components: object,
  isolation: IsolationLevel = "full",
): Promise<Running> {
  const folder = scratchDirectory("/var/tmp");
  const file = join(folder, "system.json");
  writeFileSync(
    file,
    JSON.stringify({
      parentProvides: ["ROM", "LOG", "Platform"],
      defaultRoute: { ROM: "parent", LOG: "parent", Platform: "parent", "*": "any-child" },
      default: { ram: "16M", caps: 100 },
      start: components,
    }),
  );
  const lines: string[] = [];
  const options = {
    file,
    isolation,
    parked: 0,
    write: (text: string) => void lines.push(...text.split("\n")),
    exit: () => {},
    environment: {},
  } as const;
  context.use(new Root(options));
  return {
    folder,
    lines,
    async said(text, milliseconds = 15_000) {
      const end = performance.now() + milliseconds;
      for (;;) {
        const line = lines.find((one) => one.includes(text));
        if (line !== undefined) return line;
        if (performance.now() > end)
          throw new Error(`Nobody said "${text}" within ${milliseconds} ms, but:\n${lines.join("\n")}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
  };
}

/** The process of a component that this test started: a descendant of ours with that title. */
export function processOf(title: string): number {
  const parents = new Map<number, number>();
  const found: number[] = [];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const status = readFileSync(`/proc/${name}/stat`, "utf8");
      parents.set(Number(name), Number(status.slice(status.lastIndexOf(")") + 2).split(" ")[1]));
      if (readFileSync(`/proc/${name}/cmdline`, "utf8").replace(/\0.*$/s, "") === title) found.push(Number(name));
    } catch {
      // It ended meanwhile.
    }
  }
  const ours = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === process.pid || ours(parents.get(pid)));
  const own = found.find(ours);
  if (own === undefined) throw new Error(`No process "${title}" of ours`);
  return own;
}
