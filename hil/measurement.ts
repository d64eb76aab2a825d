/** Numbers that a test measured, with their units and limits. */

export interface Limits {
  /** Such as "ms" or "dB"; for people and reports. */
  readonly unit?: string;
  readonly min?: number;
  readonly max?: number;
}

export interface Measurement extends Limits {
  readonly name: string;
  readonly value: number | string | boolean;
  /** Whether it is within its limits. */
  readonly passed: boolean;
}

export function measurement(name: string, value: number | string | boolean, limits: Limits = {}): Measurement {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = limits;
  const limited = limits.min !== undefined || limits.max !== undefined;
  if (limited && typeof value !== "number")
    throw new TypeError(`Cannot compare "${name}" with limits: ${JSON.stringify(value)} is no number`);
  return { name, value, ...limits, passed: typeof value !== "number" || (value >= min && value <= max) };
}

/** "latency: 12 ms, at most 10 ms". */
export function measurementText({ name, value, unit, min, max }: Measurement): string {
  const shown = (number: number | string | boolean): string =>
    unit === undefined ? String(number) : `${String(number)} ${unit}`;
  return [
    `${name}: ${shown(value)}`,
    ...(min === undefined ? [] : [`at least ${shown(min)}`]),
    ...(max === undefined ? [] : [`at most ${shown(max)}`]),
  ].join(", ");
}
