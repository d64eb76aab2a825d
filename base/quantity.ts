/** Sizes and durations as people write them: `"128K"`, `"250ms"`. A plain number is bytes, or milliseconds. */
import { SessionError } from "./errors.js";

/** Binary multiples, smallest first. */
const sizeUnits: readonly (readonly [suffix: string, bytes: number])[] = [
  ["", 1],
  ["K", 2 ** 10],
  ["M", 2 ** 20],
  ["G", 2 ** 30],
  ["T", 2 ** 40],
];
const durationUnits: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Regular expressions of the written forms, for JSON Schema. */
export const sizePattern = "^[0-9]+(\\.[0-9]+)?[KMGT]?$";
export const durationPattern = "^[0-9]+(\\.[0-9]+)?(us|ms|s|m|h|d)$";

const sizeExpression = /^([0-9]+(?:\.[0-9]+)?)([KMGT]?)$/;
const durationExpression = /^([0-9]+(?:\.[0-9]+)?)(us|ms|s|m|h|d)$/;

/**
 * Bytes of a size such as `4096`, `"128K"` or `"1.5G"` (binary multiples).
 * @throws SessionError `InvalidArgument` when it is not a whole number of bytes from 0 to 2^53 - 1.
 */
export function parseSize(value: string | number): number {
  let bytes = Number.NaN;
  if (typeof value === "number") bytes = value;
  else {
    const match = sizeExpression.exec(value);
    const unit = match && sizeUnits.find(([suffix]) => suffix === match[2]);
    if (match && unit) bytes = Number(match[1]) * unit[1];
  }
  if (Number.isSafeInteger(bytes) && bytes >= 0) return bytes;
  throw new SessionError(
    "InvalidArgument",
    `${JSON.stringify(value)} is not a size: write whole bytes, or a number with K, M, G or T (binary multiples) such as "128K"`,
  );
}

/** The shortest text that {@link parseSize} reads back as exactly `bytes`: `131072` becomes `"128K"`. */
export function formatSize(bytes: number): string {
  let text = String(bytes);
  if (bytes === 0) return text;
  for (const [suffix, unit] of sizeUnits) if (bytes % unit === 0) text = `${bytes / unit}${suffix}`;
  return text;
}

/**
 * Milliseconds of a duration such as `250`, `"250ms"`, `"2s"` or `"1.5m"`.
 * @throws SessionError `InvalidArgument` when it is negative, infinite or not a duration.
 */
export function parseDuration(value: string | number): number {
  let milliseconds = Number.NaN;
  if (typeof value === "number") milliseconds = value;
  else {
    const match = durationExpression.exec(value);
    const unit = match?.[2] === undefined ? undefined : durationUnits[match[2]];
    if (match && unit !== undefined) milliseconds = Number(match[1]) * unit;
  }
  if (Number.isFinite(milliseconds) && milliseconds >= 0) return milliseconds;
  throw new SessionError(
    "InvalidArgument",
    `${JSON.stringify(value)} is not a duration: write milliseconds, or a number with us, ms, s, m, h or d such as "250ms"`,
  );
}
