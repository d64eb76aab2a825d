/** How the applications of the system look: colours and fonts that belong together. */
import { Font } from "./font.js";
import { FontFace } from "./font-face.js";
import { outlines as sans } from "./fonts/sans.generated.js";
import { outlines as sansBold } from "./fonts/sans-bold.generated.js";

export const colors = {
  background: 0x14171c,
  /** What lies on the background: bars, boxes. */
  panel: 0x1f242c,
  raised: 0x2b323d,
  border: 0x3a4350,
  text: 0xd8dee6,
  faint: 0x8a95a5,
  accent: 0x5a9de8,
  good: 0x8cc265,
  warning: 0xf2c14e,
  bad: 0xe0626b,
} as const;

// Pure: a component that uses none of these carries no font.
const plain = /* @__PURE__ */ new FontFace(sans);
const bold = /* @__PURE__ */ new FontFace(sansBold);

/** At 11, 15 and 22 pixels an em, heights of letters are nearly whole pixels, and so look sharp. */
export const fonts = {
  small: /* @__PURE__ */ new Font(plain, 11),
  text: /* @__PURE__ */ new Font(plain, 13),
  bold: /* @__PURE__ */ new Font(bold, 13),
  large: /* @__PURE__ */ new Font(bold, 22),
};
