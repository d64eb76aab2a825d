/** Commands on the system: components, sessions, quota, log, restart and kill. */
import { ageText, sizeText, tableLines } from "../../../lib/readable.js";
import { count, type Desk, type MonitorCommand, required } from "../command.js";

interface Resource {
  readonly quota: number;
  readonly used: number;
  readonly available: number;
}

/** What the monitor shows of the state report; docs/state.schema.json has all of it. */
interface State {
  readonly ram?: Resource;
  readonly caps?: Resource;
  readonly children: Readonly<
    Record<
      string,
      {
        readonly id?: number;
        readonly state: string;
        readonly isolation?: string;
        readonly restarts?: number;
        readonly failure?: string;
        readonly exited?: number;
        readonly killed?: string;
        readonly ram?: Resource;
        readonly caps?: Resource;
        readonly requested?: readonly {
          readonly service: string;
          readonly label: string;
          readonly state: string;
          readonly peer?: string;
          readonly ram: number;
          readonly caps: number;
        }[];
      }
    >
  >;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return tableLines(head, rows).join("\n");
}

async function state(desk: Desk): Promise<State> {
  return (await (await desk.system()).state()) as State;
}

const ps: MonitorCommand = {
  name: "ps",
  summary: "the components and how they are",
  async run(desk) {
    const { children } = await state(desk);
    const rows = Object.entries(children).map(([name, child]) => [
      name,
      child.state,
      String(child.id ?? ""),
      String(child.restarts ?? 0),
      child.isolation ?? "",
      child.failure !== undefined
        ? `last fault: ${child.failure.split(/ \| |\n/)[0]}`
        : child.exited !== undefined
          ? `exit value ${child.exited}`
          : "",
    ]);
    await desk.print(table(["COMPONENT", "STATE", "START", "RESTARTS", "ISOLATION", ""], rows));
  },
};

const sessions: MonitorCommand = {
  name: "sessions",
  arguments: "[COMPONENT]",
  summary: "who uses what of whom",
  async run(desk, [only]) {
    const { children } = await state(desk);
    const rows = Object.entries(children).flatMap(([client, { requested }]) =>
      (requested ?? [])
        .filter(({ peer }) => only === undefined || client === only || peer === only)
        .map(({ service, label, peer, state: phase, ram }) => [service, label, peer ?? "parent", phase, sizeText(ram)]),
    );
    await desk.print(table(["SERVICE", "LABEL", "SERVER", "STATE", "RAM"], rows));
  },
};

const quota: MonitorCommand = {
  name: "quota",
  summary: "RAM and capabilities, and who has them",
  async run(desk) {
    const { children, ram, caps } = await state(desk);
    const cells = (resource: Resource | undefined, text: (value: number) => string): string[] =>
      resource === undefined ? ["", "", ""] : [text(resource.quota), text(resource.used), text(resource.available)];
    const line = (name: string, own: { readonly ram?: Resource; readonly caps?: Resource }): string[] => [
      name,
      ...cells(own.ram, sizeText),
      ...cells(own.caps, String),
    ];
    const total = { ...(ram && { ram }), ...(caps && { caps }) };
    await desk.print(
      table(
        ["COMPONENT", "RAM", "USED", "LEFT", "CAPS", "USED", "LEFT"],
        [line("(init)", total), ...Object.entries(children).map(([name, child]) => line(name, child))],
      ),
    );
  },
};

const logs: MonitorCommand = {
  name: "logs",
  arguments: "[LINES]",
  summary: "the last lines of the log; 20 unless told otherwise",
  async run(desk, [lines]) {
    const found = await (await desk.system()).log(count(lines, "how many lines", 20));
    await desk.print(
      found
        .map(({ time, label, text }) => `${new Date(time).toISOString().slice(11, 19)} [${label}] ${text}`)
        .join("\n"),
    );
  },
};

const restart: MonitorCommand = {
  name: "restart",
  arguments: "COMPONENT",
  summary: "start a component anew",
  async run(desk, [name]) {
    const component = required(name, "which component");
    await (await desk.system()).restart(component);
    await desk.print(`restarted "${component}"`);
  },
};

const kill: MonitorCommand = {
  name: "kill",
  arguments: "COMPONENT",
  summary: "kill its process, and see how the system takes it",
  async run(desk, [name]) {
    const component = required(name, "which component");
    await (await desk.system()).kill(component);
    await desk.print(`killed "${component}"`);
  },
};

const explain: MonitorCommand = {
  name: "explain",
  arguments: "COMPONENT SERVICE [LABEL]",
  summary: "why a session request goes where it goes",
  async run(desk, [component, service, label]) {
    const text = await (await desk.system()).explain(
      required(component, "which component"),
      required(service, "which service"),
      label,
    );
    await desk.print(text.trimEnd());
  },
};

const uptime: MonitorCommand = {
  name: "uptime",
  summary: "how long the system has run",
  async run(desk) {
    await desk.print(`up ${ageText(await (await desk.system()).uptime())}`);
  },
};

export const systemCommands: readonly MonitorCommand[] = [ps, sessions, quota, logs, restart, kill, explain, uptime];
