/** The components: how they are, what they have and use, who talks to whom, and buttons to end them. */
import { lastElement, scoped } from "../../../base/label.js";
import { componentTree, type ListedComponent } from "../../../lib/component-tree.js";
import type { SessionFlow, Usage } from "../../../sessions/system/documents.js";
import { button, byId, element, sizeText } from "./elements.js";
import { FlowRates, rateText, sessionKey } from "./flow-rates.js";
import type { Link } from "./link.js";

interface Resource {
  readonly quota: number;
  readonly used: number;
}

interface Session {
  readonly service: string;
  readonly label: string;
  readonly state: string;
  readonly peer?: string;
  readonly ram: number;
}

/** What the page shows of a component; docs/state.schema.json has all of it. */
interface Child {
  readonly binary: string;
  readonly id?: number;
  readonly state: string;
  readonly isolation?: string;
  readonly exited?: number;
  readonly killed?: string;
  readonly failure?: string;
  readonly restarts?: number;
  readonly missing?: readonly { readonly service: string; readonly label: string }[];
  readonly ram?: Resource;
  readonly caps?: Resource;
  readonly requested?: readonly Session[];
  readonly provided?: readonly Session[];
  /** Of a nested init. */
  readonly children?: Readonly<Record<string, Child>>;
}

export interface State {
  readonly ram?: Resource;
  readonly children: Readonly<Record<string, Child>>;
}

const dots: Readonly<Record<string, string>> = {
  alive: "good",
  starting: "fair",
  waiting: "fair",
  exited: "off",
  disabled: "off",
  incomplete: "bad",
  "crash-loop": "bad",
};
/** How long a button that ends something asks back. */
const confirmMilliseconds = 4000;

/** What changes of a component while nobody touches it. */
class Row {
  readonly item: HTMLLIElement;
  readonly #link: Link;
  readonly #name: string;
  readonly #dot = element("span", "dot");
  readonly #state = element("small", "");
  readonly #cpu = element("span", "number");
  readonly #flow = element("span", "number");
  readonly #memory = element("span", "number");
  /** Where the flow of each session stands. */
  readonly #sessionFlows = new Map<string, HTMLElement>();
  readonly #facts = element("dl", "facts");
  readonly #sessions = element("ul", "sessions");
  readonly #failure = element("span", "failure");
  #shown = "";

