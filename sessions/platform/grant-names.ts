/** How servers list their grants: in pages, since a reply is small. */

/** Names of one page; the definition bounds them too. */
const pageLength = 8;

/** The names after `after`, in the order of their characters' numbers, as many as one reply holds. */
export function namesAfter(after: string, names: Iterable<string>): string[] {
  return [...names]
    .filter((name) => name > after)
    .sort((one, other) => (one < other ? -1 : 1))
    .slice(0, pageLength);
}
