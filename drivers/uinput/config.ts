/** The options of the uinput driver. */
import { type Infer, s } from "../../base/schema.js";

export const deviceNames = ["keyboard", "mouse", "tablet", "touch-screen", "game-pad"] as const;
export type DeviceName = (typeof deviceNames)[number];

export const configSchema = s.object({
  grant: s.string({ default: "uinput", doc: "Name of the grant that is /dev/uinput." }),
  name: s.string({ maxBytes: 40, default: "Bulkhead", doc: "What the devices are called, before what each is." }),
  devices: s.array(s.enumeration(deviceNames), {
    default: ["keyboard", "mouse", "tablet", "touch-screen"],
    doc: "The devices that Linux gets. Events for others are left out.",
  }),
});
export type UinputConfig = Infer<typeof configSchema>;
