import type { Layout } from "./layout.js";

/** German, also of Austria. */
export const de: Layout = {
  plain: ["^1234567890ß´", "qwertzuiopü+", "asdfghjklöä#", "<yxcvbnm,.-"],
  shift: ['°!"§$%&/()=?`', "QWERTZUIOPÜ*", "ASDFGHJKLÖÄ'", ">YXCVBNM;:_"],
  altgr: ["  ²³   {[]}\\ ", "@ €        ~", "            ", "|      µ   "],
  dead: { plain: "^´", shift: "`" },
};
