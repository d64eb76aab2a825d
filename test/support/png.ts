/** PNG files as another decoder sees them. */
import { spawnSync } from "node:child_process";
import * as assert from "uvu/assert";
import type { Context } from "./suite.js";

export interface DecodedPicture {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue of each pixel. */
  readonly colours: Uint8Array;
  /** The colour of a pixel, as 0xrrggbb. */
  at(x: number, y: number): number;
}

/** What netpbm makes of a file; skips the test where there is none. */
export function decodedPng(file: Uint8Array, context: Context): DecodedPicture {
  const { error, status, stdout, stderr } = spawnSync("pngtopnm", { input: file, maxBuffer: 1 << 26 });
  if (error !== undefined) context.skip("needs pngtopnm (Debian package netpbm)");
  assert.is(status, 0, `${stderr}`);
  const header = /^P([56])\n(\d+) (\d+)\n255\n/.exec(stdout.subarray(0, 40).toString("latin1"));
  assert.ok(header, "a picture of 8 bits a colour");
  const body = stdout.subarray(header[0].length);
  // A picture without colours comes back as shades of grey.
  const colours =
    header[1] === "6"
      ? body
      : Uint8Array.from({ length: 3 * body.length }, (_, index) => body[Math.floor(index / 3)] as number);
  const [width, height] = [Number(header[2]), Number(header[3])];
  return {
    width,
    height,
    colours,
    at(x, y) {
      const [red = 0, green = 0, blue = 0] = colours.subarray(3 * (y * width + x));
      return (red << 16) | (green << 8) | blue;
    },
  };
}
