import type { Layout } from "./layout.js";

/** French. */
export const fr: Layout = {
  plain: ["²&é\"'(-è_çà)=", "azertyuiop^$", "qsdfghjklmù*", "<wxcvbn,;:!"],
  shift: ["~1234567890°+", "AZERTYUIOP¨£", "QSDFGHJKLM%µ", ">WXCVBN?./§"],
  altgr: ["  ~#{[|`\\^@]}", "  €        ¤", "            ", "           "],
  dead: { plain: "^", shift: "¨" },
};
