/**
 * The system file's schema, and the model of a system that it yields. Everything that init does follows from the
 * model; nothing here touches a file or a process.
 */
import { namePattern, nameProblem } from "../../base/label.js";
import { selectorFields } from "../../base/policy.js";
import { type Infer, type Json, type Path, type Problem, reject, rejectKey, s, shown } from "../../base/schema.js";
import type { ConfigParser } from "../../lib/config.js";
import { type Grants, grants, normalGrants } from "./grants.js";
import { type RouteRule, type RouteTarget, reservedNames, route, servicePattern, type WrittenRoute } from "./route.js";

/** Strongest first. */
export const isolationLevels = ["full", "no-namespaces", "seccomp"] as const;
export type IsolationLevel = (typeof isolationLevels)[number];

/** What a client of the System service may do, weakest first. */
export const operatorRights = ["watch", "operate", "edit"] as const;
export type OperatorRights = (typeof operatorRights)[number];

const serviceNames = (doc: string) => s.array(s.string({ pattern: servicePattern }), { max: 64, default: [], doc });
const version = s.union([s.string({ maxBytes: 64 }), s.integer({ min: 0 })], {
  doc: "Echoed in the state report; a component restarts when its own changes.",
});

const rectangle = s.object(
  {
    x: s.integer({ min: 0, default: 0, doc: "Leftmost column of CPUs." }),
    y: s.integer({ min: 0, default: 0, doc: "Topmost row of CPUs." }),
    width: s.integer({ min: 1, default: 1, doc: "Columns of CPUs." }),
    height: s.integer({ min: 1, default: 1, doc: "Rows of CPUs." }),
  },
  { doc: "Which CPUs of the affinity space the component runs on." },
);

const restart = s.object(
  {
    mode: s.enumeration(["on-crash", "always", "never"], {
      default: "on-crash",
      doc: "`on-crash`: after death by a signal, an exit value other than 0, or too many skipped heartbeats. `always`: after exit value 0 too.",
    }),
    limit: s.integer({
      min: 0,
      max: 1000,
      default: 5,
      doc: "More restarts than this within the time below are a crash loop: the component stays down.",
    }),
    within: s.duration({ min: 1, default: "1m", doc: "The time in which restarts are counted." }),
    backoff: s.object(
      {
        initial: s.duration({
          default: "100ms",
          doc: "Wait before the first restart. It doubles with each further one.",
        }),
        max: s.duration({ default: "10s", doc: "Longest wait." }),
      },
      { default: {}, doc: "Waits between restarts." },
    ),
  },
  { default: {}, doc: "When the component starts again." },
);

const start = s.object({
  enabled: s.union([s.boolean(), s.literal("free-screen")], {
    default: true,
    doc: "Whether it runs. While it does not, requests for its services wait. `free-screen`: it does where the machine has a screen that nobody uses when the system starts; not in a nested init, which cannot know.",
  }),
  binary: s.string({ maxBytes: 200, doc: "ROM module of the executable; the component's name by default." }).optional(),
  ram: s.size({ doc: "RAM quota; `default.ram` by default." }).optional(),
  caps: s.integer({ min: 0, doc: "Capability quota; `default.caps` by default." }).optional(),
  version: version.optional(),
  priority: s.integer({
    max: 0,
    min: -127,
    default: 0,
    doc: "0 is the highest; each step down is one priority level.",
  }),
  affinity: rectangle.optional(),
  config: s
    .anything({ doc: "Any JSON: the component's `config` ROM. A change reaches the running component." })
    .optional(),
  route: route({
    doc: "Where its session requests go; `defaultRoute` by default. Short form: service and label to targets. Long form: a list of rules.",
  }).optional(),
  provides: serviceNames("Services that the component offers."),
  heartbeat: s
    .object(
      {
        restartAfterSkipped: s.integer({
          min: 0,
          default: 0,
          doc: "Restart after more skipped heartbeats than this; 0 only reports them.",
        }),
      },
      { doc: "Probes whether the component still answers." },
    )
    .optional(),
  exit: s.object(
    { propagate: s.boolean({ default: false, doc: "Whether its exit ends this init with the same value." }) },
    { default: {}, doc: "What its exit means." },
  ),
  restart,
  isolation: s
    .enumeration(isolationLevels, { doc: "Lowers the sandbox of this component below that of the whole system." })
    .optional(),
  memory: s.size({ min: 1, doc: "Hard limit of the process, code included (cgroup)." }).optional(),
  pool: s.boolean({
    default: true,
    doc: "Whether it may start in a parked process, where nothing else prevents that.",
  }),
  grants,
});

const exportTarget = s.string({ doc: "`child`, or `child: label` with the label that it sees instead." });
const exportPolicies = s.object({
  policies: s.array(s.object({ ...selectorFields, to: exportTarget }), {
    default: [],
    doc: "Which child serves which session; the most specific wins.",
  }),
  defaultPolicy: s.object({ to: exportTarget }, { doc: "Serves what no policy matches." }).optional(),
});

