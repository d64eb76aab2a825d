/**
 * What has to be done to a running system when its system file changes: as little as possible.
 *
 * A component restarts only if its version or its binary changes, if the route of a session that it has now leads
 * elsewhere or shows the server another label, or if a provider that it uses goes away or starts anew. Without any
 * route for a session that it has, it stops and is incomplete, until the route is there again. Everything else
 * reaches it while it runs.
 */
import { isDeepStrictEqual } from "node:util";
import type { Amount } from "../../base/quota.js";
import type { StartNode, SystemModel } from "./config.js";
import { type Provider, type Resolution, type Route, resolve, resolveExport } from "./routing.js";

/** A session request, by what the child asked for: the label without the child's own name. */
export interface Request {
  readonly service: string;
  readonly label: string;
}

/** Where a session leads, as it was resolved when it was opened. */
export interface Destination {
  readonly provider: Provider;
  readonly label: string;
}

export interface LiveSession extends Request {
  readonly route: Destination;
}

export interface LiveChild {
  readonly name: string;
  /**
   * `alive`: starting or running. `exited`: ended by itself. `given-up`: after a crash loop.
   * `incomplete`: not running, for want of a route for each of `missing`. `disabled`: by the system file.
   */
  readonly state: "alive" | "exited" | "given-up" | "incomplete" | "disabled";
  /** Where its binary came from; undefined while it is incomplete. */
  readonly binary: Destination | undefined;
  readonly sessions: readonly LiveSession[];
  readonly missing: readonly Request[];
}

/** A session that the parent of this init opened at a child. */
export interface ForwardedSession {
  readonly id: number;
  readonly service: string;
  /** The client's full label. */
  readonly label: string;
  readonly route: Destination;
}

export interface LiveSystem {
  readonly children: ReadonlyMap<string, LiveChild>;
  readonly forwarded: readonly ForwardedSession[];
}

export type RestartCause = "version" | "binary" | "route" | "provider" | "returned" | "changed" | "enabled";

export type Action =
  | { readonly kind: "destroy"; readonly child: string }
  /** Stop the child; it stays known as incomplete. */
  | { readonly kind: "stick"; readonly child: string; readonly missing: readonly Request[]; readonly reason: string }
  | { readonly kind: "close-forwarded"; readonly session: number; readonly reason: string }
  | {
      readonly kind: "provides";
      readonly child: string;
      readonly added: readonly string[];
      readonly removed: readonly string[];
    }
  | {
      readonly kind: "quota";
      readonly child: string;
      readonly direction: "down" | "up";
      readonly from: Amount;
      readonly to: Amount;
    }
  | { readonly kind: "restart"; readonly child: string; readonly cause: RestartCause; readonly reason: string }
  | { readonly kind: "create"; readonly child: string }
  /** The inline config changed: a new version of the `config` ROM. */
  | { readonly kind: "config"; readonly child: string }
  /** Other options: `now` take effect in the running component, `later` when it starts the next time. */
  | {
      readonly kind: "settings";
      readonly child: string;
      readonly now: readonly string[];
      readonly later: readonly string[];
    }
  /** Options of init itself that changed. */
  | { readonly kind: "system"; readonly changed: readonly string[] };

export interface DifferenceOptions {
  /**
   * Whether a component has to restart when the provider of one of its sessions of this service goes away. False
   * for interfaces whose connection opens the session anew by itself. By default every component has to.
   */
  readonly restartClients?: (service: string) => boolean;
}

/** What becomes of a child that is in both models. */
type Fate =
  | { readonly kind: "keep" }
  | { readonly kind: "restart"; readonly cause: RestartCause; readonly reason: string }
  | { readonly kind: "stick"; readonly missing: readonly Request[]; readonly reason: string };

const keep: Fate = { kind: "keep" };
const liveSettings = ["heartbeat", "exit", "restart", "memory"] as const;
const startSettings = ["priority", "affinity", "isolation", "pool", "grants"] as const;
const systemSettings = [
  "version",
  "verbose",
  "parentProvides",
  "default",
  "defaultRoute",
  "resources",
  "affinitySpace",
  "prioLevels",
  "alias",
  "report",
  "heartbeat",
  "services",
  "grants",
] as const;

