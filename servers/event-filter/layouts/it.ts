import type { Layout } from "./layout.js";

/** Italian. */
export const it: Layout = {
  plain: ["\\1234567890'ì", "qwertyuiopè+", "asdfghjklòàù", "<zxcvbnm,.-"],
  shift: ['|!"£$%&/()=?^', "QWERTYUIOPé*", "ASDFGHJKLç°§", ">ZXCVBNM;:_"],
  altgr: ["           `~", "  €       []", "         @# ", "           "],
  shiftAltgr: ["             ", "          {}", "            ", "           "],
};
