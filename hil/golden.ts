/** Golden pictures: what a screen should show, kept beside the test. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { ComparisonOptions, Picture } from "./picture.js";
import { decodePng, encodePng } from "./png.js";
import { type RunFolder, slug } from "./run-folder.js";

export interface GoldenOptions extends ComparisonOptions {
  /** The share of pixels that may differ, 0 to 1; 0 when absent. */
  readonly share?: number;
}

/** Set to make new golden pictures of what is seen. */
export const updateVariable = "BULKHEAD_UPDATE_PICTURES";

/**
 * Compares with the PNG at `path`. When they differ, leaves actual, expected and difference as PNG files in the run's
 * folder and throws.
 */
export function expectPicture(actual: Picture, path: string, files: RunFolder, options: GoldenOptions = {}): void {
  if (process.env[updateVariable] !== undefined) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, encodePng(actual));
    return;
  }
  const name = slug(path.replace(/^.*\//, "").replace(/\.png$/, ""));
  const actualFile = files.write(`${name}.actual.png`, encodePng(actual));
  if (!existsSync(path))
    throw new Error(
      `There is no picture "${path}" to compare with. Look at ${actualFile ?? "what the screen shows"}, and run again with ${updateVariable}=1 to keep it`,
    );
  const expected = decodePng(readFileSync(path));
  const { share, different, largest, difference } = actual.compare(expected, options);
  if (share <= (options.share ?? 0)) return;
  files.write(`${name}.expected.png`, encodePng(expected));
  const differenceFile = files.write(`${name}.difference.png`, encodePng(difference));
  const sizes =
    actual.width === expected.width && actual.height === expected.height
      ? ""
      : ` It is ${actual.width} x ${actual.height}, and should be ${expected.width} x ${expected.height}.`;
  throw new Error(
    `The screen differs from "${path}" in ${different} pixels (${(share * 100).toFixed(2)} %, at most ${((options.share ?? 0) * 100).toFixed(2)} % may), by up to ${largest} of 255.${sizes} See ${differenceFile ?? "the run's folder, which --run names"}`,
  );
}
