/** A chip with sensors, by its directory in sysfs: of the class hwmon, or an IIO device. Or the stand-in for one. */
import { errorMessage } from "../../base/errors.js";
import { directoryEntries } from "../../bindings/directory.js";
import { AttributeFile } from "../../lib/attribute-file.js";
import type { PlatformConnection } from "../../sessions/platform/index.js";
import { hwmonSpelling, iioSpelling, type Kind, quantities, rounded, type Spelling } from "./quantity.js";

/** What one channel says, as the report has it. */
export interface Reading {
  readonly channel: string;
  readonly kind: Kind;
  readonly unit: string;
  /** How the board calls the channel. */
  readonly label?: string;
  readonly value?: number;
  /** Why there is no value. */
  readonly error?: string;
}

export interface Chip {
  /** What its driver calls itself. */
  readonly name: string;
  read(): readonly Reading[];
  close(): void;
}

interface Channel {
  readonly channel: string;
  readonly spelling: Spelling;
  readonly value: AttributeFile;
  readonly label?: AttributeFile;
  readonly offset?: AttributeFile;
  readonly scale?: AttributeFile;
}

const hwmonInput = /^(([a-z]+)\d+)_input$/;
// in_voltage0_raw, in_accel_x_raw, in_temp_input
const iioInput = /^(in_([a-z]+)\d*(?:_[xyz])?)_(raw|input)$/;

function measured({ channel, spelling: { kind, factor }, value, label, offset, scale }: Channel): Reading {
  const facts = { channel, kind, unit: quantities[kind], ...(label && { label: label.text() }) };
  try {
    const number = (value.number() + (offset?.number() ?? 0)) * (scale?.number() ?? 1);
    return { ...facts, value: rounded(number * factor) };
  } catch (error) {
    // Of a device that was unplugged no other channel answers either.
    if ((error as NodeJS.ErrnoException).code === "ENODEV") throw error;
    return { ...facts, error: errorMessage(error) };
  }
}

/** Acquires the grant, and opens all that measures something. @throws SessionError `NotFound`, `Device`, `InvalidArgument` */
export async function openChip(platform: PlatformConnection, grant: string): Promise<Chip> {
  using directory = await platform.acquire(grant, { kind: "directory" });
  const entries = new Set(directoryEntries(directory.descriptor));
  const opened: AttributeFile[] = [];
  const open = async (path: string): Promise<AttributeFile> => {
    const file = await AttributeFile.open(platform, grant, path);
    opened.push(file);
    return file;
  };
  /** The first of these files that is there. */
  const optional = async <Name extends string>(
    name: Name,
    ...paths: readonly string[]
  ): Promise<{ readonly [key in Name]?: AttributeFile }> => {
    const path = paths.find((candidate) => entries.has(candidate));
    return path === undefined ? {} : ({ [name]: await open(path) } as { readonly [key in Name]: AttributeFile });
  };
  const close = (): void => {
    for (const file of opened.splice(0)) file.close();
  };
  try {
    const channels: Channel[] = [];
    for (const entry of entries) {
      const [, channel = "", family = ""] = hwmonInput.exec(entry) ?? [];
      const hwmon = hwmonSpelling[family];
      if (hwmon !== undefined)
        channels.push({
          channel,
          spelling: hwmon,
          value: await open(entry),
          ...(await optional("label", `${channel}_label`)),
        });
      const [, own = "", quantity = "", form] = iioInput.exec(entry) ?? [];
      const iio = iioSpelling[quantity];
      // Some devices have both forms: the kernel's own reckoning is the better one.
      if (iio === undefined || (form === "raw" && entries.has(`${own}_input`))) continue;
      const shared = `in_${quantity}`;
      channels.push({
        channel: own,
        spelling: iio,
        value: await open(entry),
        ...(await optional("label", `${own}_label`)),
        ...(form === "raw" && (await optional("offset", `${own}_offset`, `${shared}_offset`))),
        ...(form === "raw" && (await optional("scale", `${own}_scale`, `${shared}_scale`))),
      });
    }
    const { name } = await optional("name", "name");
    const chipName = name?.text() ?? "";
    return { name: chipName, read: () => channels.map(measured), close };
  } catch (error) {
    close();
    throw error;
  }
}
