/** Results on standard output, everything else on standard error; colours where a person looks. */
import { tableLines } from "../lib/readable.js";

const styles = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;
export type Style = keyof typeof styles;

export interface OutputOptions {
  readonly json: boolean;
  readonly color: boolean;
}

export class Output {
  readonly json: boolean;
  readonly color: boolean;

  constructor({ json, color }: OutputOptions) {
    this.json = json;
    this.color = color;
  }

  style(style: Style, text: string): string {
    const [on, off] = styles[style];
    return this.color ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  }

  print(text: string): void {
    process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
  }

  note(text: string): void {
    process.stderr.write(text.endsWith("\n") ? text : `${text}\n`);
  }

  /** The result: as JSON when asked for, else what `text` makes of it. */
  result(value: unknown, text: () => string): void {
    if (this.json) this.print(JSON.stringify(value, undefined, process.stdout.isTTY ? 2 : 0));
    else {
      const shown = text();
      if (shown !== "") this.print(shown);
    }
  }

  /** A table with its head in bold. */
  table(head: readonly string[], rows: readonly (readonly string[])[]): string {
    const [first = "", ...rest] = tableLines(head, rows);
    return [this.style("bold", first), ...rest].join("\n");
  }
}

/** Whether standard output takes colours. */
export function wantsColor(environment: NodeJS.ProcessEnv, terminal: boolean): boolean {
  if ((environment["NO_COLOR"] ?? "") !== "") return false;
  if ((environment["FORCE_COLOR"] ?? "") !== "") return true;
  return terminal && environment["TERM"] !== "dumb";
}
