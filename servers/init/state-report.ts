/**
 * The state report: what a system looks like from outside. Managers read it, change the system file, and look
 * again. Its schema is the one source of its type, its documentation and its JSON Schema.
 */
import { namePattern } from "../../base/label.js";
import type { Amount } from "../../base/quota.js";
import { type Infer, type ObjectOf, type Schema, s } from "../../base/schema.js";
import { type IsolationLevel, isolationLevels, type ReportFlags, type SystemModel } from "./config.js";

/** Number of the document's form. It grows when a field changes its meaning or goes away. */
export const stateFormat = 1;

export const childStates = ["starting", "alive", "incomplete", "exited", "waiting", "crash-loop", "disabled"] as const;
export type ChildState = (typeof childStates)[number];

/** `CREATING` to `CLOSED`, in the order in which a session goes through them. */
export const sessionStates = [
  "CREATING",
  "DENIED",
  "INSUFFICIENT_RAM",
  "INSUFFICIENT_CAPS",
  "AVAILABLE",
  "OPEN",
  "UPGRADING",
  "CLOSING",
  "CLOSED",
] as const;
export type SessionState = (typeof sessionStates)[number];

const resource = (unit: string, doc: string) =>
  s.object(
    {
      assigned: s.integer({ min: 0, doc: `${unit} that the system file assigns.` }),
      quota: s.integer({ min: 0, doc: `${unit} that the component has now, donations given away included.` }),
      used: s.integer({ min: 0, doc: `${unit} that are allocated or given away.` }),
      available: s.integer({ min: 0, doc: `${unit} that are left.` }),
      requested: s.integer({ min: 1, doc: `${unit} that the component asked for and did not get yet.` }).optional(),
    },
    { doc },
  );
const ownResource = (unit: string, doc: string) =>
  s.object(
    {
      quota: s.integer({ min: 0, doc: `${unit} of init.` }),
      used: s.integer({ min: 0, doc: `${unit} that are allocated or given to components.` }),
      available: s.integer({ min: 0, doc: `${unit} that are left.` }),
    },
    { doc },
  );

const session = s.object({
  service: s.string({ doc: "Service." }),
  label: s.label({ doc: "Full label of the client." }),
  state: s.enumeration(sessionStates, { doc: "How far the session is." }),
  ram: s.integer({ min: 0, doc: "Bytes donated with it." }),
  caps: s.integer({ min: 0, doc: "Capabilities donated with it." }),
  peer: s.string({ doc: "The component at the other side; absent for the parent." }).optional(),
  args: s.anything({ doc: "Session arguments, if the report shows them." }).optional(),
});

const childFields = {
  binary: s.string({ doc: "ROM module of the executable." }),
  version: s.string({ doc: "Version in the system file." }).optional(),
  id: s.integer({ min: 0, doc: "Number of this start, never used twice: another one means a restart." }).optional(),
  state: s.enumeration(childStates, {
    doc: "`incomplete`: lacks a route. `waiting`: before a restart. `crash-loop`: given up. `disabled`: by the system file.",
  }),
  isolation: s
    .enumeration(isolationLevels, { doc: "Level of the sandbox that is in force; absent while nothing runs." })
    .optional(),
  notInForce: s
    .array(s.string(), { doc: "Isolation measures that its sandbox lacks, each with the reason: `own-user: ...`." })
    .optional(),
  missing: s
    .array(s.object({ service: s.string({ doc: "Service." }), label: s.label({ doc: "Label that was asked for." }) }), {
      doc: "Requests for which there is no route.",
    })
    .optional(),
  exited: s.integer({ doc: "Exit value." }).optional(),
  killed: s.string({ doc: "Signal that ended it, such as `SIGSEGV`." }).optional(),
  failure: s.string({ doc: "Stack of the exception that ended it." }).optional(),
  restarts: s.integer({ min: 1, doc: "Restarts within the time that counts for a crash loop." }).optional(),
  restartIn: s.integer({ min: 0, doc: "Milliseconds until the next start." }).optional(),
  skippedHeartbeats: s.integer({ min: 1, doc: "Heartbeats without an answer." }).optional(),
  ram: resource("Bytes", "RAM quota.").optional(),
  caps: resource("Capabilities", "Capability quota.").optional(),
  requested: s.array(session, { doc: "Sessions that the component uses." }).optional(),
  provided: s.array(session, { doc: "Sessions that the component serves." }).optional(),
} as const;

/** A component; of a nested init, with those inside. */
export interface ChildDocument extends ObjectOf<typeof childFields> {
  readonly children?: ChildrenDocument;
}
export type ChildrenDocument = Readonly<Record<string, ChildDocument>>;

const child = s.object({
  ...childFields,
  children: s
    .record(
      s.named("component", (): Schema<ChildDocument> => child),
      {
        keyPattern: namePattern,
        doc: "Of a nested init: its components, as it says itself. Peers are those of its own system file.",
      },
    )
    .optional(),
});
export const childrenSchema: Schema<ChildrenDocument> = s.record(child, { keyPattern: namePattern });

export const stateSchema = s.object({
  format: s.literal(stateFormat, { doc: "Form of this document." }),
  version: s.string({ doc: "`version` of the system file in force." }).optional(),
  ram: ownResource("Bytes", "RAM quota of init.").optional(),
  caps: ownResource("Capabilities", "Capability quota of init.").optional(),
  children: s.record(child, { keyPattern: namePattern, doc: "The components, in the order of the system file." }),
});

export type StateDocument = Infer<typeof stateSchema>;
type SessionDocument = Infer<typeof session>;

