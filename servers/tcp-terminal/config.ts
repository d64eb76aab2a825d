/** The options of the TCP terminal. */
import { selectorFields } from "../../base/policy.js";
import { type Infer, s } from "../../base/schema.js";

export const configSchema = s.object({
  policies: s.array(
    s.object({
      ...selectorFields,
      listener: s.string({
        maxBytes: 32,
        doc: "Name of a grant: the listening socket whose connections these clients get.",
      }),
    }),
    {
      default: [],
      doc: "Which client gets the connections of which listening socket. Clients of one socket get one connection each.",
    },
  ),
  waiting: s.integer({
    min: 0,
    max: 256,
    default: 4,
    doc: "Connections of one socket that wait for a client; more are refused.",
  }),
  report: s.boolean({ default: false, doc: "Whether to report the open sockets, as `sockets`." }),
});
export type TcpTerminalConfig = Infer<typeof configSchema>;
