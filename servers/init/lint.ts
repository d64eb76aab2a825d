/**
 * What the schema cannot see: names that lead nowhere, rules that never apply, quota that is not there.
 *
 * An error is a mistake of the file; `bulkhead config check` and `up` refuse it. A running init applies such a
 * file nevertheless, since a manager may remove and add components in steps: who lacks a server stays incomplete.
 * A warning is legal, and probably not meant.
 */
import { suggestion } from "../../base/nearest.js";
import { type Amount, amountText, sum } from "../../base/quota.js";
import type { Problem } from "../../base/schema.js";
import type { ConfigParser } from "../../lib/config.js";
import { aliased, type SystemModel } from "./config.js";
import type { Finding, Report } from "./finding.js";
import { exclusiveObject } from "./grants.js";
import { lintBinaries, lintCycles, lintRoute, lintTargets } from "./lint-routes.js";

export interface LintOptions {
  /** What init itself has. Without it, over-committed quota cannot be found. */
  readonly available?: Amount;
  /** What checks a component's configuration, by the name of its binary. Inline configs without one go unchecked. */
  readonly configParser?: (binary: string) => ConfigParser<unknown> | undefined;
}

/** A component checks its config itself when it starts; here the mistake is shown in the file, at its line. */
function lintConfigs(model: SystemModel, configParser: NonNullable<LintOptions["configParser"]>, report: Report): void {
  for (const node of model.start.values()) {
    const parser = node.config === undefined ? undefined : configParser(node.binary);
    const problems: Problem[] = [];
    parser?.parse(node.config, ["start", node.name, "config"], problems);
    for (const { path, message, at } of problems) report("component-config", "error", path, message, at);
  }
}

function lintAliases(model: SystemModel, report: Report): void {
  const mentioned = new Set<string>();
  for (const rules of [model.defaultRoute, ...[...model.start.values()].map((node) => node.route)]) {
    for (const rule of rules) for (const target of rule.to) if (target.kind === "child") mentioned.add(target.name);
  }
  for (const service of model.services.values())
    for (const policy of [...service.policies, ...(service.fallback ? [service.fallback] : [])])
      mentioned.add(policy.child);
  for (const [alias, child] of Object.entries(model.alias)) {
    const path = ["alias", alias];
    if (model.start.has(alias))
      report(
        "alias-collision",
        "error",
        path,
        `"${alias}" is a child already: an alias shares the names of children`,
        "key",
      );
    else if (!model.start.has(child))
      report(
        "dangling-target",
        "error",
        path,
        `There is no child "${child}"${Object.hasOwn(model.alias, child) ? "; an alias stands for a child, not for another alias" : suggestion(child, model.start.keys())}`,
      );
    else if (!mentioned.has(alias))
      report("unused-alias", "warning", path, `No route mentions the alias "${alias}"`, "key");
  }
}

function lintExports(model: SystemModel, report: Report): void {
  for (const [service, { policies, fallback }] of model.services) {
    for (const policy of [...policies, ...(fallback ? [fallback] : [])]) {
      const node = model.start.get(aliased(model, policy.child));
      if (node === undefined)
        report(
          "dangling-target",
          "error",
          policy.path,
          `There is no child "${policy.child}"${suggestion(policy.child, model.start.keys())}`,
        );
      else if (!node.provides.includes(service))
        report(
          "unprovided-service",
          "error",
          policy.path,
          `"${node.name}" does not provide "${service}"${suggestion(service, node.provides)}`,
        );
    }
    for (const [index, policy] of policies.entries()) {
      const { label, labelPrefix, labelSuffix, labelLast } = policy;
      const key = JSON.stringify([label, labelPrefix, labelSuffix, labelLast].map((text) => text?.trim()));
      const twin = policies
        .slice(0, index)
        .some(
          (other) =>
            JSON.stringify(
              [other.label, other.labelPrefix, other.labelSuffix, other.labelLast].map((text) => text?.trim()),
            ) === key,
        );
      if (label === undefined && labelPrefix === undefined && labelSuffix === undefined && labelLast === undefined)
        report(
          "unused-policy",
          "error",
          policy.path,
          `This policy has no selector, and so never applies; "defaultPolicy" serves what no policy matches`,
        );
      else if (twin)
        report(
          "unused-policy",
          "error",
          policy.path,
          "This policy never applies: one before it has the same selectors",
        );
    }
    if (policies.length === 0 && fallback === undefined)
      report("unused-policy", "warning", ["services", service], `"${service}" has no policy: every session is denied`);
  }
}

