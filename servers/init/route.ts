/**
 * Routes: the rules by which a component's session requests find a server. This file holds their normal form,
 * and how a system file writes them.
 *
 * The short form is an object. A key is a service, `*` for any, and optionally a label; a value is one target, or
 * several separated by ` | ` that are tried in order:
 *
 *     "route": {
 *       "Timer": "timer",                         // the child "timer"
 *       "ROM config": "parent",                   // the label is exactly "config"
 *       "ROM * -> theme": "report-rom",           // the last element of the label is "theme"
 *       "ROM *.png": "images | parent",           // the label ends with ".png"
 *       "File_system home": "vfs: * -> /home/",   // another resource, for the server to see
 *       "LOG": "log: shell -> *",                 // another identity
 *       "*": "default"                            // the rules of "defaultRoute" from here on
 *     }
 *
 * The long form is a list of `{ service, label..., to }`. Both yield the same rules, in the order written.
 */
import { labelSeparator, nameProblem } from "../../base/label.js";
import { selectorFields } from "../../base/policy.js";
import {
  described,
  type Infer,
  type JsonSchema,
  type Path,
  type Problem,
  reject,
  rejectKey,
  s,
  shown,
} from "../../base/schema.js";

/** What the label of a request must be. All selectors that are there must match; none at all matches every label. */
export interface RouteSelectors {
  /** These four compare with the label as the child gave it. */
  readonly label?: string;
  readonly labelPrefix?: string;
  readonly labelSuffix?: string;
  readonly labelLast?: string;
  /** Compares with the full label, the child's name in front; excludes the others. */
  readonly unscopedLabel?: string;
}

/** How the server sees the label. Either `label` alone, or any of the others. */
export interface LabelRewrite {
  /** Replaces the whole label. */
  readonly label?: string;
  /** Replaces everything before the last element. */
  readonly identity?: string;
  /** Replaces the last element. */
  readonly resource?: string;
  /** Stands directly before the last element, as a directory before a path. */
  readonly prependResource?: string;
}

export type RouteTarget = { readonly rewrite: LabelRewrite } & (
  | { readonly kind: "parent" }
  | { readonly kind: "any-child" }
  | { readonly kind: "child"; readonly name: string }
);

export interface RouteRule {
  /** A service name, or `*` for any. */
  readonly service: string;
  readonly selectors: RouteSelectors;
  readonly to: readonly RouteTarget[];
  /** Where the system file has it. */
  readonly path: Path;
}

/** A route as written: where an entry is "default", the rules of `defaultRoute` take its place. */
export type WrittenRoute = readonly (RouteRule | { readonly inherit: Path })[];

export const servicePattern = "^[A-Za-z][A-Za-z0-9_]{0,31}$";
const serviceExpression = new RegExp(servicePattern);
/** Names that a route target gives another meaning. */
export const reservedNames: readonly string[] = ["parent", "any-child", "default"];

const rewriteFields = {
  label: s.label({ doc: "The whole label that the server sees." }).optional(),
  identity: s.label({ doc: "What the server sees before the last element of the label." }).optional(),
  resource: s.label({ doc: "What the server sees as the last element of the label." }).optional(),
  prependResource: s.label({ doc: "What the server sees directly before the last element of the label." }).optional(),
} as const;
const target = s.union([
  s.object({
    parent: s.literal(true, { doc: "The parent of this init, for services in `parentProvides`." }),
    ...rewriteFields,
  }),
  s.object({ child: s.string({ doc: "A child or an alias of one." }), ...rewriteFields }),
  s.object({ anyChild: s.literal(true, { doc: "The only child that provides the service." }), ...rewriteFields }),
]);
const longTarget = s.named("route-target", () => target);
const longRule = s.object({
  service: s.string({ doc: "A service name, or `any`." }),
  ...selectorFields,
  unscopedLabel: s
    .label({ doc: "Matches exactly this label with the child's own name in front; excludes the other selectors." })
    .optional(),
  to: s.union([s.string(), longTarget, s.array(s.union([s.string(), longTarget]), { min: 1, max: 16 })], {
    doc: "Targets, tried in order: `parent`, `any-child`, a child's name, or an object with `parent`, `child` or `anyChild` and what the server sees as label.",
  }),
});

