/** The layout as a document, by which it outlives its window manager. */
import { type Infer, s } from "../../base/schema.js";

const coordinate = (doc: string) => s.integer({ min: -32_768, max: 32_767, doc });
const side = (doc: string) => s.integer({ min: 1, max: 32_767, doc });

const rememberedWindow = s.object({
  label: s.label({ doc: "Of whom it is." }),
  lie: s.enumeration(["normal", "maximised", "left", "right"], {
    default: "normal",
    doc: "Whether it fills the screen.",
  }),
  normal: s.object(
    { x: coordinate("Left edge."), y: coordinate("Upper edge."), width: side("Width."), height: side("Height.") },
    { doc: "Its frame where it does not fill the screen." },
  ),
});
export type RememberedWindow = Infer<typeof rememberedWindow>;

export const layoutDocument = s.object({
  windows: s.array(rememberedWindow, {
    max: 256,
    default: [],
    doc: "From the front to the back, with those that are gone at their place.",
  }),
});
export type LayoutDocument = Infer<typeof layoutDocument>;
