/** What `bulkhead up` says when the system runs: what there is, and how to talk to it. */

import { controlSocketPath } from "../root/control-protocol.js";
import { systemStatus } from "../root/control-requests.js";
import type { Root } from "../root/root.js";
import type { Output } from "./output.js";
import { hasStarted } from "./service-manager.js";
import { webConsoleLink, webConsoles } from "./web-console-links.js";

/** Printed once, when no component is only starting any more, or after this many milliseconds. */
const patience = 5000;

export class Banner {
  readonly #root: Root;
  readonly #socket: string;
  readonly #output: Output;
  readonly #unwatch: () => void;
  readonly #timer: NodeJS.Timeout;
  #printed = false;

  constructor(root: Root, socket: string, output: Output) {
    this.#root = root;
    this.#socket = socket;
    this.#output = output;
    const unwatch = [root.onStateChanged(() => this.#look()), root.console.watch(() => this.#look())];
    this.#unwatch = () => {
      for (const end of unwatch) end();
    };
    this.#timer = setTimeout(() => this.#print(), patience);
  }

  #look(): void {
    if (!hasStarted(this.#root)) return;
    const { init } = this.#root;
    // Drivers ask for their grants after they have started.
    const lines = [...init.model.start.values()].filter(({ grants }) =>
      Object.values(grants)
        .flat()
        .some((grant) => "pty" in grant),
    );
    // Consoles say where they are when they can be reached.
    if (
      lines.every(({ name }) => this.#root.granted[name] !== undefined) &&
      webConsoles(this.#root).every((name) => webConsoleLink(this.#root, name) !== undefined)
    )
      this.#print();
  }

  #print(): void {
    if (this.#printed) return;
    this.#printed = true;
    this.close();
    const { init, granted } = this.#root;
    const { state, system } = systemStatus(this.#root);
    const children = Object.entries(state.children);
    const alive = children.filter(([, { state: phase }]) => phase === "alive").map(([name]) => name);
    const others = children
      .filter(([, { state: phase }]) => phase !== "alive")
      .map(([name, { state: phase }]) => `${name} (${phase})`);
    const terminals = [...init.model.start.values()].flatMap(({ name, grants }) =>
      Object.entries(grants)
        .filter(([, sources]) => sources.some((source) => "pty" in source))
        .flatMap(([grant]) => granted[name]?.[grant] ?? []),
    );
    const option = this.#socket === controlSocketPath() ? "" : ` --socket ${this.#socket}`;
    const style = (text: string): string => this.#output.style("bold", text);
    this.#output.print(
      [
        "",
        `${style("Bulkhead")} runs ${system.file}`,
        `  components  ${alive.join(", ")}`,
        ...(others.length > 0 ? [`  not alive   ${others.join(", ")}`] : []),
        `  isolation   ${system.isolation}`,
        ...terminals.map((path) => `  console     picocom ${path}    (or: screen ${path}, socat -,raw,echo=0 ${path})`),
        ...webConsoles(this.#root).flatMap((name) => {
          const link = webConsoleLink(this.#root, name);
          return link === undefined ? [] : [`  screen      ${link}`];
        }),
        `  control     bulkhead status${option}    (also top, logs -f, sessions, explain, restart, down)`,
        "  end         Ctrl-C",
        "",
      ].join("\n"),
    );
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#unwatch();
  }
}
