/** What the command tells the processes of the tests, through their environment. */
export const settingVariables = {
  bench: "BULKHEAD_BENCH",
  strict: "BULKHEAD_STRICT",
  run: "BULKHEAD_RUN",
} as const;

export interface Settings {
  /** Name of a bench, or path of a lab file. */
  readonly bench: string;
  /** A test that would be skipped fails. */
  readonly strict: boolean;
  /** Folder of the run; undefined: nothing is kept. */
  readonly run: string | undefined;
}

export function settings(environment: NodeJS.ProcessEnv = process.env): Settings {
  return {
    bench: environment[settingVariables.bench] ?? "stand-in",
    strict: (environment[settingVariables.strict] ?? "") !== "",
    run: environment[settingVariables.run],
  };
}
