/**
 * Where a session request of a child goes. Pure: the same model, child, service and label always yield the same
 * answer, and with it every step of the way, for `bulkhead explain` and for denials.
 */
import type { DenialStep } from "../../base/denial.js";
import { labelPrefix, lastElement, prefixed } from "../../base/label.js";
import { selectPolicy } from "../../base/policy.js";
import type { Path } from "../../base/schema.js";
import { aliased, type StartNode, type SystemModel } from "./config.js";
import {
  type LabelRewrite,
  type RouteRule,
  type RouteSelectors,
  type RouteTarget,
  ruleText,
  selectorText,
  targetText,
} from "./route.js";

export type Provider =
  | { readonly kind: "parent" }
  | { readonly kind: "child"; readonly name: string }
  /** Init itself: the inline config. */
  | { readonly kind: "local" };

/** Where a request was refused: by the routes of the child, or by the policies of an exported service. */
export type DenialStage = Exclude<DenialStep["stage"], "server">;

export interface Route {
  readonly kind: "route";
  readonly provider: Provider;
  /** The label as the server sees it. */
  readonly label: string;
  /** The rule that decided, as text. */
  readonly rule: string;
  readonly path: Path | undefined;
}

export interface Denial {
  readonly kind: "denied";
  readonly stage: DenialStage;
  /** The rule that decided; undefined when none matched. */
  readonly rule: string | undefined;
  readonly path: Path | undefined;
  /** The component whose request was refused. */
  readonly component: string;
  readonly reason: string;
}

export type Resolution = Route | Denial;

/** One rule on the way to a decision. */
export interface Step {
  readonly rule: string;
  /** Undefined for built-in rules. */
  readonly path: Path | undefined;
  /** `skipped`: did not match. `failed`: matched, no target can serve; the search goes on. `denied`: likewise, and ends. */
  readonly outcome: "skipped" | "taken" | "failed" | "denied";
  readonly reason: string;
  readonly targets: readonly { readonly target: string; readonly taken: boolean; readonly reason: string }[];
}

export interface Explanation {
  readonly component: string;
  readonly service: string;
  /** The full label: the component's name, and what it asked for. */
  readonly label: string;
  readonly resolution: Resolution;
  readonly steps: readonly Step[];
}

/** Undefined when the selectors match, else why not. */
function mismatch(selectors: RouteSelectors, scopedLabel: string, fullLabel: string): string | undefined {
  const { label, labelPrefix: prefix, labelSuffix: suffix, labelLast, unscopedLabel } = selectors;
  if (unscopedLabel !== undefined)
    return fullLabel === unscopedLabel ? undefined : `the full label is "${fullLabel}", not "${unscopedLabel}"`;
  if (label !== undefined && scopedLabel !== label) return `the label is "${scopedLabel}", not "${label}"`;
  if (prefix !== undefined && !scopedLabel.startsWith(prefix))
    return `the label "${scopedLabel}" does not begin with "${prefix}"`;
  if (suffix !== undefined && !scopedLabel.endsWith(suffix))
    return `the label "${scopedLabel}" does not end with "${suffix}"`;
  if (labelLast !== undefined && lastElement(scopedLabel) !== labelLast)
    return `the last element of the label is "${lastElement(scopedLabel)}", not "${labelLast}"`;
  return undefined;
}

/** The label that the server sees. `label` is what the child `name` asked for. */
export function rewritten(rewrite: LabelRewrite, name: string, label: string): string {
  if (rewrite.label !== undefined) return rewrite.label;
  const identity = rewrite.identity ?? prefixed(name, labelPrefix(label));
  const resource = (rewrite.prependResource ?? "") + (rewrite.resource ?? lastElement(label));
  return prefixed(identity, resource);
}

type Found =
  | { readonly provider: Provider; readonly reason: string }
  | { readonly provider: undefined; readonly reason: string; readonly final?: true };

function provider(model: SystemModel, component: string, service: string, target: RouteTarget): Found {
  if (target.kind === "parent") {
    if (model.parentProvides.includes(service))
      return { provider: { kind: "parent" }, reason: `the parent provides "${service}"` };
    return { provider: undefined, reason: `"parentProvides" does not list "${service}"` };
  }
  if (target.kind === "child") {
    const name = aliased(model, target.name);
    const node = model.start.get(name);
    const known = name === target.name ? `"${name}"` : `"${target.name}", which stands for "${name}",`;
    if (node === undefined) return { provider: undefined, reason: `there is no child ${known.replace(/,$/, "")}` };
    if (!node.provides.includes(service))
      return { provider: undefined, reason: `${known} does not provide "${service}"` };
    return { provider: { kind: "child", name }, reason: `${known} provides "${service}"` };
  }
  // A component is no server of its own: it would wait for itself.
  const providers = [...model.start.values()].filter(
    (node) => node.name !== component && node.provides.includes(service),
  );
  const [only, second] = providers;
  if (only === undefined) return { provider: undefined, reason: `no other child provides "${service}"` };
  if (second !== undefined)
    return {
      provider: undefined,
      final: true,
      reason: `several children provide "${service}": ${providers.map((node) => `"${node.name}"`).join(", ")}; name one of them`,
    };
  return { provider: { kind: "child", name: only.name }, reason: `"${only.name}" provides "${service}"` };
}

