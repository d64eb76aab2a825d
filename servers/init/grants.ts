/**
 * Grants: what is opened outside of the sandbox and handed to a component as a descriptor.
 *
 * A sandbox sees no host file, device or network. Each grant has a name, by which the component asks for it, and
 * one source or a list of them, of which the first that this machine has is taken.
 */
import { type Infer, s } from "../../base/schema.js";
import { deviceClasses } from "../../lib/devices/device.js";

const write = s.boolean({ default: false, doc: "Whether the component may write." });

const file = s.object({
  file: s.string({ doc: "Path of an image file on the host." }),
  size: s.size({ min: 1, doc: "Makes the file with this size when it does not exist." }).optional(),
  write,
});
const device = s.object({ device: s.string({ doc: "Path of a device node on the host." }), write });
const ram = s.object({ ram: s.size({ min: 1, doc: "Memory that forgets: a size." }) });
const directory = s.object({
  directory: s.string({ doc: "Path of a directory on the host, handed in as a whole." }),
  write,
});
const pty = s.object({
  pty: s.literal(true, {
    doc: "The master side of a pseudo-terminal. It stays the same while the system file grants it, whatever becomes of the component.",
  }),
  link: s.string({ doc: "Path of a symbolic link to make to the other side." }).optional(),
});
const tty = s.object({ tty: s.string({ doc: "Path of a serial line or terminal." }) });
const tap = s.object({
  tap: s.string({
    maxBytes: 15,
    pattern: "^[^/\\s]+$",
    doc: "Name of a TAP interface; made when it does not exist and the rights allow.",
  }),
});
const networkInterface = s.object({
  interface: s.string({
    maxBytes: 15,
    pattern: "^[^/\\s]+$",
    doc: "Name of a network interface, to be used by a packet socket.",
  }),
});
const pair = s.object({ pair: s.literal(true, { doc: "A network without hardware: a pair of connected ends." }) });
const listen = s.object({
  listen: s.string({
    pattern: "^(\\[[0-9a-fA-F:.]+\\]|[^:\\s]+):[0-9]{1,5}$",
    doc: "Address and port of a listening TCP socket, such as `127.0.0.1:2323`.",
  }),
});
const devices = s.object({
  devices: s.union([s.literal(true), s.array(s.enumeration(deviceClasses), { min: 1 })], {
    doc: "Every device of the host, or those of a list of classes: what the platform server hands out. Its sandbox sees the kernel's device tree, and it hears of devices that come and go.",
  }),
});
const handedIn = s.object({
  grant: s.string({ doc: "Name of a grant at the top of this file, or of one that this init was given itself." }),
});

export const grantSource = s.union([
  file,
  device,
  ram,
  directory,
  pty,
  tty,
  tap,
  networkInterface,
  pair,
  listen,
  devices,
  handedIn,
]);
export type GrantSource = Infer<typeof grantSource>;

const source = s.named("grant-source", () => grantSource);
const sources = s.union([source, s.array(source, { min: 1, max: 8 })], {
  doc: "One source, or a list of them: see [Grants](#grants).",
});

export const grants = s.record(sources, {
  keyPattern: "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$",
  keyName: "GRANT",
  default: {},
  doc: "What is opened outside and handed in, by name; of a list, the first source that this machine has.",
});

/** The sources of each grant, in the order in which they are tried. */
export type Grants = Readonly<Record<string, readonly GrantSource[]>>;

export function normalGrants(written: Infer<typeof grants>): Grants {
  return Object.fromEntries(
    Object.entries(written).map(([name, source]) => [name, isList(source) ? source : [source]]),
  );
}

function isList(source: GrantSource | readonly GrantSource[]): source is readonly GrantSource[] {
  return Array.isArray(source);
}

/** The host object of a source that two components cannot both hold; undefined for what can be shared or is made anew. */
export function exclusiveObject(source: GrantSource): string | undefined {
  if ("tty" in source) return source.tty;
  if ("tap" in source) return `TAP interface ${source.tap}`;
  if ("listen" in source) return `address ${source.listen}`;
  if ("file" in source) return source.write ? source.file : undefined;
  if ("device" in source) return source.write ? source.device : undefined;
  return undefined;
}
