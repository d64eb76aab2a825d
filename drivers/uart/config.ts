/** The options of the UART driver. */
import { selectorFields } from "../../base/policy.js";
import { type Infer, s } from "../../base/schema.js";

const milliseconds = { min: 0, max: 1000, default: 0 } as const;

export const lineSchema = s.object({
  baudRate: s.integer({ min: 1, max: 100_000_000, default: 115_200, doc: "Bits a second." }),
  dataBits: s.integer({ min: 5, max: 8, default: 8 }),
  stopBits: s.integer({ min: 1, max: 2, default: 1 }),
  parity: s.enumeration(["none", "even", "odd", "mark", "space"], { default: "none" }),
  flowControl: s.enumeration(["none", "hardware", "software"], {
    default: "none",
    doc: "`hardware` is RTS and CTS, `software` XON and XOFF.",
  }),
  breaks: s
    .boolean({
      doc: "Whether breaks and damaged characters come as marks within the bytes. Default: true on a serial line; false on a pseudo-terminal, whose far end would have to write them so.",
    })
    .optional(),
  rs485: s
    .object(
      {
        rtsOnSend: s.boolean({ default: true, doc: "Level of RTS while sending." }),
        rtsAfterSend: s.boolean({ default: false, doc: "Level of RTS otherwise." }),
        receiveWhileSending: s.boolean({ default: false }),
        terminateBus: s.boolean({ default: false }),
        delayBeforeSend: s.integer({ ...milliseconds, doc: "Milliseconds." }),
        delayAfterSend: s.integer({ ...milliseconds, doc: "Milliseconds." }),
      },
      { doc: "Shares the wires of a bus: RTS switches the transmitter." },
    )
    .optional(),
  inputBuffer: s.size({
    min: 8192,
    max: 16 * 2 ** 20,
    default: "64K",
    doc: "Bytes that wait for the client. When it is full the kernel's buffer fills, and flow control stops the far end.",
  }),
});
export type LineConfig = Infer<typeof lineSchema>;

const access = { line: s.string({ default: "line", doc: "Name of the grant: the line that its sessions get." }) };

export const configSchema = s.object({
  lines: s.record(lineSchema, { keyName: "GRANT", default: {}, doc: "How lines are set, by the name of their grant." }),
  policies: s.array(s.object({ ...selectorFields, ...access }), { default: [], doc: "Who gets which line, by label." }),
  defaultPolicy: s
    .object(access, { doc: "Serves what no policy matches; without it such sessions are denied." })
    .optional(),
});
export type UartConfig = Infer<typeof configSchema>;
