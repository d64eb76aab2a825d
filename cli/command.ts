/** What a command of `bulkhead` is made of. */
import type { ParseArgsConfig } from "node:util";
import type { Output } from "./output.js";

export const exitCodes = {
  ok: 0,
  failure: 1,
  usage: 2,
  config: 3,
  notRunning: 4,
  device: 5,
  skipped: 77,
  interrupted: 130,
} as const;

/** Ends the command with a sentence and an exit code. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly exitCode: number;
  readonly hint: string | undefined;

  constructor(message: string, exitCode: number = exitCodes.failure, hint?: string) {
    super(message);
    this.exitCode = exitCode;
    this.hint = hint;
  }
}

export interface Option {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly doc: string;
  /** What stands for the value in the help. */
  readonly value?: string;
}

export interface Invocation {
  /** As given; absent options are undefined. */
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly positionals: readonly string[];
  readonly output: Output;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Positional arguments, as the help shows them. */
  readonly arguments?: string;
  /** The fewest and the most positional arguments. */
  readonly count: readonly [number, number];
  readonly options?: Readonly<Record<string, Option>>;
  /** Command lines with what they do. */
  readonly examples: readonly (readonly [string, string])[];
  /** Returns the exit code; 0 when undefined. */
  run(invocation: Invocation): Promise<number | void> | number | void;
}

export const globalOptions: Readonly<Record<string, Option>> = {
  json: { type: "boolean", doc: "Print JSON, with a version." },
  socket: { type: "string", value: "PATH", doc: "Control socket of the system." },
  "no-color": { type: "boolean", doc: "No colours; NO_COLOR does the same." },
  help: { type: "boolean", short: "h", doc: "Show this." },
};

/** The options as node:util's parseArgs wants them. */
export function parseOptions(command: Command): NonNullable<ParseArgsConfig["options"]> {
  return Object.fromEntries(
    Object.entries({ ...globalOptions, ...command.options }).map(([name, { type, short }]) => [
      name,
      { type, ...(short !== undefined && { short }) },
    ]),
  );
}

/** A whole number that an option gives. */
export function numberOption({ options }: Invocation, name: string, fallback: number): number {
  const given = options[name];
  if (given === undefined) return fallback;
  const value = Number(given);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new Failure(`--${name} is a whole number from 0 on, not "${String(given)}"`, exitCodes.usage);
  return value;
}

export function textOption({ options }: Invocation, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}
