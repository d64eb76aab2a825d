/**
 * The components of a state report as one list, those inside of nested inits behind their parents, for whoever shows
 * them. Imports nothing that a browser lacks.
 */
import { prefixed } from "../base/label.js";

interface TreeSession {
  readonly service: string;
  readonly label: string;
  readonly peer?: string;
}

interface TreeChild {
  readonly requested?: readonly TreeSession[];
  readonly provided?: readonly TreeSession[];
}

export interface ListedComponent<Child> {
  /** Its full label: `drivers -> keyboard`. */
  readonly name: string;
  /** How many inits it is inside of. */
  readonly depth: number;
  /** Labels and peers in it are full ones as well. */
  readonly child: Child;
}

/** The list, in the order of the report. A session that a component inside has at the outside is its own, not its parent's. */
export function componentTree<Child extends TreeChild & { readonly children?: Readonly<Record<string, Child>> }>(
  children: Readonly<Record<string, Child>>,
): ListedComponent<Child>[] {
  return listed(children, "", [], 0);
}

function same(one: TreeSession, other: TreeSession): boolean {
  return one.service === other.service && one.label === other.label;
}

function listed<Child extends TreeChild & { readonly children?: Readonly<Record<string, Child>> }>(
  children: Readonly<Record<string, Child>>,
  parent: string,
  outside: readonly TreeSession[],
  depth: number,
): ListedComponent<Child>[] {
  const full = (session: TreeSession): TreeSession => {
    const label = prefixed(parent, session.label);
    const peer =
      session.peer === undefined
        ? outside.find((one) => same(one, { ...session, label }))?.peer
        : prefixed(parent, session.peer);
    return { ...session, label, ...(peer !== undefined && { peer }) };
  };
  return Object.entries(children).flatMap(([ownName, child]) => {
    const name = prefixed(parent, ownName);
    const requested = child.requested?.map(full);
    const provided = child.provided?.map(full);
    const inside = listed(child.children ?? {}, name, requested ?? [], depth + 1);
    const isInside = (session: TreeSession): boolean =>
      inside.some(({ child: { requested: theirs = [] } }) => theirs.some((one) => same(one, session)));
    const own = {
      ...child,
      ...(requested && { requested: requested.filter((session) => !isInside(session)) }),
      ...(provided && { provided }),
    };
    return [{ name, depth, child: own }, ...inside];
  });
}
