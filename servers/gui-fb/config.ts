/** The options of gui-fb. */
import { type Infer, s } from "../../base/schema.js";

const side = (doc: string) => s.integer({ min: -16_384, max: 16_384, default: 0, doc });

export const configSchema = s.object({
  title: s.string({ maxBytes: 64, default: "", doc: "Title of the view." }),
  x: side("Left edge; less than 0: so far from the right edge of the screen."),
  y: side("Upper edge; less than 0: so far from the lower edge of the screen."),
  width: side("Pixels; 0 or less: so much less than the screen's."),
  height: side("Pixels; 0 or less: so much less than the screen's."),
  initial: s
    .object(
      {
        width: s.integer({ min: 1, max: 16_384, doc: "Pixels." }),
        height: s.integer({ min: 1, max: 16_384, doc: "Pixels." }),
      },
      { doc: "The size at first, until a window manager or another screen says otherwise." },
    )
    .optional(),
});
export type GuiFbConfig = Infer<typeof configSchema>;
