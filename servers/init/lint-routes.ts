/** Checks of routes: names that lead nowhere, rules that never apply, circles. Part of lint.ts. */
import { suggestion } from "../../base/nearest.js";
import { aliased, type StartNode, type SystemModel } from "./config.js";
import type { Report } from "./finding.js";
import { type RouteRule, type RouteSelectors, ruleText } from "./route.js";
import { resolve } from "./routing.js";

/** Whether every label that `b` matches is matched by `a`. */
function covers(a: RouteSelectors, b: RouteSelectors): boolean {
  if (Object.keys(a).length === 0) return true;
  if (a.unscopedLabel !== undefined || b.unscopedLabel !== undefined) return a.unscopedLabel === b.unscopedLabel;
  if (a.label !== undefined && a.label !== b.label) return false;
  if (a.labelPrefix !== undefined && !(b.label ?? b.labelPrefix ?? "").startsWith(a.labelPrefix)) return false;
  if (a.labelSuffix !== undefined && !(b.label ?? b.labelSuffix ?? b.labelLast ?? "").endsWith(a.labelSuffix))
    return false;
  if (a.labelLast !== undefined && a.labelLast !== b.labelLast) return false;
  return true;
}

/** Whether a request that matches `earlier` never gets past it: a rule for one service denies when its targets fail. */
function shadows(earlier: RouteRule, later: RouteRule): boolean {
  if (earlier.service === "*")
    return (
      later.service === "*" &&
      covers(earlier.selectors, later.selectors) &&
      JSON.stringify(earlier.to) === JSON.stringify(later.to)
    );
  return earlier.service === later.service && covers(earlier.selectors, later.selectors);
}

export function lintRoute(rules: readonly RouteRule[], report: Report): void {
  for (const [index, rule] of rules.entries()) {
    const earlier = rules.slice(0, index).find((other) => shadows(other, rule));
    if (earlier !== undefined)
      report(
        "unreachable-rule",
        "error",
        rule.path,
        `This rule never applies: "${ruleText(earlier)}" before it decides all that it matches`,
        "key",
      );
  }
}

export function lintTargets(
  model: SystemModel,
  rules: readonly RouteRule[],
  component: string | undefined,
  report: Report,
): void {
  const names = [...model.start.keys(), ...Object.keys(model.alias)];
  for (const rule of rules) {
    const any = rule.service === "*";
    for (const target of rule.to) {
      if (target.kind === "parent") {
        if (!any && !model.parentProvides.includes(rule.service))
          report(
            "parent-lacks-service",
            "error",
            rule.path,
            `The parent does not provide "${rule.service}": "parentProvides" does not list it${suggestion(rule.service, model.parentProvides)}`,
          );
      } else if (target.kind === "any-child") {
        const providers = [...model.start.values()].filter(
          (node) => node.provides.includes(rule.service) && node.name !== component,
        );
        if (!any && providers.length > 1)
          report(
            "ambiguous-provider",
            "error",
            rule.path,
            `"${rule.service}" of any child is ambiguous: ${providers.map((node) => `"${node.name}"`).join(" and ")} provide it`,
          );
      } else {
        const name = aliased(model, target.name);
        const node = model.start.get(name);
        if (node === undefined)
          report(
            "dangling-target",
            "error",
            rule.path,
            `There is no child "${target.name}"${suggestion(target.name, names)}`,
          );
        else if (name === component && !any)
          report("self-route", "error", rule.path, `"${name}" cannot be its own server`);
        else if (!any && !node.provides.includes(rule.service))
          report(
            "unprovided-service",
            "error",
            rule.path,
            `"${name}" does not provide "${rule.service}"${suggestion(rule.service, node.provides)}`,
          );
      }
    }
  }
}

/** Children that a component's rules name for a certain service: what it probably needs to start. */
function needs(model: SystemModel, node: StartNode): Set<string> {
  const needed = new Set<string>();
  for (const rule of node.route) {
    const first = rule.to[0];
    if (rule.service === "*" || first === undefined) continue;
    if (first.kind === "child" && model.start.has(aliased(model, first.name))) needed.add(aliased(model, first.name));
    if (first.kind === "any-child") {
      const [only, second] = [...model.start.values()].filter(
        (other) => other !== node && other.provides.includes(rule.service),
      );
      if (only !== undefined && second === undefined) needed.add(only.name);
    }
  }
  needed.delete(node.name);
  return needed;
}

/** Each circle once, beginning with its component that stands first in the file. */
export function lintCycles(model: SystemModel, report: Report): void {
  const done = new Set<string>();
  const onPath: string[] = [];
  function visit(node: StartNode): void {
    onPath.push(node.name);
    for (const next of needs(model, node)) {
      const at = onPath.indexOf(next);
      if (at >= 0) {
        const circle = [...onPath.slice(at), next].map((name) => `"${name}"`).join(" -> ");
        report(
          "start-cycle",
          "warning",
          ["start", next],
          `Components route to each other in a circle: ${circle}; if each waits for its session before it announces, none starts`,
          "key",
        );
      } else if (!done.has(next)) visit(model.start.get(next) as StartNode);
    }
    onPath.pop();
    done.add(node.name);
  }
  for (const node of model.start.values()) if (!done.has(node.name)) visit(node);
}

/** Without its binary a component never starts; the answer depends on the whole route, the default one included. */
export function lintBinaries(model: SystemModel, report: Report): void {
  for (const node of model.start.values()) {
    const resolution = resolve(model, node.name, "ROM", node.name);
    if (resolution.kind === "denied")
      report(
        "unroutable-binary",
        "error",
        ["start", node.name],
        `"${node.name}" cannot get its binary "${node.binary}" (ROM): ${resolution.reason}`,
        "key",
      );
  }
}
