/** The options of the event filter: a tree of filters, whose leaves are inputs and whose root is the output. */
import { selectorFields } from "../../base/policy.js";
import { described, type Infer, reject, type Schema, s } from "../../base/schema.js";
import { type FilterName, filterKinds, filterNames } from "./filters/index.js";

/** Filters within filters, and ROMs that include ROMs, go so deep. */
export const deepestNesting = 12;

type Values = Readonly<Record<string, unknown>>;

/** A filter of one kind: what it was told, and whose events it takes. */
export interface FilterSettings {
  readonly kind: FilterName;
  readonly options: Values;
  readonly lists: Values;
  /** ROMs that add to the lists. */
  readonly include: readonly string[];
  readonly input: FilterNode;
}

export type FilterNode =
  | { readonly input: string }
  | { readonly merge: readonly FilterNode[] }
  | { readonly filter: FilterSettings };

const romName = s.string({ maxBytes: 64, pattern: "^[^/\\0]+$" });
const include = s.array(romName, {
  max: 32,
  default: [],
  doc: "ROMs whose documents add to the lists and tables here. What stands here comes after them.",
});
const inputName = s.string({ maxBytes: 32, pattern: "^[^\\0]+$" });

type Written = Values & { readonly include: readonly string[]; readonly input: FilterNode };

/** `{ ..., "input": ... }`, behind the name of the filter. */
function settingsSchema(kind: FilterName) {
  const { options, lists } = filterKinds[kind] as { options: Fields; lists: Fields };
  return s.object({ ...options, ...lists, include, input: node }).optional();
}

type Fields = Readonly<Record<string, Schema<unknown>>>;

const picked = (values: Values, fields: Fields): Values =>
  Object.fromEntries(Object.keys(fields).flatMap((name) => (name in values ? [[name, values[name]]] : [])));

/** A filter as it is written: an object of which one key is there. */
const written: Schema<Values> = s.named("filter", () =>
  s.object({
    input: inputName.doc("Events of the sessions whose policy says this name.").optional(),
    merge: s.array(node, { doc: "All events of several filters." }).optional(),
    ...Object.fromEntries(filterNames.map((kind) => [kind, settingsSchema(kind)])),
  }),
);

/** A filter and those below it; parsed, with its kind told apart from its settings. */
const node: Schema<FilterNode> = described<FilterNode>({
  type: "filter",
  matches: () => true,
  takesObjects: () => true,
  jsonSchema: (definitions) => written.jsonSchema(definitions),
  parse(value, path, problems) {
    const depth = path.filter((element) => element === "input" || element === "merge").length;
    if (depth > deepestNesting)
      return reject(problems, path, `Filters nest at most ${deepestNesting} deep: merge what is side by side`);
    const document = written.parse(value, path, problems);
    if (document === undefined) return document as never;
    const names = Object.keys(document);
    if (names.length !== 1)
      return reject(
        problems,
        path,
        `Expected one filter, or "input", or "merge", not ${names.length === 0 ? "none" : names.map((name) => `"${name}"`).join(" and ")}`,
      );
    if ("input" in document || "merge" in document) return document as FilterNode;
    const kind = names[0] as FilterName;
    const settings = document[kind] as Written | undefined;
    // What is wrong with it has been said.
    if (settings === undefined) return settings as never;
    const { options, lists } = filterKinds[kind];
    return {
      filter: {
        kind,
        options: picked(settings, options),
        lists: picked(settings, lists),
        include: settings.include,
        input: settings.input,
      },
    };
  },
});

export const configSchema = s.object({
  output: node,
  policies: s.array(s.object({ ...selectorFields, input: inputName.doc("The input that these sessions feed.") }), {
    default: [],
    doc: "Which session is which input; the most specific policy wins, and a session without one is denied.",
  }),
  force: s.boolean({
    default: false,
    doc: "Whether a new configuration comes into force at once, also while keys are held. They are released then.",
  }),
});
export type EventFilterConfig = Infer<typeof configSchema>;

/** What a ROM may hold that a filter of this kind includes: its lists and tables, and further ROMs. */
export function includedSchema(kind: FilterName) {
  return s.object({ ...(filterKinds[kind].lists as Fields), include });
}
