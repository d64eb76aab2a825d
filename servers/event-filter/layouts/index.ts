/** The layouts of keyboards, by the country whose keyboards have them. */
import { ch } from "./ch.js";
import { de } from "./de.js";
import { es } from "./es.js";
import { fr } from "./fr.js";
import { gb } from "./gb.js";
import { it } from "./it.js";
import type { Layout } from "./layout.js";
import { us } from "./us.js";

export const layouts = { us, gb, de, at: de, ch, fr, es, it } as const satisfies Readonly<Record<string, Layout>>;
export type LayoutName = keyof typeof layouts;
export const layoutNames = Object.keys(layouts) as LayoutName[];
