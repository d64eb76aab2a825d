/** Report descriptors of HID devices: what their reports hold, in the words of the HID specification (6.2.2). */

/** The upper six bits of an item: its tag and type. */
const prefixes = {
  usagePage: 0x04,
  logicalMinimum: 0x14,
  logicalMaximum: 0x24,
  physicalMinimum: 0x34,
  physicalMaximum: 0x44,
  unitExponent: 0x54,
  unit: 0x64,
  reportSize: 0x74,
  reportId: 0x84,
  reportCount: 0x94,
  usage: 0x08,
  usageMinimum: 0x18,
  usageMaximum: 0x28,
  input: 0x80,
  output: 0x90,
  feature: 0xb0,
  collection: 0xa0,
  endCollection: 0xc0,
} as const;

type Item = readonly [name: keyof typeof prefixes, value?: number];

/** Signed as the specification has it: 255 takes two bytes. */
function encoded([name, value]: Item): number[] {
  const prefix = prefixes[name];
  if (value === undefined) return [prefix];
  if (value >= -0x80 && value <= 0x7f) return [prefix | 1, value & 0xff];
  if (value >= -0x8000 && value <= 0x7fff) return [prefix | 2, value & 0xff, (value >> 8) & 0xff];
  return [prefix | 3, value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, (value >> 24) & 0xff];
}

function descriptor(items: readonly Item[]): Uint8Array {
  return Uint8Array.from(items.flatMap(encoded));
}

const page = { desktop: 0x01, button: 0x09, digitizer: 0x0d } as const;
const collection = { logical: 2, application: 1 } as const;
const field = { variable: 0x02, constant: 0x03, variableOrNone: 0x42 } as const;
/** Centimetres, of which a hundredth is meant: tenths of millimetres. */
const centimetres = [
  ["unit", 0x11],
  ["unitExponent", 0x0e],
] as const;

/** The end of both axes of a surface, and both ends of a stick's from its middle. */
export const axisEnd = 0x7fff;
/** How many fingers a surface tells apart. */
export const mostFingers = 10;
/** Numbers of a surface's reports: of where the fingers are, and of how many it tells apart. */
export const touchReport = { fingers: 1, most: 2 } as const;

export interface Surface {
  readonly surface: "screen" | "pad";
  /** Millimetres. */
  readonly width: number;
  readonly height: number;
}

/**
 * A screen or pad that feels fingers. Its report: number, then for each finger a byte whose lowest bit is "touches", its
 * number, x and y (16 bits each), then how many of these fingers count, and of a pad whether it is pressed down.
 */
export function touchDescriptor({ surface, width, height }: Surface): Uint8Array {
  const axis = (usage: number, millimetres: number): Item[] => [
    ["physicalMaximum", millimetres * 10],
    ["usage", usage],
    ["input", field.variable],
  ];
  const finger: Item[] = [
    ["usagePage", page.digitizer],
    ["usage", 0x22],
    ["collection", collection.logical],
    ["usage", 0x42], // it touches
    ["logicalMinimum", 0],
    ["logicalMaximum", 1],
    ["reportSize", 1],
    ["reportCount", 1],
    ["input", field.variable],
    ["reportCount", 7],
    ["input", field.constant],
    ["usage", 0x51], // which finger
    ["logicalMaximum", mostFingers - 1],
    ["reportSize", 8],
    ["reportCount", 1],
    ["input", field.variable],
    ["usagePage", page.desktop],
    ["logicalMaximum", axisEnd],
    ["physicalMinimum", 0],
    ...centimetres,
    ["reportSize", 16],
    ...axis(0x30, width),
    ...axis(0x31, height),
    // These hold until they are changed.
    ["physicalMaximum", 0],
    ["unit", 0],
    ["unitExponent", 0],
    ["endCollection"],
  ];
  const press: Item[] = [
    ["usagePage", page.button],
    ["usage", 1],
    ["logicalMaximum", 1],
    ["reportSize", 1],
    ["input", field.variable],
    ["reportSize", 7],
    ["input", field.constant],
  ];
  return descriptor([
    ["usagePage", page.digitizer],
    ["usage", surface === "screen" ? 0x04 : 0x05],
    ["collection", collection.application],
    ["reportId", touchReport.fingers],
    ...Array.from({ length: mostFingers }, () => finger).flat(),
    ["usagePage", page.digitizer],
    ["usage", 0x54], // how many count
    ["logicalMaximum", mostFingers],
    ["reportSize", 8],
    ["reportCount", 1],
    ["input", field.variable],
    ...(surface === "pad" ? press : []),
    ["reportId", touchReport.most],
    ["usagePage", page.digitizer],
    ["usage", 0x55], // how many it tells apart
    ["logicalMaximum", mostFingers],
    ["reportSize", 8],
    ["feature", field.variable],
    ["endCollection"],
  ]);
}

/** A game pad. Its report: a bit for each of 16 buttons, a byte with the cross's direction, and x, y, z, rz (16 bits each). */
export function gamepadDescriptor(): Uint8Array {
  return descriptor([
    ["usagePage", page.desktop],
    ["usage", 0x05],
    ["collection", collection.application],
    ["usagePage", page.button],
    ["usageMinimum", 1],
    ["usageMaximum", 16],
    ["logicalMinimum", 0],
    ["logicalMaximum", 1],
    ["reportSize", 1],
    ["reportCount", 16],
    ["input", field.variable],
    ["usagePage", page.desktop],
    ["usage", 0x39],
    ["logicalMaximum", 7],
    ["reportSize", 8],
    ["reportCount", 1],
    ["input", field.variableOrNone],
    ["logicalMinimum", -axisEnd],
    ["logicalMaximum", axisEnd],
    ["reportSize", 16],
    ["reportCount", 4],
    ["usage", 0x30],
    ["usage", 0x31],
    ["usage", 0x32],
    ["usage", 0x35],
    ["input", field.variable],
    ["endCollection"],
  ]);
}
