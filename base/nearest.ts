/** Finds what somebody probably meant to write. */

/** `tx_buffer-size` and `txBufferSize` are the same word to a person. */
function folded(name: string): string {
  return name.replace(/[_\s-]/g, "").toLowerCase();
}

/** How many insertions, deletions, replacements and swaps of neighbours turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        (previous[column] as number) + 1,
        (current[column - 1] as number) + 1,
        (previous[column - 1] as number) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, (beforePrevious[column - 2] as number) + 1);
      }
      current.push(cost);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length] as number;
}

/** Names longer than this are not compared: the work grows with the product of both lengths. */
const longestName = 128;

/**
 * The candidate that is nearest to `name`, ignoring case and separators, or undefined when none is near:
 * at most a third of the longer name (and at least one character) may differ.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  if (name.length > longestName) return undefined;
  const wanted = folded(name);
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    if (candidate.length > longestName) continue;
    const other = folded(candidate);
    const distance = editDistance(wanted, other);
    const allowed = Math.max(1, Math.floor(Math.max(wanted.length, other.length) / 3));
    if (distance <= allowed && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** What to add to a message about an unknown name: `; did you mean "label"?`, or the names that are known. */
export function suggestion(name: string, candidates: Iterable<string>): string {
  const known = [...candidates];
  const near = nearest(name, known);
  if (near !== undefined) return `; did you mean "${near}"?`;
  if (known.length === 0) return "";
  const shown = known.slice(0, 12).map((candidate) => `"${candidate}"`);
  return `; known: ${shown.join(", ")}${known.length > shown.length ? ", ..." : ""}`;
}