export const systemSchema = s.object({
  $schema: s.string({ doc: "Where editors find the schema of this file." }).optional(),
  version: version.optional(),
  verbose: s.boolean({ default: false, doc: "Whether decisions are logged." }),
  parentProvides: serviceNames("Services that may be routed to the parent of this init."),
  default: s.object(
    {
      ram: s.size({ default: "8M", doc: "RAM quota of components that state none." }),
      caps: s.integer({ min: 0, default: 100, doc: "Capability quota of components that state none." }),
    },
    { default: {}, doc: "Quotas of components that state none." },
  ),
  defaultRoute: route({ default: {}, doc: "The route of components that have none. Written like `start.NAME.route`." }),
  resources: s.object(
    {
      ram: s.object(
        { preserve: s.size({ default: "320K", doc: "RAM that init keeps for itself." }) },
        { default: {}, doc: "RAM." },
      ),
      caps: s.object(
        { preserve: s.integer({ min: 0, default: 20, doc: "Capabilities that init keeps for itself." }) },
        { default: {}, doc: "Capabilities." },
      ),
    },
    { default: {}, doc: "What init does not give away." },
  ),
  affinitySpace: s
    .object(
      {
        width: s.integer({ min: 1, max: 4096, doc: "Columns of CPUs." }),
        height: s.integer({ min: 1, max: 4096, default: 1, doc: "Rows of CPUs." }),
      },
      { doc: "The CPUs as a grid." },
    )
    .optional(),
  prioLevels: s.integer({ min: 1, max: 128, default: 1, doc: "Number of priority levels, a power of two." }),
  alias: s.record(s.string({ doc: "The child." }), {
    keyPattern: namePattern,
    default: {},
    doc: "Other names for children, as targets of routes.",
  }),
  report: s
    .object(
      {
        ids: s.boolean({ default: false, doc: "Number of each start, which reveals restarts." }),
        requested: s.boolean({ default: false, doc: "Sessions that each component uses." }),
        provided: s.boolean({ default: false, doc: "Sessions that each component serves." }),
        sessionArgs: s.boolean({ default: false, doc: "Arguments of the sessions." }),
        childRam: s.boolean({ default: false, doc: "RAM quota of each component." }),
        childCaps: s.boolean({ default: false, doc: "Capability quota of each component." }),
        initRam: s.boolean({ default: false, doc: "RAM quota of init." }),
        initCaps: s.boolean({ default: false, doc: "Capability quota of init." }),
        inside: s.boolean({ default: false, doc: "Components of nested inits, with all that these say of them." }),
        delay: s.duration({ default: "100ms", doc: "Least time between two state reports." }),
      },
      { doc: "What the state report shows; without it there is none." },
    )
    .optional(),
  heartbeat: s
    .object(
      { rate: s.duration({ min: 10, default: "1s", doc: "Time between two probes." }) },
      { doc: "Probes the components that have a `heartbeat` of their own." },
    )
    .optional(),
  operators: s.object(
    {
      policies: s.array(
        s.object({
          ...selectorFields,
          rights: s.enumeration(operatorRights, {
            doc: "`watch`: see everything. `operate`: restart and kill too. `edit`: replace the system file too, and so be granted whatever the user of this system has.",
          }),
        }),
        { default: [], doc: "The most specific wins; without one it is `operate`." },
      ),
    },
    { default: {}, doc: "How much the clients of the root's System service may do. Of no use in a nested init." },
  ),
  services: s.record(s.union([exportTarget, exportPolicies]), {
    keyPattern: servicePattern,
    keyName: "SERVICE",
    default: {},
    doc: "Services of children that this init offers to its own parent.",
  }),
  grants,
  start: s.record(start, { keyPattern: namePattern, default: {}, doc: "The components, by name." }),
});

export type WrittenSystem = Infer<typeof systemSchema>;
type WrittenStart = Infer<typeof start>;

/** A component as the model has it: every default filled in. */
export interface StartNode
  extends Omit<WrittenStart, "binary" | "ram" | "caps" | "version" | "route" | "grants" | "affinity"> {
  readonly name: string;
  readonly binary: string;
  readonly ram: number;
  readonly caps: number;
  readonly version: string | undefined;
  readonly affinity: Infer<typeof rectangle> | undefined;
  readonly route: readonly RouteRule[];
  readonly grants: Grants;
}

export interface ExportTarget {
  readonly child: string;
  /** The label that the child sees instead of the client's. */
  readonly as: string | undefined;
}

export interface ExportPolicy extends ExportTarget {
  readonly label?: string;
  readonly labelPrefix?: string;
  readonly labelSuffix?: string;
  readonly labelLast?: string;
  readonly path: Path;
}

export interface ExportedService {
  readonly policies: readonly ExportPolicy[];
  readonly fallback: ExportPolicy | undefined;
}