function sameDestination(a: Destination, b: Destination): boolean {
  if (a.label !== b.label || a.provider.kind !== b.provider.kind) return false;
  if (a.provider.kind === "child") return b.provider.kind === "child" && a.provider.name === b.provider.name;
  return true;
}

function destinationText({ provider, label }: Destination): string {
  const name = provider.kind === "child" ? `"${provider.name}"` : provider.kind === "parent" ? "the parent" : "init";
  return `${name} as "${label}"`;
}

function requestText({ service, label }: Request): string {
  return label === "" ? `"${service}"` : `"${service}" with the label "${label}"`;
}

/** The request by which a component gets its binary. */
export function binaryRequest(name: string): Request {
  return { service: "ROM", label: name };
}

function fateOf(before: StartNode, node: StartNode, live: LiveChild, now: (request: Request) => Resolution): Fate {
  const binary = binaryRequest(node.name);
  const missing: Request[] = [];
  let change: Fate = keep;
  const judge = (request: Request, old: Destination, cause: RestartCause): void => {
    const resolution = now(request);
    if (resolution.kind === "denied") missing.push(request);
    else if (change.kind === "keep" && !sameDestination(old, resolution)) {
      change = {
        kind: "restart",
        cause,
        reason: `${requestText(request)} now leads to ${destinationText(resolution)}, no longer to ${destinationText(old)}`,
      };
    }
  };
  if (node.enabled !== true)
    return live.state === "disabled"
      ? keep
      : { kind: "restart", cause: "enabled", reason: "it is not enabled any more" };
  if (live.state === "disabled") return { kind: "restart", cause: "enabled", reason: "it is enabled" };
  if (live.state === "incomplete") {
    const waiting = [binary, ...live.missing].filter((request) => now(request).kind === "denied");
    if (waiting.length > 0) return keep;
    return {
      kind: "restart",
      cause: "returned",
      reason: `there is a route for ${live.missing.map(requestText).join(" and ")} again`,
    };
  }
  if (live.binary !== undefined) judge(binary, live.binary, "binary");
  // What has exited holds no sessions; it comes back for another version or binary only.
  if (live.state === "alive")
    for (const session of live.sessions)
      judge({ service: session.service, label: session.label }, session.route, "route");
  const [first] = missing;
  if (first !== undefined) {
    // An exited component needs nothing, unless it is to start as another version.
    if (live.state !== "alive" && before.version === node.version) return keep;
    return { kind: "stick", missing, reason: `there is no route for ${requestText(first)} any more` };
  }
  if (before.version !== node.version)
    return {
      kind: "restart",
      cause: "version",
      reason: `its version is now ${versionText(node)}, no longer ${versionText(before)}`,
    };
  if (change.kind === "keep" && live.state === "given-up" && !isDeepStrictEqual(before, node))
    return { kind: "restart", cause: "changed", reason: "its part of the system file changed after it was given up" };
  return change;
}

function versionText(node: StartNode): string {
  return node.version === undefined ? "unset" : `"${node.version}"`;
}

/** Fates of all children that stay, with what follows from one for another. */
function fates(
  before: SystemModel,
  after: SystemModel,
  live: LiveSystem,
  restartClients: (service: string) => boolean,
): Map<string, Fate> {
  const result = new Map<string, Fate>();
  for (const child of live.children.values()) {
    const old = before.start.get(child.name);
    const node = after.start.get(child.name);
    if (old !== undefined && node !== undefined)
      result.set(
        child.name,
        fateOf(old, node, child, (request) => resolve(after, child.name, request.service, request.label)),
      );
  }
  // A provider that stops takes its sessions along, and so on for the clients of its clients.
  for (let changed = true; changed; ) {
    changed = false;
    for (const [name, fate] of result) {
      const child = live.children.get(name);
      if (fate.kind !== "keep" || child?.state !== "alive") continue;
      const lost = child.sessions.find(({ service, route: { provider } }) => {
        if (provider.kind !== "child" || provider.name === name || !restartClients(service)) return false;
        const other = result.get(provider.name);
        return other !== undefined && other.kind !== "keep";
      });
      if (lost === undefined) continue;
      const provider = lost.route.provider.kind === "child" ? lost.route.provider.name : "";
      result.set(name, {
        kind: "restart",
        cause: "provider",
        reason: `"${provider}", which serves ${requestText(lost)}, ${result.get(provider)?.kind === "stick" ? "stops" : "restarts"}`,
      });
      changed = true;
    }
  }
  return result;
}

