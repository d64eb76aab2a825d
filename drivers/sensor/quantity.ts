/** What sensors measure, and how the kernel's two families of them spell it. */

/** Units by what is measured. */
export const quantities = {
  temperature: "°C",
  voltage: "V",
  current: "A",
  power: "W",
  energy: "J",
  humidity: "%",
  speed: "1/min",
  pressure: "Pa",
  illuminance: "lx",
  acceleration: "m/s²",
  "angular-velocity": "rad/s",
  "magnetic-field": "T",
} as const;
export type Kind = keyof typeof quantities;

/** What a channel measures; `factor` makes the unit of {@link quantities} of the kernel's. */
export interface Spelling {
  readonly kind: Kind;
  readonly factor: number;
}

/** hwmon: `temp1_input` is in thousandths of a degree, and so on. */
export const hwmonSpelling: Readonly<Record<string, Spelling>> = {
  temp: { kind: "temperature", factor: 1e-3 },
  in: { kind: "voltage", factor: 1e-3 },
  curr: { kind: "current", factor: 1e-3 },
  power: { kind: "power", factor: 1e-6 },
  energy: { kind: "energy", factor: 1e-6 },
  humidity: { kind: "humidity", factor: 1e-3 },
  fan: { kind: "speed", factor: 1 },
};

/** IIO: `in_temp_input`, or `(in_temp_raw + in_temp_offset) * in_temp_scale`, is in thousandths of a degree, and so on. */
export const iioSpelling: Readonly<Record<string, Spelling>> = {
  temp: { kind: "temperature", factor: 1e-3 },
  voltage: { kind: "voltage", factor: 1e-3 },
  current: { kind: "current", factor: 1e-3 },
  power: { kind: "power", factor: 1e-3 },
  humidityrelative: { kind: "humidity", factor: 1e-3 },
  pressure: { kind: "pressure", factor: 1e3 },
  illuminance: { kind: "illuminance", factor: 1 },
  accel: { kind: "acceleration", factor: 1 },
  anglvel: { kind: "angular-velocity", factor: 1 },
  magn: { kind: "magnetic-field", factor: 1e-4 },
};

/** Without the digits that a factor such as 0.001 adds. */
export function rounded(value: number): number {
  return Number(value.toPrecision(12));
}
