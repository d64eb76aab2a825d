import type { Layout } from "./layout.js";

/** Spanish of Spain. */
export const es: Layout = {
  plain: ["º1234567890'¡", "qwertyuiop`+", "asdfghjklñ´ç", "<zxcvbnm,.-"],
  shift: ['ª!"·$%&/()=?¿', "QWERTYUIOP^*", "ASDFGHJKLÑ¨Ç", ">ZXCVBNM;:_"],
  altgr: ["\\|@#~ ¬      ", "  €       []", "          {}", "           "],
  dead: { plain: "`´", shift: "^¨" },
};
