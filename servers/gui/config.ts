/** The options of the GUI server. */
import { selectorFields } from "../../base/policy.js";
import { type Infer, s } from "../../base/schema.js";
import { keyCode } from "../../lib/input/key-codes.js";

const color = (preset: string, doc: string) => s.string({ pattern: "^#[0-9a-fA-F]{6}$", default: preset, doc });

const domainSchema = s.object({
  layer: s.integer({ min: 0, max: 9999, default: 0, doc: "Layers are in front of those with greater numbers." }),
  content: s.enumeration(["client", "tinted"], {
    default: "client",
    doc: "`tinted`: in the domain's colour while no client of the domain has the focus.",
  }),
  label: s.boolean({ default: false, doc: "Whether the server writes its client's label on each view." }),
  origin: s.enumeration(["top-left", "top-right", "bottom-left", "bottom-right", "pointer"], {
    default: "top-left",
    doc: "Where the coordinates of views begin.",
  }),
  x: s.integer({ default: 0, doc: "What is added to the origin." }),
  y: s.integer({ default: 0, doc: "What is added to the origin." }),
  width: s.integer({ default: 0, doc: "Width of the domain; 0 or less: this much less than the screen's." }),
  height: s.integer({ default: 0, doc: "Height of the domain; 0 or less: this much less than the screen's." }),
  focus: s.enumeration(["none", "click", "transient"], {
    default: "click",
    doc: "`click`: a click gives the focus; `transient`: only the input until all keys are up; `none`: clicks are nobody's.",
  }),
  hover: s.enumeration(["focused", "always"], {
    default: "always",
    doc: "Whether a client sees the pointer move while it has not the focus.",
  }),
  input: s.enumeration(["client", "always"], {
    default: "client",
    doc: "Which pixels take input: those of the client's input mask, or all.",
  }),
  color: color("#4a6078", "For tint, labels, and the strip."),
});
export type DomainConfig = Infer<typeof domainSchema>;

const display = {
  name: s.string({ maxBytes: 32, doc: "What `panorama` calls it; the label's last element otherwise." }).optional(),
  x: s.integer({ default: 0, doc: "Where it is on the screen." }),
  y: s.integer({ default: 0, doc: "Where it is on the screen." }),
  width: s.integer({ min: 1, max: 16_384, doc: "How much it shows; what its driver says otherwise." }).optional(),
  height: s.integer({ min: 1, max: 16_384, doc: "How much it shows; what its driver says otherwise." }).optional(),
  observer: s.boolean({
    default: false,
    doc: "Whether it only looks on: the size of the screen does not depend on it.",
  }),
};
const displaySchema = s.object(display);
export type DisplayConfig = Infer<typeof displaySchema>;

const access = { domain: s.string({ doc: "Name of the domain that its views belong to." }) };

export const configSchema = s.object({
  screen: s.object(
    {
      width: s.integer({ min: 1, max: 16_384, default: 1024, doc: "Pixels." }),
      height: s.integer({ min: 1, max: 16_384, default: 768, doc: "Pixels." }),
    },
    { default: {}, doc: "Size of the screen while no display says otherwise." },
  ),
  background: color("#20242c", "What is seen where no view is."),
  pointer: s.boolean({ default: true, doc: "Whether the server draws a pointer once it was moved." }),
  strip: s.integer({
    min: 0,
    max: 200,
    default: 0,
    doc: "Height in pixels of a strip at the top of the screen that says who has the focus, and that no client draws over.",
  }),
  domains: s.record(domainSchema, {
    default: {},
    doc: "Parts of the screen with rules of their own. Without any there is one, `default`.",
  }),
  policies: s.array(s.object({ ...selectorFields, ...access }), {
    default: [],
    doc: "Which client belongs to which domain, by label.",
  }),
  defaultPolicy: s
    .object(access, {
      doc: "Serves what no policy matches. Without domains, policies and this, everybody is in `default`.",
    })
    .optional(),
  capture: s.object(
    {
      policies: s.array(s.object({ ...selectorFields, ...display }), { default: [], doc: "Displays, by label." }),
      defaultPolicy: s.object(display, { default: {}, doc: "For displays that no policy matches." }),
    },
    { default: {}, doc: "Where displays are." },
  ),
  events: s.array(
    s.object({
      ...selectorFields,
      display: s.string({ doc: "Name of the display that its positions are shares of." }),
    }),
    {
      default: [],
      doc: "Sources of input that point at one display, such as its touch screen; others at all of them.",
    },
  ),
  globalKeys: s.array(
    s.object({
      key: s.string({ doc: "Name of a key, such as `KEY_SCREEN`." }),
      label: s.label({ doc: "Label of the client that gets it, and all that follows until all keys are up." }),
    }),
    { default: [], doc: "Keys that go to one client, whoever has the focus." },
  ),
  focus: s.enumeration(["click", "rom"], {
    default: "click",
    doc: 'Who decides on the focus: clicks, or a ROM `focus` such as `{ "label": "…" }`.',
  }),
  reports: s.array(s.enumeration(["focus", "hover", "pointer", "touch", "keystate", "clicked", "panorama"]), {
    default: [],
    doc: "What is reported, each under its name.",
  }),
});
export type GuiConfig = Infer<typeof configSchema>;

/** The number of a colour such as `#4a6078`. */
export function colorNumber(text: string): number {
  return Number.parseInt(text.slice(1), 16);
}

/** Clients that get a key whoever has the focus: labels by the key's number. */
export function globalKeys(config: GuiConfig): ReadonlyMap<number, string> {
  return new Map(config.globalKeys.map(({ key, label }) => [keyCode(key), label]));
}
