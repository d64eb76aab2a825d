/** Documentation of a schema as a Markdown table. */
import type { Schema } from "./schema-node.js";

export interface TableRow {
  /** Path from the top, such as `start.NAME.route[].service`. */
  readonly key: string;
  readonly type: string;
  /** As a document writes it, "required", or "" for an optional field. */
  readonly default: string;
  readonly doc: string;
}

function row(key: string, schema: Schema<unknown>): TableRow {
  const facts = schema.facts;
  let fallback = "required";
  if (schema.presence === "optional") fallback = "";
  else if (schema.presence === "defaulted") fallback = JSON.stringify(facts?.default);
  return { key, type: facts?.type ?? "any JSON", default: fallback, doc: facts?.doc ?? "" };
}

/** A shape without end would be a bug of the schema; a named shape has no parts here, so tables end there. */
function collect(prefix: string, schema: Schema<unknown>, rows: TableRow[]): void {
  for (const part of schema.facts?.parts() ?? []) {
    const key = `${prefix}${part.key}`.replace(/^\./, "");
    const inner = part.schema.facts?.parts() ?? [];
    // The entries of a list or record need a line of their own only when something is said about them.
    if (part.entry !== true || part.schema.facts?.doc !== undefined) {
      const line = row(key, part.schema);
      const entry = part.entry === true ? { ...line, default: "" } : line;
      if (!rows.some((known) => known.key === key && known.type === entry.type)) rows.push(entry);
    }
    if (inner.length > 0) collect(key, part.schema, rows);
  }
}

/** One row for each option of the schema, nested ones included. */
export function schemaRows(schema: Schema<unknown>): TableRow[] {
  const rows: TableRow[] = [];
  collect("", schema, rows);
  return rows;
}

/** Options of the schema that no `doc` describes. */
export function undocumented(schema: Schema<unknown>): string[] {
  return schemaRows(schema)
    .filter((entry) => entry.doc === "")
    .map((entry) => entry.key);
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

function code(text: string): string {
  return text === "" || text === "required" ? text : `\`${cell(text)}\``;
}

/** A Markdown table: key, type, default, meaning. */
export function schemaTable(schema: Schema<unknown>): string {
  const lines = schemaRows(schema).map(
    (entry) => `| \`${entry.key}\` | ${cell(entry.type)} | ${code(entry.default)} | ${cell(entry.doc)} |`,
  );
  return ["| Key | Type | Default | Meaning |", "|---|---|---|---|", ...lines, ""].join("\n");
}
