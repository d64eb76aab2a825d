/**
 * Which policy of a server applies to a session: the one scorer that every server uses.
 *
 * A policy names labels by selectors, all of which must match. A policy without a selector never matches, so
 * that a misspelt selector shuts everybody out instead of letting everybody in. Among those that match, the most
 * specific wins: an exact label; then a prefix, the longer the better; then a suffix likewise. The last element
 * counts as the suffix that it is, separator included. Ties go to the policy that stands first.
 */
import { SessionError } from "./errors.js";
import { labelSeparator, lastElement } from "./label.js";
import { s } from "./schema.js";

/** The selectors of one policy. White space around them, and around the label, does not count. */
export interface Selectors {
  readonly label?: string;
  readonly labelPrefix?: string;
  readonly labelSuffix?: string;
  readonly labelLast?: string;
}

/** The fields of {@link Selectors}, to be spread into a policy's schema. */
export const selectorFields = {
  label: s.label({ doc: "Matches exactly this label." }).optional(),
  labelPrefix: s.label({ doc: "Matches labels that begin so. End it with ` ->` to mean a whole element." }).optional(),
  labelSuffix: s.label({ doc: "Matches labels that end so." }).optional(),
  labelLast: s.label({ doc: "Matches labels whose last element is this." }).optional(),
} as const;

/** How specific a match is; compared field by field, from the top. -1 is a selector that is not there. */
interface Rank {
  readonly exact: boolean;
  readonly prefix: number;
  readonly suffix: number;
}

/** What became of one policy. */
export interface Considered<Policy> {
  readonly policy: Policy;
  readonly matched: boolean;
  /** Why it matched or not, in words. */
  readonly reason: string;
}

export interface PolicyDecision<Policy> {
  /** Undefined: no policy applies, and the session is denied. */
  readonly policy: Policy | undefined;
  readonly reason: string;
  /** Every policy looked at, in order. */
  readonly considered: readonly Considered<Policy>[];
}

type Verdict = { readonly rank: Rank; readonly reason: string } | { readonly rank: undefined; readonly reason: string };

/** Whether the selectors match a label, and why. */
export function evaluate(selectors: Selectors, label: string): Verdict {
  const text = label.trim();
  const last = lastElement(text).trim();
  const matches: string[] = [];
  const mismatch = (reason: string): Verdict => ({ rank: undefined, reason });
  const exact = selectors.label?.trim();
  if (exact !== undefined) {
    if (text !== exact) return mismatch(`the label is not "${exact}"`);
    matches.push(`the label is "${exact}"`);
  }
  const prefix = selectors.labelPrefix?.trim();
  if (prefix !== undefined) {
    if (!text.startsWith(prefix)) return mismatch(`the label does not begin with "${prefix}"`);
    matches.push(`the label begins with "${prefix}"`);
  }
  const suffix = selectors.labelSuffix?.trim();
  if (suffix !== undefined) {
    if (!text.endsWith(suffix)) return mismatch(`the label does not end with "${suffix}"`);
    matches.push(`the label ends with "${suffix}"`);
  }
  const wantedLast = selectors.labelLast?.trim();
  if (wantedLast !== undefined) {
    if (last !== wantedLast) return mismatch(`the last element is "${last}", not "${wantedLast}"`);
    matches.push(`the last element is "${wantedLast}"`);
  }
  if (matches.length === 0) return mismatch("it has no selector, and so never matches");
  return {
    rank: {
      exact: exact !== undefined,
      prefix: prefix?.length ?? -1,
      suffix: Math.max(suffix?.length ?? -1, wantedLast === undefined ? -1 : wantedLast.length + labelSeparator.length),
    },
    reason: matches.join(" and "),
  };
}

function better(a: Rank, b: Rank): boolean {
  if (a.exact !== b.exact) return a.exact;
  if (a.prefix !== b.prefix) return a.prefix > b.prefix;
  return a.suffix > b.suffix;
}

/** The policy for a session of this label, `fallback` being the default policy, and how that was decided. */
export function selectPolicy<Policy extends Selectors>(
  policies: readonly Policy[],
  label: string,
  fallback?: Policy,
): PolicyDecision<Policy> {
  let best: { policy: Policy; rank: Rank; reason: string } | undefined;
  const considered = policies.map((policy): Considered<Policy> => {
    const { rank, reason } = evaluate(policy, label);
    if (rank !== undefined && (best === undefined || better(rank, best.rank))) best = { policy, rank, reason };
    return { policy, matched: rank !== undefined, reason };
  });
  if (best !== undefined) return { policy: best.policy, reason: best.reason, considered };
  if (fallback !== undefined)
    return { policy: fallback, reason: "no policy matches, so the default policy applies", considered };
  return {
    policy: undefined,
    reason: policies.length === 0 ? "there is no policy" : "no policy matches, and there is no default policy",
    considered,
  };
}

/**
 * The policy that a server gives to a session of `service` with this label.
 * @throws SessionError `Denied` when it has none
 */
export function policyFor<Policy>(
  { policies, defaultPolicy }: { readonly policies: readonly (Policy & Selectors)[]; readonly defaultPolicy?: Policy },
  service: string,
  label: string,
): Policy {
  const { policy = defaultPolicy, reason } = selectPolicy(policies, label);
  if (policy !== undefined) return policy;
  throw new SessionError(
    "Denied",
    `Cannot open a ${service} session for "${label}": ${reason}; add one for this label to the server's policies`,
  );
}
