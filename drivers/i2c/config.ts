/** The options of the I2C driver. */
import { selectorFields } from "../../base/policy.js";
import { type Infer, s } from "../../base/schema.js";

// Those below 0x08 and above 0x77 have other meanings on the bus.
const address = s.string({
  pattern: "^0x(0[89a-f]|[1-6][0-9a-f]|7[0-7])$",
  doc: "The chip's address of 7 bits, such as `0x48`.",
});

const access = { address };

export const configSchema = s.object({
  grant: s.string({ default: "bus", doc: "Name of the grant that is the bus." }),
  timeout: s.duration({
    min: 10,
    max: 60_000,
    default: "1s",
    doc: "How long the adapter waits for a chip. Everybody else waits as long.",
  }),
  simulated: s
    .object(
      {
        chips: s.array(address, {
          default: [],
          doc: "Addresses of chips with 256 registers each, which keep what is written.",
        }),
      },
      { doc: "The stand-in for a bus, in memory. It serves where the granted one cannot be opened." },
    )
    .optional(),
  policies: s.array(s.object({ ...selectorFields, ...access }), { default: [], doc: "Who gets which chip, by label." }),
  defaultPolicy: s
    .object(access, { doc: "Serves what no policy matches; without it such sessions are denied." })
    .optional(),
});
export type I2cConfig = Infer<typeof configSchema>;
