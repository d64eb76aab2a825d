/** What the compiler has to say about a definition, with the place that it is about. */

/** Lines and columns count from 1; a column is a UTF-16 unit. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Diagnostic {
  readonly at: Position;
  readonly message: string;
}

/** Collects what is wrong, so that one run shows all of it. */
export class Diagnostics {
  readonly #found: Diagnostic[] = [];

  report(at: Position, message: string): void {
    // Two stages may stumble over the same name; the first says it best.
    if (
      this.#found.some(
        (other) =>
          other.message === message &&
          other.at.line === at.line &&
          other.at.column === at.column &&
          other.at.file === at.file,
      )
    )
      return;
    this.#found.push({ at, message });
  }

  get failed(): boolean {
    return this.#found.length > 0;
  }

  /** By file and place. */
  sorted(): readonly Diagnostic[] {
    return [...this.#found].sort((a, b) =>
      a.at.file < b.at.file ? -1 : a.at.file > b.at.file ? 1 : a.at.line - b.at.line || a.at.column - b.at.column,
    );
  }
}

/** `calc.idl:3:7`. */
export function positionText(at: Position): string {
  return `${at.file}:${at.line}:${at.column}`;
}

/** `calc.idl:3:7: error: ...`, as editors and build tools recognise it. */
export function diagnosticText({ at, message }: Diagnostic): string {
  return `${positionText(at)}: error: ${message}`;
}