/** An account as the report shows it. */
export interface QuotaFacts {
  readonly quota: Amount;
  readonly available: Amount;
}

export interface ChildFacts {
  readonly name: string;
  readonly id: number;
  readonly state: ChildState;
  readonly isolation?: IsolationLevel;
  readonly notInForce?: readonly string[];
  readonly missing?: readonly { readonly service: string; readonly label: string }[];
  /** How it ended, when it did. */
  readonly end?: { readonly value: number } | { readonly signal: string };
  readonly failure?: string;
  readonly restarts?: number;
  /** Milliseconds. */
  readonly restartIn?: number;
  readonly skippedHeartbeats?: number;
  readonly account?: QuotaFacts;
  /** What it asked for and did not get yet. */
  readonly wanted?: Amount;
  readonly requested: readonly SessionDocument[];
  readonly provided: readonly SessionDocument[];
  /** What a nested init says of its components. */
  readonly children?: ChildrenDocument | undefined;
}

export interface SystemFacts {
  readonly own: QuotaFacts;
  /** By name; the report shows them in the order of the system file. */
  readonly children: ReadonlyMap<string, ChildFacts>;
}

function shownSessions(sessions: readonly SessionDocument[], flags: ReportFlags): SessionDocument[] {
  return sessions.map(({ args, ...rest }) => (flags.sessionArgs && args !== undefined ? { ...rest, args } : rest));
}

function resourceFacts(kind: keyof Amount, assigned: number, account: QuotaFacts, wanted: Amount | undefined) {
  const quota = account.quota[kind];
  const available = account.available[kind];
  const requested = wanted?.[kind] ?? 0;
  return { assigned, quota, used: quota - available, available, ...(requested > 0 && { requested }) };
}

function childDocument(model: SystemModel, facts: ChildFacts, flags: ReportFlags): ChildDocument {
  const node = model.start.get(facts.name);
  const { account } = facts;
  return {
    binary: node?.binary ?? facts.name,
    ...(node?.version !== undefined && { version: node.version }),
    ...(flags.ids && { id: facts.id }),
    state: facts.state,
    ...(facts.isolation && { isolation: facts.isolation }),
    ...(facts.notInForce && facts.notInForce.length > 0 && { notInForce: facts.notInForce }),
    ...(facts.missing && facts.missing.length > 0 && { missing: facts.missing }),
    ...(facts.end && ("value" in facts.end ? { exited: facts.end.value } : { killed: facts.end.signal })),
    ...(facts.failure !== undefined && { failure: facts.failure }),
    ...(facts.restarts !== undefined && facts.restarts > 0 && { restarts: facts.restarts }),
    ...(facts.restartIn !== undefined && { restartIn: Math.max(0, Math.ceil(facts.restartIn)) }),
    ...(facts.skippedHeartbeats !== undefined &&
      facts.skippedHeartbeats > 0 && { skippedHeartbeats: facts.skippedHeartbeats }),
    ...(flags.childRam && account && { ram: resourceFacts("ram", node?.ram ?? 0, account, facts.wanted) }),
    ...(flags.childCaps && account && { caps: resourceFacts("caps", node?.caps ?? 0, account, facts.wanted) }),
    ...(flags.requested && { requested: shownSessions(facts.requested, flags) }),
    ...(flags.provided && { provided: shownSessions(facts.provided, flags) }),
    ...(flags.inside && facts.children && { children: facts.children }),
  };
}

function ownFacts(kind: keyof Amount, { quota, available }: QuotaFacts) {
  return { quota: quota[kind], used: quota[kind] - available[kind], available: available[kind] };
}

/** Everything, whatever the system file asks for: what `bulkhead status --json` shows. */
export const allFlags: ReportFlags = {
  ids: true,
  requested: true,
  provided: true,
  sessionArgs: true,
  childRam: true,
  childCaps: true,
  initRam: true,
  initCaps: true,
  inside: true,
  delay: 0,
};

/** The document, with what `flags` ask for. */
export function stateReport(model: SystemModel, facts: SystemFacts, flags: ReportFlags): StateDocument {
  const names = [...model.start.keys()].filter((name) => facts.children.has(name));
  // Components on their way out have left the model already; they are shown until they are gone.
  const leaving = [...facts.children.keys()].filter((name) => !model.start.has(name));
  return {
    format: stateFormat,
    ...(model.version !== undefined && { version: model.version }),
    ...(flags.initRam && { ram: ownFacts("ram", facts.own) }),
    ...(flags.initCaps && { caps: ownFacts("caps", facts.own) }),
    children: Object.fromEntries(
      [...names, ...leaving].map((name) => [name, childDocument(model, facts.children.get(name) as ChildFacts, flags)]),
    ),
  };
}

/**
 * Whether a report may not wait for the delay: a component came, went, changed its state or asks for quota.
 * Samples of quota and sessions can wait.
 */
export function urgent(before: StateDocument | undefined, after: StateDocument): boolean {
  if (before === undefined || before.version !== after.version) return true;
  const names = new Set([...Object.keys(before.children), ...Object.keys(after.children)]);
  return [...names].some((name) => {
    const old = before.children[name];
    const now = after.children[name];
    if (old === undefined || now === undefined) return true;
    return (
      old.state !== now.state ||
      old.id !== now.id ||
      old.exited !== now.exited ||
      old.killed !== now.killed ||
      old.version !== now.version ||
      old.ram?.requested !== now.ram?.requested ||
      old.caps?.requested !== now.caps?.requested
    );
  });
}
