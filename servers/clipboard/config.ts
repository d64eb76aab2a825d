/** The options of the clipboard. */
import { selectorFields } from "../../base/policy.js";
import { type Infer, s } from "../../base/schema.js";

const domain = (doc: string) => s.string({ maxBytes: 64, doc });

export const configSchema = s.object({
  policies: s.array(s.object({ ...selectorFields, domain: domain("The domain of what has this label.") }), {
    default: [],
    doc: "Which domain a client belongs to, and whoever has the focus: the selectors match the labels of both.",
  }),
  flows: s.array(
    s.object({ from: domain("Where something is copied."), to: domain("Where it may be pasted, beside there.") }),
    { default: [], doc: "What may leave its domain." },
  ),
  focus: s.boolean({
    default: true,
    doc: "Whether only the domain that has the focus, as the ROM `focus` says, copies and pastes.",
  }),
  largest: s.size({ min: 1, default: "1M", doc: "Most bytes that are copied at once." }),
});
export type ClipboardConfig = Infer<typeof configSchema>;
