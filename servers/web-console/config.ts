/** The options of the web console. */
import { type Infer, s } from "../../base/schema.js";

const grant = (doc: string) => s.string({ maxBytes: 32, doc });

export const configSchema = s.object({
  listener: s.string({ maxBytes: 32, default: "page", doc: "Name of a grant: the listening socket." }),
  token: grant(
    "Name of a grant: a file with the token that whoever connects must know. An empty one, or one of zeros, gets a new token.",
  ).optional(),
  certificate: grant("Name of a grant: a file with a certificate chain, in PEM. With it, all is encrypted.").optional(),
  key: grant("Name of a grant: a file with the certificate's private key, in PEM.").optional(),
  names: s.array(s.string({ maxBytes: 253 }), {
    max: 32,
    default: [],
    doc: "Names by which browsers may call this console, beside `localhost` and addresses.",
  }),
  screen: s.boolean({ default: true, doc: "Whether to show a screen, and to take input for it." }),
  framesPerSecond: s.integer({ min: 1, max: 120, default: 30, doc: "Most pictures a second." }),
  viewers: s.integer({ min: 1, max: 64, default: 8, doc: "Most browsers at a time." }),
  reports: s.array(s.label({ doc: "Name of a ROM module, such as `devices`." }), {
    max: 32,
    default: [],
    doc: "Reports to show: ROM modules, which routes lead to whoever has them.",
  }),
});
export type WebConsoleConfig = Infer<typeof configSchema>;
