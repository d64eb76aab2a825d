/**
 * Labels: who asks for a session, and what for.
 *
 * Each parent puts the child's name before the label that the child gave, so a label reads from the outside
 * in: `shell -> editor -> config` is the resource `config` that `editor` asks for, a child of `shell`.
 */

/** Joins the elements of a label. */
export const labelSeparator = " -> ";
/** A label's longest form, in bytes of UTF-8, with the prefixes of every parent. */
export const maxLabelBytes = 256;

const encoder = new TextEncoder();

/** The label that a parent shows for a session of its child `name`: `name -> label`; an empty part has no separator. */
export function prefixed(name: string, label: string): string {
  return name === "" || label === "" ? name + label : `${name}${labelSeparator}${label}`;
}

/** The elements of a label, outermost first. An empty label has none. */
export function labelElements(label: string): string[] {
  return label === "" ? [] : label.split(labelSeparator);
}

/** The last element: the resource, such as a ROM's name. */
export function lastElement(label: string): string {
  const at = label.lastIndexOf(labelSeparator);
  return at < 0 ? label : label.slice(at + labelSeparator.length);
}

/** Everything before the last element: the identity of who asks. Empty for a label of one element. */
export function labelPrefix(label: string): string {
  const at = label.lastIndexOf(labelSeparator);
  return at < 0 ? "" : label.slice(0, at);
}

/**
 * `label` as the component `name` sees it: without its own name in front. Undefined when the label is not
 * from inside that component.
 */
export function scoped(name: string, label: string): string | undefined {
  if (label === name) return "";
  const prefix = name + labelSeparator;
  return label.startsWith(prefix) ? label.slice(prefix.length) : undefined;
}

/** Why `label` is no label, or undefined when it is one. */
export function labelProblem(label: string): string | undefined {
  const bytes = encoder.encode(label).length;
  if (bytes > maxLabelBytes) return `a label has at most ${maxLabelBytes} bytes, this one has ${bytes}`;
  // A label appears in logs and state reports: a line break or escape sequence in it would forge their lines.
  if (/[\p{Control}\u2028\u2029]/u.test(label)) return "a label has no control characters";
  if (/\p{Surrogate}/u.test(label)) return "a label is well-formed Unicode";
  return undefined;
}

/** The name of a component: one element of a label, so it holds no separator; also a path element. */
export const namePattern = "^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,63}$";
const nameExpression = new RegExp(namePattern);

export function nameProblem(name: string): string | undefined {
  return nameExpression.test(name)
    ? undefined
    : `${JSON.stringify(name)} is no name: use 1 to 64 letters, digits, "_", ".", "+" or "-", starting with a letter, digit or "_"`;
}
