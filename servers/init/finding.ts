/** What the checks of a system file find. */
import type { Path } from "../../base/schema.js";

export type Severity = "error" | "warning";

export interface Finding {
  readonly severity: Severity;
  readonly rule: LintRule;
  readonly path: Path;
  readonly at?: "key";
  readonly message: string;
}

export const lintRules = {
  "dangling-target": "A route, alias or exported service names a child that does not exist.",
  "unprovided-service": "A route leads to a child that does not provide the service.",
  "parent-lacks-service": "A route leads to the parent, which `parentProvides` does not offer the service from.",
  "unreachable-rule": "A rule of a route comes after one that decides every request it could match.",
  "alias-collision": "An alias has the name of a child.",
  "unused-alias": "No route mentions an alias.",
  "unroutable-binary": "The route of a component leads nowhere for its own binary.",
  "component-config": "An inline config violates the schema of its component.",
  "start-cycle": "Components route to each other in a circle; if each needs the next to start, none does.",
  "self-route": "A component routes a service to itself.",
  "ambiguous-provider": "A route leads to any child, and several provide the service.",
  "over-committed-quota": "The quotas of the components and of init exceed what there is.",
  "unused-policy": "A policy never applies.",
  "useless-heartbeat": "A component has a heartbeat, and the system has none.",
  "affinity-outside": "An affinity does not lie within the affinity space.",
  "priority-outside": "A priority is below the lowest level.",
  "contended-grant": "Two components are granted what only one can hold.",
  "unknown-grant": "A grant takes over another one that the file does not define.",
} as const;
export type LintRule = keyof typeof lintRules;

/** How a check tells what it found. */
export type Report = (rule: LintRule, severity: Severity, path: Path, message: string, at?: "key") => void;
