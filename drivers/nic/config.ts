/** The options of the network driver. */
import { selectorFields } from "../../base/policy.js";
import { type Infer, s } from "../../base/schema.js";

export const configSchema = s.object({
  grant: s.string({ default: "net", doc: "Name of the grant: a TAP, an interface, or a pair." }),
  serve: s.enumeration(["uplink", "nic"], {
    default: "uplink",
    doc: "`uplink`: offers the device to an Uplink server, such as the NIC router. `nic`: serves it to one Nic client.",
  }),
  macAddress: s
    .string({
      pattern: "^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$",
      doc: "Address of our side. Default: the interface's own; beside a TAP's, which is the host's, the neighbouring one.",
    })
    .optional(),
  offloads: s.boolean({
    default: true,
    doc: "Whether whole segments and open checksums may pass, with those who ask for them.",
  }),
  bufferSize: s.size({
    min: 65_536,
    max: 64 * 2 ** 20,
    default: "1M",
    doc: "With an Uplink: room for frames, each way. A Nic client brings its own.",
  }),
  policies: s.array(s.object({ ...selectorFields }), {
    default: [],
    doc: "With `nic`: who may open the session, by label.",
  }),
  defaultPolicy: s
    .object({}, { doc: "With `nic`: lets in whom no policy matches; without it they are denied." })
    .optional(),
});
export type NicConfig = Infer<typeof configSchema>;
