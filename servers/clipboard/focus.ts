/** Who has the focus, by the report of a GUI server. */

/** The label in a document such as `{ "label": "terminal" }`; empty: nobody, or no such document. */
export function focusedLabel(text: string): string {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return "";
  }
  const { label } = (document ?? {}) as { label?: unknown };
  return typeof label === "string" ? label : "";
}