function rewriteOf(written: LabelRewrite, path: Path, problems: Problem[]): LabelRewrite {
  const { label, identity, resource, prependResource } = written;
  if (label !== undefined && (identity ?? resource ?? prependResource) !== undefined)
    reject(
      problems,
      path,
      `"label" replaces the whole label: "identity", "resource" and "prependResource" cannot stand beside it`,
    );
  return {
    ...(label !== undefined && { label }),
    ...(identity !== undefined && { identity }),
    ...(resource !== undefined && { resource }),
    ...(prependResource !== undefined && { prependResource }),
  };
}

/** `name` or `name: LABEL`, where `*` in LABEL stands for what is kept. */
function shortTarget(text: string, path: Path, problems: Problem[]): RouteTarget {
  const colon = text.indexOf(":");
  const name = (colon < 0 ? text : text.slice(0, colon)).trim();
  const label = colon < 0 ? undefined : text.slice(colon + 1).trim();
  let rewrite: LabelRewrite = {};
  if (label === "") reject(problems, path, `Expected a label after ":" in ${shown(text)}`);
  else if (label?.startsWith(`*${labelSeparator}`)) rewrite = { resource: label.slice(1 + labelSeparator.length) };
  else if (label?.endsWith(`${labelSeparator}*`)) rewrite = { identity: label.slice(0, -1 - labelSeparator.length) };
  else if (label !== undefined) rewrite = { label };
  if (Object.values(rewrite).some((part: string) => part.includes("*")))
    reject(problems, path, `Expected one "*", as first or last element of the label in ${shown(text)}`);
  if (name === "parent" || name === "any-child") return { kind: name, rewrite };
  const problem = nameProblem(name);
  if (problem !== undefined)
    reject(problems, path, `Expected "parent", "any-child" or the name of a child: ${problem}`);
  return { kind: "child", name, rewrite };
}

function shortTargets(text: string, path: Path, problems: Problem[]): RouteTarget[] {
  return text.split("|").map((part) => shortTarget(part.trim(), path, problems));
}

function targetsOf(written: Infer<typeof longRule>["to"], path: Path, problems: Problem[]): RouteTarget[] {
  const list: readonly (string | Infer<typeof longTarget>)[] = Array.isArray(written)
    ? written
    : [written as string | Infer<typeof longTarget>];
  return list.flatMap((target, index) => {
    const at = Array.isArray(written) ? [...path, index] : path;
    if (typeof target === "string") return shortTargets(target, at, problems);
    const rewrite = rewriteOf(target, at, problems);
    if ("parent" in target) return { kind: "parent", rewrite };
    if ("anyChild" in target) return { kind: "any-child", rewrite };
    return { kind: "child", name: target.child, rewrite };
  });
}

/** The label pattern of a short rule: exact, or with one `*` at its start or end. */
function selectorsOf(pattern: string, path: Path, problems: Problem[]): RouteSelectors {
  if (pattern === "") return {};
  const starFirst = pattern.startsWith("*");
  const starLast = pattern.endsWith("*");
  const rest = pattern.slice(starFirst ? 1 : 0, starLast ? -1 : undefined);
  if (rest.includes("*") || (starFirst && starLast)) {
    rejectKey(
      problems,
      path,
      `A label has at most one "*", at its start or end: ${shown(pattern)} (the long form combines selectors)`,
    );
    return {};
  }
  if (starFirst && rest.startsWith(labelSeparator)) {
    const last = rest.slice(labelSeparator.length);
    return last.includes(labelSeparator) ? { labelSuffix: rest } : { labelLast: last };
  }
  if (starFirst) return { labelSuffix: rest };
  if (starLast) return { labelPrefix: rest };
  return { label: rest };
}

function shortRule(key: string, value: unknown, path: Path, problems: Problem[]): WrittenRoute[number] | undefined {
  const space = key.indexOf(" ");
  const service = space < 0 ? key : key.slice(0, space);
  if (service !== "*" && !serviceExpression.test(service))
    rejectKey(problems, path, `Expected a service name or "*", not ${shown(service)}`);
  if (value === "default") {
    if (key === "*") return { inherit: path };
    return reject(problems, path, `Only "*" can take over the default route`);
  }
  if (typeof value === "string")
    return {
      service,
      selectors: selectorsOf(space < 0 ? "" : key.slice(space + 1).trim(), path, problems),
      to: shortTargets(value, path, problems),
      path,
    };
  const to = longRule.fields.to.parse(value, path, problems);
  if (to === undefined) return undefined;
  return {
    service,
    selectors: selectorsOf(space < 0 ? "" : key.slice(space + 1).trim(), path, problems),
    to: targetsOf(to, path, problems),
    path,
  };
}

