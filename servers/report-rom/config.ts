/** The options of report-rom. */
import { selectorFields } from "../../base/policy.js";
import { type Infer, s } from "../../base/schema.js";

export const configSchema = s.object({
  policies: s.array(
    s.object({
      ...selectorFields,
      report: s.label({ doc: "Label of the report that readers of this policy see, such as `driver -> state`." }),
    }),
    {
      default: [],
      doc: "Which ROM session sees which report; the selectors match the reader's label, module name included.",
    },
  ),
  largest: s.size({ min: 1, default: "1M", doc: "Most bytes of one report." }),
});
export type ReportRomConfig = Infer<typeof configSchema>;