/** A system, in normal form: short forms expanded, defaults filled in. */
export interface SystemModel
  extends Omit<WrittenSystem, "$schema" | "version" | "defaultRoute" | "services" | "grants" | "start"> {
  readonly version: string | undefined;
  readonly defaultRoute: readonly RouteRule[];
  readonly services: ReadonlyMap<string, ExportedService>;
  readonly grants: Grants;
  /** In the order of the system file, which is the order of starting and of spreading slack quota. */
  readonly start: ReadonlyMap<string, StartNode>;
}

export type ReportFlags = NonNullable<SystemModel["report"]>;

/** A route with the default route's rules where it says so. */
function inlined(written: WrittenRoute, defaults: readonly RouteRule[]): RouteRule[] {
  return written.flatMap((rule) => ("inherit" in rule ? defaults : [rule]));
}

function exportOf(text: string, path: Path, problems: Problem[]): ExportTarget {
  const colon = text.indexOf(":");
  const child = (colon < 0 ? text : text.slice(0, colon)).trim();
  const as = colon < 0 ? undefined : text.slice(colon + 1).trim();
  if (reservedNames.includes(child) || nameProblem(child) !== undefined)
    reject(problems, path, `Expected the name of a child, not ${shown(child)}`);
  if (as === "") reject(problems, path, `Expected a label after ":" in ${shown(text)}`);
  return { child, as };
}

function exportedServices(written: WrittenSystem["services"], problems: Problem[]): Map<string, ExportedService> {
  return new Map(
    Object.entries(written).map(([service, entry]) => {
      const path = ["services", service];
      if (typeof entry === "string")
        return [service, { policies: [], fallback: { ...exportOf(entry, path, problems), path } }];
      const policies = entry.policies.map(({ to, ...selectors }, index) => {
        const at = [...path, "policies", index];
        return { ...selectors, ...exportOf(to, [...at, "to"], problems), path: at };
      });
      const at = [...path, "defaultPolicy"];
      const fallback = entry.defaultPolicy && {
        ...exportOf(entry.defaultPolicy.to, [...at, "to"], problems),
        path: at,
      };
      return [service, { policies, fallback }];
    }),
  );
}

/** The entries of an object as a Map: integer-like keys aside, JSON objects keep the order of the file. */
function startNodes(written: WrittenSystem, defaultRoute: readonly RouteRule[]): Map<string, StartNode> {
  return new Map(
    Object.entries(written.start).map(
      ([name, { binary, ram, caps, version: own, route: rules, affinity, grants: granted, ...rest }]) => [
        name,
        {
          ...rest,
          name,
          binary: binary ?? name,
          ram: ram ?? written.default.ram,
          caps: caps ?? written.default.caps,
          version: own === undefined ? undefined : String(own),
          affinity,
          route: rules === undefined ? defaultRoute : inlined(rules, defaultRoute),
          grants: normalGrants(granted),
        },
      ],
    ),
  );
}

/** Parses a plain JSON value into the model; undefined when anything was wrong. Semantic checks are in lint.ts. */
export function systemModel(document: unknown, problems: Problem[]): SystemModel | undefined {
  const before = problems.length;
  const written = systemSchema.parse(document, [], problems);
  if (problems.length > before) return undefined;
  const { $schema: _schema, version: own, defaultRoute: writtenDefault, services, grants: granted, ...rest } = written;
  if (!Number.isInteger(Math.log2(written.prioLevels)))
    reject(problems, ["prioLevels"], `Expected a power of two, not ${written.prioLevels}`);
  for (const name of Object.keys(written.start)) {
    if (reservedNames.includes(name))
      rejectKey(problems, ["start", name], `The name "${name}" has another meaning as the target of a route`);
    else if (/^[0-9]+$/.test(name))
      rejectKey(
        problems,
        ["start", name],
        `The name "${name}" needs a letter: JSON objects do not keep numbers in order`,
      );
  }
  const defaultRoute: RouteRule[] = [];
  for (const rule of writtenDefault) {
    if ("inherit" in rule) reject(problems, rule.inherit, "The default route cannot take over itself");
    else defaultRoute.push(rule);
  }
  const model: SystemModel = {
    ...rest,
    version: own === undefined ? undefined : String(own),
    defaultRoute,
    services: exportedServices(services, problems),
    grants: normalGrants(granted),
    start: startNodes(written, defaultRoute),
  };
  return problems.length > before ? undefined : model;
}

/** {@link systemModel}, for a document that is the configuration of a nested init. */
export const systemParser: ConfigParser<SystemModel> = {
  parse(document, at, problems) {
    const own: Problem[] = [];
    const model = systemModel(document, own);
    problems.push(...own.map((problem) => ({ ...problem, path: [...at, ...problem.path] })));
    // Whoever parses looks at the problems before it looks at the model.
    return model as SystemModel;
  },
};

/** The child that a name stands for: itself, or what an alias says. */
export function aliased(model: SystemModel, name: string): string {
  return model.start.has(name) ? name : Object.hasOwn(model.alias, name) ? (model.alias[name] as string) : name;
}

export type { Json, RouteRule, RouteTarget };