function fullRule(written: unknown, path: Path, problems: Problem[]): RouteRule | undefined {
  const before = problems.length;
  const rule = longRule.parse(written, path, problems);
  if (problems.length > before) return undefined;
  const { label, labelPrefix, labelSuffix, labelLast, unscopedLabel } = rule;
  const selectors: RouteSelectors = {
    ...(label !== undefined && { label }),
    ...(labelPrefix !== undefined && { labelPrefix }),
    ...(labelSuffix !== undefined && { labelSuffix }),
    ...(labelLast !== undefined && { labelLast }),
    ...(unscopedLabel !== undefined && { unscopedLabel }),
  };
  if (unscopedLabel !== undefined && Object.keys(selectors).length > 1)
    reject(problems, path, `"unscopedLabel" compares with the full label: no other selector can stand beside it`);
  if (rule.service !== "any" && !serviceExpression.test(rule.service))
    reject(problems, [...path, "service"], `Expected a service name or "any", not ${shown(rule.service)}`);
  return {
    service: rule.service === "any" ? "*" : rule.service,
    selectors,
    to: targetsOf(rule.to, [...path, "to"], problems),
    path,
  };
}

/** The schema of a route in either form. */
export function route(options: { readonly doc: string; readonly default?: object }) {
  return described<WrittenRoute>(
    {
      type: "route",
      matches: (value) => typeof value === "object" && value !== null,
      parse(value, path, problems) {
        if (Array.isArray(value))
          return value.flatMap((rule: unknown, index) => fullRule(rule, [...path, index], problems) ?? []);
        if (typeof value !== "object" || value === null)
          return reject(
            problems,
            path,
            `Expected an object such as { "Timer": "timer", "*": "parent" }, not ${shown(value)}`,
          );
        return Object.entries(value).flatMap(([key, target]) => shortRule(key, target, [...path, key], problems) ?? []);
      },
      jsonSchema: (definitions): JsonSchema => {
        definitions["route"] ??= {
          anyOf: [
            {
              type: "object",
              propertyNames: { pattern: "^(\\*|[A-Za-z][A-Za-z0-9_]*)( .+)?$" },
              additionalProperties: longRule.fields.to.jsonSchema(definitions),
            },
            { type: "array", items: longRule.jsonSchema(definitions) },
          ],
        };
        return { $ref: "#/$defs/route" };
      },
    },
    options,
  );
}

/** The long form's schema, for its documentation. */
export const routeRule = longRule;
export const routeTarget = target;

/** Selectors as the short form writes them. */
export function selectorText(selectors: RouteSelectors): string {
  const parts: string[] = [];
  if (selectors.label !== undefined) parts.push(selectors.label);
  if (selectors.labelPrefix !== undefined) parts.push(`${selectors.labelPrefix}*`);
  if (selectors.labelSuffix !== undefined) parts.push(`*${selectors.labelSuffix}`);
  if (selectors.labelLast !== undefined) parts.push(`*${labelSeparator}${selectors.labelLast}`);
  if (selectors.unscopedLabel !== undefined) parts.push(`(unscoped) ${selectors.unscopedLabel}`);
  return parts.join(" & ");
}

/** A target as the short form writes it. */
export function targetText(target: RouteTarget): string {
  const { label, identity, resource, prependResource } = target.rewrite;
  const name = target.kind === "child" ? target.name : target.kind;
  if (label !== undefined) return `${name}: ${label}`;
  if (identity === undefined && resource === undefined && prependResource === undefined) return name;
  return `${name}: ${identity ?? "*"}${labelSeparator}${prependResource ?? ""}${resource ?? "*"}`;
}

/** A rule as one line, for `bulkhead explain` and messages. */
export function ruleText(rule: RouteRule): string {
  const label = selectorText(rule.selectors);
  return `${rule.service}${label === "" ? "" : ` ${label}`}: ${rule.to.map(targetText).join(" | ")}`;
}
