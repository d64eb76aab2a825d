import type { Layout } from "./layout.js";

/** German of Switzerland. */
export const ch: Layout = {
  plain: ["§1234567890'^", "qwertzuiopü¨", "asdfghjklöä$", "<yxcvbnm,.-"],
  shift: ['°+"*ç%&/()=?`', "QWERTZUIOPè!", "ASDFGHJKLéà£", ">YXCVBNM;:_"],
  altgr: [" |@#  ¬|¢]}´~", "  €       []", "          {}", "\\          "],
  dead: { plain: "^¨", shift: "`", altgr: "´~" },
};
