/**
 * The processes that a test started, also those that left its session or scrubbed their environment:
 * by session, by an environment marker, and by having been seen as a descendant while their parent lived.
 */
import { readdirSync, readFileSync } from "node:fs";

interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** In clock ticks since the machine started. */
  readonly start: string;
  readonly zombie: boolean;
}

/** Every process: pid, parent, session and start time (a pid alone may be used again), and whether it is a zombie. */
function processTable(): Map<number, ProcessEntry> {
  const table = new Map<number, ProcessEntry>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      // The second field is the program's name in parentheses, and may itself hold spaces and parentheses.
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      table.set(Number(name), {
        pid: Number(name),
        parent: Number(fields[1]),
        session: Number(fields[3]),
        start: fields[19] ?? "",
        zombie: fields[0] === "Z",
      });
    } catch {
      // It ended meanwhile.
    }
  }
  return table;
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** What a process is called, for messages. */
function commandLine(pid: number): string {
  return (
    readOrEmpty(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim().slice(0, 200) ||
    readOrEmpty(`/proc/${pid}/comm`).trim()
  );
}

export class Descendants {
  readonly #leader: number;
  readonly #marker: string;
  readonly #seen = new Map<string, ProcessEntry>();

  /** `leader` is the pid of the test's own process, which leads a session; `marker` is `NAME=value` in its environment. */
  constructor(leader: number, marker: string) {
    this.#leader = leader;
    this.#marker = marker;
  }

  /** Looks at the process tree; to be called now and then while the test runs. */
  observe(table = processTable()): void {
    const ours = new Set([this.#leader]);
    for (const process of this.#seen.values())
      if (table.get(process.pid)?.start === process.start) ours.add(process.pid);
    // Parents do not always have the lower pid, so this is repeated until nothing new appears.
    for (let before = -1; before !== ours.size; ) {
      before = ours.size;
      for (const process of table.values()) {
        if (ours.has(process.parent) || process.session === this.#leader) ours.add(process.pid);
      }
    }
    for (const pid of ours) {
      const process = table.get(pid);
      if (process) this.#seen.set(`${pid} ${process.start}`, process);
    }
  }

  /** Those alive now, without the leader: `{ pid, command }`. */
  alive({ withMarker = false } = {}): { readonly pid: number; readonly command: string }[] {
    const table = processTable();
    this.observe(table);
    const pids = new Set<number>();
    for (const { pid, start } of this.#seen.values()) if (table.get(pid)?.start === start) pids.add(pid);
    if (withMarker) {
      for (const pid of table.keys()) {
        if (`\0${readOrEmpty(`/proc/${pid}/environ`)}`.includes(`\0${this.#marker}\0`)) pids.add(pid);
      }
    }
    pids.delete(this.#leader);
    return [...pids].filter((pid) => !table.get(pid)?.zombie).map((pid) => ({ pid, command: commandLine(pid) }));
  }

  /** Kills all of them and the leader's process group. */
  kill(): void {
    for (const target of [-this.#leader, ...this.alive({ withMarker: true }).map(({ pid }) => pid)]) {
      try {
        process.kill(target, "SIGKILL");
      } catch {
        // It ended meanwhile.
      }
    }
  }
}