/**
 * Resolves a request, with every step.
 * @param label What the child asked for, without its own name.
 */
export function explain(model: SystemModel, child: string, service: string, label: string): Explanation {
  const steps: Step[] = [];
  const node = model.start.get(child);
  const full = prefixed(child, label);
  const answer = (resolution: Resolution): Explanation => ({
    component: child,
    service,
    label: full,
    resolution,
    steps,
  });
  const deny = (rule: RouteRule | undefined, reason: string): Explanation =>
    answer({
      kind: "denied",
      stage: "route",
      rule: rule && ruleText(rule),
      path: rule?.path,
      component: child,
      reason,
    });
  if (node === undefined) return deny(undefined, `there is no child "${child}"`);

  if (service === "ROM") {
    const rule = "(built in) ROM config: the inline config";
    const applies = label === "config" && node.config !== undefined;
    steps.push({
      rule,
      path: undefined,
      outcome: applies ? "taken" : "skipped",
      reason: applies ? "init serves it" : 'only for the label "config", of a component with an inline config',
      targets: [],
    });
    if (applies) return answer({ kind: "route", provider: { kind: "local" }, label: full, rule, path: undefined });
  }

  // A component asks for its binary by its own name; rules and server see the name of the binary.
  const wanted = service === "ROM" && label === child ? node.binary : label;
  if (wanted !== label)
    steps.push({
      rule: `(built in) ROM ${child}: the binary "${wanted}"`,
      path: undefined,
      outcome: "skipped",
      reason: `the rules below look for "${wanted}"`,
      targets: [],
    });
  const wantedFull = prefixed(child, wanted);

  for (const rule of node.route) {
    const step = { rule: ruleText(rule), path: rule.path };
    const any = rule.service === "*";
    if (!any && rule.service !== service) {
      steps.push({ ...step, outcome: "skipped", reason: `it is for "${rule.service}"`, targets: [] });
      continue;
    }
    const why = mismatch(rule.selectors, wanted, wantedFull);
    if (why !== undefined) {
      steps.push({ ...step, outcome: "skipped", reason: why, targets: [] });
      continue;
    }
    const reason = `${any ? "any service" : `the service is "${service}"`}${selectorText(rule.selectors) === "" ? "" : " and the label matches"}`;
    const targets: { target: string; taken: boolean; reason: string }[] = [];
    let final = !any;
    for (const target of rule.to) {
      const found = provider(model, child, service, target);
      targets.push({ target: targetText(target), taken: found.provider !== undefined, reason: found.reason });
      if (found.provider !== undefined) {
        steps.push({ ...step, outcome: "taken", reason, targets });
        return answer({
          kind: "route",
          provider: found.provider,
          label: rewritten(target.rewrite, child, wanted),
          rule: step.rule,
          path: rule.path,
        });
      }
      if ("final" in found) {
        final = true;
        break;
      }
    }
    steps.push({ ...step, outcome: final ? "denied" : "failed", reason, targets });
    if (final)
      return deny(rule, targets.length === 0 ? "the rule has no target" : targets.map((one) => one.reason).join("; "));
  }
  return deny(
    undefined,
    node.route.length === 0
      ? `"${child}" has no route`
      : `no rule of the route of "${child}" leads to "${service}"${wanted === "" ? "" : ` for the label "${wanted}"`}`,
  );
}

/** Where a request goes. @param label What the child asked for, without its own name. */
export function resolve(model: SystemModel, child: string, service: string, label: string): Resolution {
  return explain(model, child, service, label).resolution;
}

/** Which child serves a session that the parent of this init asks for. @param label The client's full label. */
export function resolveExport(model: SystemModel, service: string, label: string): Resolution {
  const deny = (reason: string, path?: Path): Denial => ({
    kind: "denied",
    stage: "export",
    rule: undefined,
    path,
    component: label,
    reason,
  });
  const exported = model.services.get(service);
  if (exported === undefined) return deny(`no child's "${service}" is offered: "services" does not list it`);
  const { policy, reason } = selectPolicy(exported.policies, label, exported.fallback);
  if (policy === undefined) return deny(reason, ["services", service]);
  const found = provider(model, "", service, { kind: "child", name: policy.child, rewrite: {} });
  if (found.provider === undefined) return deny(found.reason, policy.path);
  return {
    kind: "route",
    provider: found.provider,
    label: policy.as ?? label,
    rule: `services.${service}: ${reason}`,
    path: policy.path,
  };
}
