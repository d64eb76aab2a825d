/** The options of the input driver. */
import { type Infer, s } from "../../base/schema.js";
import { light } from "../../lib/input/event-codes.js";
import { keyNames } from "../../lib/input/key-codes.js";
import { axes } from "../../sessions/event/index.js";

/** Which lights of a keyboard burn. The others stay as they are. */
export const lightsSchema = s.record(s.boolean(), {
  keyPattern: `^(${Object.keys(light).join("|")})$`,
  keyName: "LIGHT",
  default: {},
  doc: "Which lights of a keyboard burn: `capsLock`, `numLock`, `scrollLock`, `compose`, `kana`. The others stay as they are.",
});
export type Lights = Infer<typeof lightsSchema>;

const key = s.enumeration(keyNames, { doc: "Name of a key or button, such as `KEY_A`." });
const share = s.number({ min: 0, max: 1 });
const steps = s.number({ min: -100_000, max: 100_000 });
const finger = s.integer({ min: 0, max: 63 });

const stepSchema = s.object({
  after: s.duration({ max: 3_600_000, default: 0, doc: "Waits this long first." }),
  press: key.optional(),
  release: key.optional(),
  type: s.string({ doc: "Types a text on a keyboard of the United States." }).optional(),
  move: s.object({ x: steps, y: steps }, { doc: "Moves a mouse by so many steps." }).optional(),
  point: s.object({ x: share, y: share }, { doc: "Points at a place of the screen, from 0 to 1." }).optional(),
  wheel: s.object({ x: steps, y: steps }, { doc: "Turns a wheel by so many notches." }).optional(),
  touch: s.object({ id: finger, x: share, y: share }, { doc: "Puts a finger down, or moves it." }).optional(),
  lift: s.integer({ min: 0, max: 63, doc: "Lifts a finger." }).optional(),
  axis: s
    .object(
      { name: s.enumeration(axes), value: s.number({ min: -1, max: 1 }) },
      { doc: "Moves an axis of a game pad." },
    )
    .optional(),
});
export type ScriptStep = Infer<typeof stepSchema>;

export const configSchema = s.object({
  source: s.enumeration(["device", "script", "terminal"], {
    default: "device",
    doc: "Where events come from: a device of the kernel; the steps of `script`; what is typed at a Terminal session.",
  }),
  grant: s.string({ default: "device", doc: "Name of the grant that is the device." }),
  grab: s.boolean({
    default: true,
    doc: "Whether nobody else gets the device's events, such as the kernel's console.",
  }),
  lights: lightsSchema,
  lightsRom: s.boolean({
    default: false,
    doc: "Whether the ROM `lights` says which lights burn, instead of `lights`.",
  }),
  script: s.array(stepSchema, { default: [], doc: "Steps of the source `script`, one after another." }),
  repeat: s.boolean({ default: false, doc: "Whether the script begins anew when it ends." }),
});
export type InputConfig = Infer<typeof configSchema>;
