/** The options of the log. */
import { type Infer, s } from "../../base/schema.js";

export const configSchema = s.object({
  console: s.boolean({ default: true, doc: "Whether lines go on to the log of the parent." }),
  timestamps: s.boolean({ default: false, doc: "Whether lines start with the seconds since the machine started." }),
  files: s
    .object(
      {
        grants: s.array(s.string({ maxBytes: 32, doc: "Name of a grant: a `file` with `write`." }), {
          min: 2,
          max: 16,
          doc: "Files that are filled in turn, each after the other; the oldest is emptied for it.",
        }),
        size: s.size({ min: 4096, default: "1M", doc: "Most bytes of one file." }),
      },
      { doc: "Where lines are kept." },
    )
    .optional(),
  pending: s.integer({
    min: 1,
    max: 65_536,
    default: 512,
    doc: "Lines of one client that wait to be written; more are dropped, and their number is logged.",
  }),
});
export type LogConfig = Infer<typeof configSchema>;
