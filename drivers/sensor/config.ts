/** The options of the sensor driver. */
import { type Infer, s } from "../../base/schema.js";
import { quantities } from "./quantity.js";

const simulatedSchema = s.object({
  channel: s.string({ default: "temp1" }),
  kind: s.enumeration(Object.keys(quantities) as (keyof typeof quantities)[], { default: "temperature" }),
  value: s.number({ default: 20, doc: "In the unit of its kind." }),
});

export const configSchema = s.object({
  period: s.duration({
    min: 10,
    max: 86_400_000,
    default: "1s",
    doc: "How often the sensors are read. The report changes only when a value does.",
  }),
  simulated: s.record(simulatedSchema, {
    keyName: "GRANT",
    default: {},
    doc: "What stands in for a sensor where the grant of this name cannot be opened.",
  }),
});
export type SensorConfig = Infer<typeof configSchema>;
