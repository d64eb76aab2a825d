/**
 * Announcements of devices, as the kernel sends them, and as udevd sends them on when its rules have run.
 *
 * The kernel's: `ACTION@DEVPATH`, then `KEY=VALUE` texts, each ended by a zero byte. udevd's: a header of 40 bytes
 * (`libudev`, zero, then 32-bit numbers: 0xfeedcafe big-endian, header's length, offset and length of the texts; filter
 * hashes), then the texts.
 */

export interface Uevent {
  /** `add`, `remove`, `change`, `move`, `bind`, `unbind`, `online`, `offline`. */
  readonly action: string;
  /** Place in the device tree. */
  readonly path: string;
  readonly properties: ReadonlyMap<string, string>;
}

const udevName = Buffer.from("libudev\0");
const udevMagic = 0xfeedcafe;
const udevHeader = 40;

function texts(bytes: Buffer): string[] {
  // private copy: received by value
  return bytes.toString("utf8").split("\0");
}

function properties(lines: readonly string[]): Map<string, string> {
  return new Map(
    lines.flatMap((line): [string, string][] => {
      const at = line.indexOf("=");
      return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
    }),
  );
}

function checked(found: ReadonlyMap<string, string>): Uevent | undefined {
  const action = found.get("ACTION");
  const path = found.get("DEVPATH");
  if (action === undefined || path === undefined) return undefined;
  // A place is joined to other paths: nothing may lead out of it.
  if (!/^[a-z]+$/.test(action) || !path.startsWith("/") || path.split("/").includes("..")) return undefined;
  return { action, path, properties: found };
}

function fromUdev(bytes: Buffer): Uevent | undefined {
  if (bytes.length < udevHeader || bytes.readUInt32BE(8) !== udevMagic) return undefined;
  const offset = bytes.readUInt32LE(16);
  const length = bytes.readUInt32LE(20);
  if (offset < udevHeader || offset > bytes.length || length > bytes.length - offset) return undefined;
  return checked(properties(texts(bytes.subarray(offset, offset + length))));
}

/** What a datagram announces; undefined when it is none of the two forms. */
export function parseUevent(datagram: Uint8Array): Uevent | undefined {
  const bytes = Buffer.from(datagram); // private copy: of what was received
  if (bytes.subarray(0, udevName.length).equals(udevName)) return fromUdev(bytes);
  const [head = "", ...lines] = texts(bytes);
  const at = head.indexOf("@");
  if (at < 1) return undefined;
  const event = checked(properties(lines));
  // Said twice: what differs is damaged.
  return event?.action === head.slice(0, at) && event.path === head.slice(at + 1) ? event : undefined;
}
