/** The options of the GPIO driver. */
import { selectorFields } from "../../base/policy.js";
import { type Infer, s } from "../../base/schema.js";

const lineNumber = s.integer({ min: 0, max: 65_535 });

const pinSchema = s.object({
  line: s.union([lineNumber, s.string()], {
    doc: "The line's number on its chip, or the name that the board gives it, such as `GPIO17`.",
  }),
  chip: s
    .string({
      doc: "Name of the chip's grant, or the label that the chip's driver gives it, such as `pinctrl-rp1`. Needed where the line is a number and several chips are granted.",
    })
    .optional(),
  direction: s.enumeration(["input", "output"], {
    default: "input",
    doc: "Whether the pin may be driven: how the board is wired decides what an output may do harm to.",
  }),
  activeLow: s.boolean({ default: false, doc: "Whether a low level is what counts as active." }),
  bias: s.enumeration(["as-is", "disabled", "pull-up", "pull-down"], {
    default: "as-is",
    doc: "The resistor within the chip that holds a line which nobody drives.",
  }),
  drive: s.enumeration(["push-pull", "open-drain", "open-source"], {
    default: "push-pull",
    doc: "Which levels an output drives: both, low only, or high only.",
  }),
  debounce: s.duration({ max: 60_000, default: 0, doc: "For how long an input's level must last to count." }),
});
export type PinConfig = Infer<typeof pinSchema>;

const simulatedSchema = s.object(
  {
    lines: s.integer({ min: 1, max: 256, default: 32 }),
    wires: s.array(s.array(lineNumber, { min: 2 }), {
      default: [],
      doc: "Lines that are wired together, each list a wire: what one of them drives, the others see.",
    }),
  },
  { doc: "The stand-in for a chip, in memory. It serves where no granted chip can be opened." },
);
export type SimulatedConfig = Infer<typeof simulatedSchema>;

const access = { pin: s.string({ doc: "The pin that its sessions get." }) };

export const configSchema = s.object({
  pins: s.record(pinSchema, { keyName: "PIN", default: {}, doc: "The board's pins, by names of your own." }),
  simulated: simulatedSchema.optional(),
  policies: s.array(s.object({ ...selectorFields, ...access }), { default: [], doc: "Who gets which pin, by label." }),
  defaultPolicy: s
    .object(access, { doc: "Serves what no policy matches; without it such sessions are denied." })
    .optional(),
});
export type GpioConfig = Infer<typeof configSchema>;
