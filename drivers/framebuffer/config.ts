/** The options of the framebuffer driver. */
import { type Infer, s } from "../../base/schema.js";

const coordinate = s.integer({ min: -65_536, max: 65_536, default: 0 });
const position = s.object(
  { x: coordinate, y: coordinate },
  { default: { x: 0, y: 0 }, doc: "Which point of the whole screen is at the top left of the display." },
);
const side = s.integer({ min: 1, max: 16_384 });

const connectorSchema = s.object({
  enabled: s.boolean({ default: true, doc: "Whether the screen that is plugged in there is used." }),
  mode: s.string({ doc: "Such as `1024x768` or `1920x1080@60`; else the one that the screen prefers." }).optional(),
  doubleBuffer: s.boolean({
    default: true,
    doc: "Whether a picture is drawn while another is shown, and then shown as a whole.",
  }),
  position,
});
export type ConnectorConfig = Infer<typeof connectorSchema>;

export const configSchema = s.object({
  grant: s.string({ default: "device", doc: "Name of the grant that is the frame buffer or the graphics card." }),
  name: s.string({
    maxBytes: 32,
    default: "screen",
    doc: "What the display of a frame buffer is called, which labels its Capture session. Those of a card have the names of their connectors.",
  }),
  rate: s.integer({ min: 1, max: 240, default: 60, doc: "Pictures a second, at most." }),
  position,
  connectors: s.record(connectorSchema, {
    keyName: "CONNECTOR",
    default: {},
    doc: "How the screens of a graphics card are used, by connector, such as `HDMI-A-1`.",
  }),
  standIn: s
    .object({ width: side, height: side }, { doc: "Size of a display in memory that serves where there is no device." })
    .optional(),
});
export type FramebufferConfig = Infer<typeof configSchema>;

export function connectorConfig({ connectors }: FramebufferConfig, name: string): ConnectorConfig {
  return connectors[name] ?? connectorSchema.parse({}, [], []);
}
