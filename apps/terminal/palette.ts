/** The colours of a terminal: its own, the 16 that have names, and the 240 that follow them. */
import type { Color } from "../../lib/drawing/surface.js";

export const theme = {
  background: 0x14171c,
  foreground: 0xd8dee6,
  cursor: 0xf2c14e,
  /** Behind what is selected. */
  selection: 0x34507a,
};

/** Black, red, green, yellow, blue, magenta, cyan, white; then their bright kin. */
const named: readonly Color[] = [
  0x2b3038, 0xe0626b, 0x8cc265, 0xd9a651, 0x5a9de8, 0xc279d8, 0x4cb5b0, 0xc3cad4, 0x6b7686, 0xff7b85, 0xa5e075,
  0xf2c14e, 0x78b4ff, 0xd992ee, 0x5fd3cd, 0xffffff,
];

const cubeFirst = 16;
const greyFirst = 232;
/** Steps of the cube of 6 x 6 x 6 colours. */
const cubeLevels = [0, 95, 135, 175, 215, 255];

/** The colour of a number from 0 to 255. */
export function paletteColor(index: number): Color {
  if (index < cubeFirst) return named[index] as Color;
  if (index >= greyFirst) return (8 + (index - greyFirst) * 10) * 0x010101;
  const place = index - cubeFirst;
  const level = (step: number): number => cubeLevels[step % 6] as number;
  return (level(Math.floor(place / 36)) << 16) | (level(Math.floor(place / 6)) << 8) | level(place);
}
