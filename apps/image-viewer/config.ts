/** The options of the image viewer. */
import { type Infer, s } from "../../base/schema.js";

export const configSchema = s.object({
  source: s.enumeration(["rom", "grant"], {
    default: "rom",
    doc: "Where the picture comes from: the ROM module `image`, which is followed, or the granted file `image`.",
  }),
  width: s.integer({ min: 16, max: 8192, default: 640, doc: "Pixels of the window at first." }),
  height: s.integer({ min: 16, max: 8192, default: 480, doc: "Pixels of the window at first." }),
  mostPixels: s.integer({
    min: 1,
    default: 16_000_000,
    doc: "Larger pictures are not read: each pixel takes 5 bytes or more.",
  }),
});
export type ImageViewerConfig = Infer<typeof configSchema>;
