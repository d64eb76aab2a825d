import type { Layout } from "./layout.js";

/** English of the United Kingdom. */
export const gb: Layout = {
  plain: ["`1234567890-=", "qwertyuiop[]", "asdfghjkl;'#", "\\zxcvbnm,./"],
  shift: ['¬!"£$%^&*()_+', "QWERTYUIOP{}", "ASDFGHJKL:@~", "|ZXCVBNM<>?"],
  altgr: ["|   €        ", "            ", "            ", "|          "],
};