  constructor(name: string, depth: number, link: Link) {
    this.#name = name;
    this.#link = link;
    this.#failure.role = "alert";
    // A nested init restarts its components by its own rules.
    const restart = depth === 0 ? [button("Restart", () => void this.#ask("restart"))] : [];
    const summary = element(
      "summary",
      "",
      this.#dot,
      element("span", "name", lastElement(name), " ", this.#state),
      this.#cpu,
      this.#flow,
      this.#memory,
    );
    const actions = element("div", "actions", ...restart, this.#killButton(), this.#failure);
    const inside = element("div", "inside", this.#facts, this.#sessions, actions);
    this.item = element("li", "", element("details", "", summary, inside));
    this.item.dataset["component"] = name;
    this.item.style.setProperty("--depth", String(depth));
  }

  #killButton(): HTMLButtonElement {
    let sure: ReturnType<typeof setTimeout> | undefined;
    const kill = button("Kill", () => {
      const calm = (): void => {
        clearTimeout(sure);
        sure = undefined;
        kill.textContent = "Kill";
        kill.classList.remove("danger");
      };
      if (sure !== undefined) {
        calm();
        void this.#ask("kill");
        return;
      }
      kill.textContent = "Really kill?";
      kill.classList.add("danger");
      sure = setTimeout(calm, confirmMilliseconds);
    });
    return kill;
  }

  async #ask(type: "restart" | "kill"): Promise<void> {
    const { failure = "" } = await this.#link.ask({ type, component: this.#name });
    this.#failure.textContent = failure;
  }

  show(child: Child): void {
    const shown = JSON.stringify(child);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#dot.className = `dot ${dots[child.state] ?? ""}`;
    this.#dot.title = child.state;
    const restarts = child.restarts === undefined ? "" : `, ${child.restarts} × restarted`;
    this.#state.textContent = child.state === "alive" ? restarts.slice(2) : `${child.state}${restarts}`;
    this.#facts.replaceChildren(...facts(child));
    this.#showSessions(child);
    this.#sessions.hidden = this.#sessions.childElementCount === 0;
  }

  #showSessions({ requested = [], provided = [] }: Child): void {
    this.#sessionFlows.clear();
    this.#sessions.replaceChildren(
      ...requested.map((session) => this.#session(session, "uses", `of ${session.peer ?? "the system"}`)),
      ...provided.map((session) => this.#session(session, "serves", `to ${session.peer ?? "the system"}`)),
    );
  }

  #session(session: Session, way: string, other: string): HTMLLIElement {
    const { service, label, state, ram } = session;
    const inner = scoped(this.#name, label) ?? label.replace(/^[^>]*-> /, "");
    const facts = [...(inner === "" ? [] : [inner]), sizeText(ram), ...(state === "OPEN" ? [] : [state.toLowerCase()])];
    const flow = element("span", "flow");
    this.#sessionFlows.set(sessionKey(session), flow);
    const faint = element("span", "faint", ` ${facts.join(", ")} `);
    return element("li", "", `${way} `, element("b", "", service), ` ${other}`, faint, flow);
  }

  showFlow(rates: FlowRates): void {
    const bytes = rates.components.get(this.#name) ?? 0;
    this.#flow.textContent = rateText({ bytes, packets: 0 });
    for (const [key, place] of this.#sessionFlows) {
      const rate = rates.sessions.get(key);
      place.textContent = rate === undefined ? "" : rateText(rate);
    }
  }

  /** Shares of one processor, from 0 to 1. */
  showUsage(processor: number | undefined, memory: number | undefined): void {
    this.#cpu.textContent = processor === undefined ? "" : `${(100 * processor).toFixed(1)} %`;
    this.#memory.textContent = memory === undefined ? "" : sizeText(memory);
  }
}

function fact(name: string, ...value: (Node | string)[]): HTMLElement[] {
  return [element("dt", "", name), element("dd", "", ...value)];
}

function quota({ quota: most, used }: Resource, text: (value: number) => string): (Node | string)[] {
  const meter = element("meter", "");
  meter.max = Math.max(1, most);
  meter.high = 0.9 * meter.max;
  meter.value = used;
  return [meter, `${text(used)} of ${text(most)}`];
}

function facts(child: Child): HTMLElement[] {
  const { binary, id, isolation, ram, caps, exited, killed, failure, missing = [] } = child;
  const found = [
    ...fact("binary", id === undefined ? binary : `${binary}, start ${id}`),
    ...(isolation === undefined ? [] : fact("isolation", isolation)),
    ...(ram === undefined ? [] : fact("RAM", ...quota(ram, sizeText))),
    ...(caps === undefined ? [] : fact("capabilities", ...quota(caps, String))),
    ...(exited === undefined ? [] : fact("exit value", String(exited))),
    ...(killed === undefined ? [] : fact("ended by", killed)),
    ...missing.flatMap(({ service, label }) => fact("no route for", `${service} ${label}`)),
  ];
  if (failure !== undefined) found.push(element("dt", "", "last fault"), element("dd", "fault", failure));
  return found;
}

function total(value: string, name: string): HTMLElement {
  return element("div", "", element("b", "", value), element("span", "", name));
}

export class ComponentsView {
  readonly #link: Link;
  readonly #tree = byId("tree");
  readonly #totals = byId("totals");
  readonly #rows = new Map<string, Row>();
  #components: readonly ListedComponent<Child>[] = [];
  #usage: Usage | undefined;
  #processor = 0;
  readonly #rates = new FlowRates();

  constructor(link: Link) {
    this.#link = link;
  }

  show(state: State): void {
    this.#components = componentTree<Child>(state.children);
    for (const [name, row] of [...this.#rows]) {
      if (this.#components.some((one) => one.name === name)) continue;
      row.item.remove();
      this.#rows.delete(name);
    }
    for (const [place, { name, depth, child }] of this.#components.entries()) {
      let row = this.#rows.get(name);
      if (row === undefined) this.#rows.set(name, (row = new Row(name, depth, this.#link)));
      row.show(child);
      if (this.#tree.children[place] !== row.item)
        this.#tree.insertBefore(row.item, this.#tree.children[place] ?? null);
    }
    this.#showTotals();
  }

  showUsage(usage: Usage): void {
    const before = this.#usage;
    this.#usage = usage;
    const nanoseconds = before === undefined ? 0 : 1e6 * (usage.time - before.time);
    this.#processor = 0;
    const seen = new Set<string>();
    for (const { name, cpuTime, memory } of usage.components) {
      const earlier = before?.components.find((one) => one.name === name)?.cpuTime;
      // One that started anew counts from 0.
      const share =
        earlier === undefined || nanoseconds <= 0 ? undefined : Math.max(0, cpuTime - earlier) / nanoseconds;
      this.#processor += share ?? 0;
      this.#rows.get(name)?.showUsage(share, memory);
      seen.add(name);
    }
    for (const [name, row] of this.#rows) if (!seen.has(name)) row.showUsage(undefined, undefined);
    this.#showTotals();
  }

  showFlow(flows: readonly SessionFlow[], time: number): void {
    this.#rates.update(flows, time);
    for (const row of this.#rows.values()) row.showFlow(this.#rates);
  }

  #showTotals(): void {
    const children = this.#components.map(({ child }) => child).filter(({ state }) => state !== "disabled");
    const alive = children.filter(({ state }) => state === "alive").length;
    const open = children.reduce((sum, { requested = [] }) => sum + requested.length, 0);
    this.#totals.replaceChildren(
      total(`${alive} / ${children.length}`, "components alive"),
      total(String(open), "sessions"),
      total(`${(100 * this.#processor).toFixed(1)} %`, "of a processor"),
    );
  }
}