/** The quota that a system needs: its components' and what init preserves. */
function committedQuota(model: SystemModel): Amount {
  const own = { ram: model.resources.ram.preserve, caps: model.resources.caps.preserve };
  return [...model.start.values()].reduce((total, node) => sum(total, { ram: node.ram, caps: node.caps }), own);
}

function lintResources(model: SystemModel, available: Amount | undefined, report: Report): void {
  const committed = committedQuota(model);
  if (available !== undefined && (committed.ram > available.ram || committed.caps > available.caps)) {
    report(
      "over-committed-quota",
      "error",
      ["start"],
      `The components and init need ${amountText(committed)}, and there are ${amountText(available)}`,
      "key",
    );
  }
  for (const node of model.start.values()) {
    const path = ["start", node.name];
    if (node.heartbeat !== undefined && model.heartbeat === undefined)
      report(
        "useless-heartbeat",
        "warning",
        [...path, "heartbeat"],
        `"${node.name}" is not probed: the system file has no "heartbeat" with a rate`,
        "key",
      );
    if (-node.priority >= model.prioLevels)
      report(
        "priority-outside",
        "warning",
        [...path, "priority"],
        `There ${model.prioLevels === 1 ? "is one priority level" : `are ${model.prioLevels} priority levels`}: ${node.priority} counts as ${1 - model.prioLevels}`,
      );
    const { affinity } = node;
    const space = model.affinitySpace;
    if (affinity === undefined) continue;
    if (space === undefined)
      report(
        "affinity-outside",
        "warning",
        [...path, "affinity"],
        `"${node.name}" runs on every CPU: there is no "affinitySpace"`,
        "key",
      );
    else if (affinity.x + affinity.width > space.width || affinity.y + affinity.height > space.height)
      report(
        "affinity-outside",
        "warning",
        [...path, "affinity"],
        `"${node.name}" runs on every CPU: its affinity exceeds the space of ${space.width} by ${space.height}`,
      );
  }
}

function lintGrants(model: SystemModel, report: Report): void {
  const holders = new Map<string, string>();
  for (const node of model.start.values()) {
    for (const [name, sources] of Object.entries(node.grants)) {
      for (const source of sources) {
        const path = ["start", node.name, "grants", name];
        if ("grant" in source && !Object.hasOwn(model.grants, source.grant))
          report(
            "unknown-grant",
            "warning",
            path,
            `The file defines no grant "${source.grant}"${suggestion(source.grant, Object.keys(model.grants))}; it is there only if this init was given one of that name`,
          );
        const object = exclusiveObject(source);
        if (object === undefined) continue;
        const holder = holders.get(object);
        if (holder !== undefined && holder !== node.name)
          report(
            "contended-grant",
            "error",
            path,
            `"${object}" is granted to "${holder}" already, and only one can hold it`,
          );
        else holders.set(object, node.name);
      }
    }
  }
}

/** All findings, in no particular order. */
export function lint(model: SystemModel, options: LintOptions = {}): Finding[] {
  const findings: Finding[] = [];
  const report: Report = (rule, severity, path, message, at) => {
    // The default route is part of many routes; what is wrong with it is said once.
    const known = findings.some(
      (finding) =>
        finding.rule === rule && finding.message === message && JSON.stringify(finding.path) === JSON.stringify(path),
    );
    if (!known) findings.push({ rule, severity, path, message, ...(at && { at }) });
  };
  lintRoute(model.defaultRoute, report);
  lintTargets(model, model.defaultRoute, undefined, report);
  for (const node of model.start.values()) {
    if (node.route === model.defaultRoute) continue;
    // A rule of the default route is often overridden on purpose; only the component's own rules are judged.
    const own = node.route.filter((rule) => rule.path[0] === "start");
    lintRoute(own, report);
    lintTargets(model, own, node.name, report);
  }
  lintBinaries(model, report);
  if (options.configParser) lintConfigs(model, options.configParser, report);
  lintAliases(model, report);
  lintCycles(model, report);
  lintExports(model, report);
  lintResources(model, options.available, report);
  lintGrants(model, report);
  return findings;
}