function quotaChanges(before: StartNode, after: StartNode): { down: Action | undefined; up: Action | undefined } {
  const old: Amount = { ram: before.ram, caps: before.caps };
  const less: Amount = { ram: Math.min(old.ram, after.ram), caps: Math.min(old.caps, after.caps) };
  const wanted: Amount = { ram: after.ram, caps: after.caps };
  const differs = (a: Amount, b: Amount): boolean => a.ram !== b.ram || a.caps !== b.caps;
  return {
    down: differs(old, less) ? { kind: "quota", child: after.name, direction: "down", from: old, to: less } : undefined,
    up: differs(less, wanted)
      ? { kind: "quota", child: after.name, direction: "up", from: less, to: wanted }
      : undefined,
  };
}

/** What to do for a running system of `before` to become one of `after`, in the order in which to do it. */
export function difference(
  before: SystemModel,
  after: SystemModel,
  live: LiveSystem,
  options: DifferenceOptions = {},
): Action[] {
  const destinies = fates(before, after, live, options.restartClients ?? (() => true));
  const stops: Action[] = [];
  const provides: Action[] = [];
  const downgrades: Action[] = [];
  const starts: Action[] = [];
  const updates: Action[] = [];
  const upgrades: Action[] = [];

  for (const name of live.children.keys()) if (!after.start.has(name)) stops.push({ kind: "destroy", child: name });

  for (const session of live.forwarded) {
    const resolution = resolveExport(after, session.service, session.label);
    if (resolution.kind === "denied")
      stops.push({ kind: "close-forwarded", session: session.id, reason: resolution.reason });
    else if (!sameDestination(session.route, resolution))
      stops.push({
        kind: "close-forwarded",
        session: session.id,
        reason: `"${session.service}" for "${session.label}" now leads to ${destinationText(resolution)}`,
      });
  }

  for (const node of after.start.values()) {
    const { name } = node;
    const old = before.start.get(name);
    const child = live.children.get(name);
    if (child === undefined || old === undefined) {
      const binary = binaryRequest(name);
      const resolution = resolve(after, name, binary.service, binary.label);
      // Known by name but not to the old model: what runs under the name is not what the new model means.
      if (child !== undefined) stops.push({ kind: "destroy", child: name });
      if (resolution.kind === "denied")
        stops.push({ kind: "stick", child: name, missing: [binary], reason: resolution.reason });
      else starts.push({ kind: "create", child: name });
      continue;
    }
    const fate = destinies.get(name) ?? keep;
    const added = node.provides.filter((service) => !old.provides.includes(service));
    const removed = old.provides.filter((service) => !node.provides.includes(service));
    if (added.length + removed.length > 0) provides.push({ kind: "provides", child: name, added, removed });
    if (fate.kind === "stick") stops.push({ kind: "stick", child: name, missing: fate.missing, reason: fate.reason });
    if (fate.kind === "restart") starts.push({ kind: "restart", child: name, cause: fate.cause, reason: fate.reason });
    // A component that starts, now or later, starts with everything that the new model says.
    if (fate.kind !== "keep" || child.state !== "alive") continue;
    const { down, up } = quotaChanges(old, node);
    if (down) downgrades.push(down);
    if (up) upgrades.push(up);
    if (!isDeepStrictEqual(old.config, node.config)) updates.push({ kind: "config", child: name });
    const now = liveSettings.filter((key) => !isDeepStrictEqual(old[key], node[key]));
    const later = startSettings.filter((key) => !isDeepStrictEqual(old[key], node[key]));
    if (now.length + later.length > 0) updates.push({ kind: "settings", child: name, now, later });
  }

  const changed = systemSettings.filter((key) => !isDeepStrictEqual(before[key], after[key]));
  const system: Action[] = changed.length > 0 ? [{ kind: "system", changed }] : [];
  // What stops or shrinks frees the quota that what starts or grows needs.
  return [...system, ...stops, ...provides, ...downgrades, ...starts, ...updates, ...upgrades];
}

export type { Route };
