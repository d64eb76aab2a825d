/** Everything that came over a line since it was opened, and the search in it: nothing is missed between two waits. */
import { parseDuration } from "../base/quantity.js";
import { slowness } from "./slowness.js";

/** A place in a history, in characters from its beginning. */
export type Mark = number;

export interface ExpectOptions {
  /** How long to wait, such as "20s"; 5 s when absent. */
  readonly within?: string | number;
  /** Where to begin; after the last match when absent. */
  readonly since?: Mark;
  /** What ends the wait at once as a failure when it comes first, such as `/kernel panic/i`. */
  readonly unless?: string | RegExp;
  readonly signal?: AbortSignal;
}

export interface Match {
  /** What matched. */
  readonly text: string;
  /** The groups of a regular expression; entry 0 is the whole match. */
  readonly groups: readonly string[];
  /** What came between the place where the search began and the match. */
  readonly before: string;
  readonly at: Mark;
  readonly end: Mark;
}

const defaultPatience = `${5 * slowness}s`;
/** Lines of the history that a failure shows. */
const shownLines = 20;
/** Control characters as they are usually written; U+2400 and following would show them too, but no terminal font has them. */
const named: Readonly<Record<string, string>> = {
  "\r": "\\r",
  "\t": "\\t",
  "\u001b": "\\e",
  "\0": "\\0",
  "\u007f": "\\x7f",
};

/** Text with control characters made visible; line ends stay, after their `\n`. */
export function visible(text: string): string {
  return text.replace(/[\0-\x1f\x7f-\x9f]/g, (character) =>
    character === "\n"
      ? "\\n\n"
      : (named[character] ?? `\\x${(character.codePointAt(0) as number).toString(16).padStart(2, "0")}`),
  );
}

function lastLines(text: string, count: number): string {
  const lines = visible(text).trimEnd().split("\n");
  const shown = lines.slice(-count).map((line) => `  ${line}`);
  if (lines.length > count) shown.unshift(`  (${lines.length - count} lines before)`);
  return shown.join("\n");
}

/** What was awaited did not come. */
export class ExpectationError extends Error {
  override readonly name = "ExpectationError";
}

function find(pattern: string | RegExp, text: string, since: Mark): Match | undefined {
  if (typeof pattern === "string") {
    const at = text.indexOf(pattern, since);
    return at < 0
      ? undefined
      : { text: pattern, groups: [pattern], before: text.slice(since, at), at, end: at + pattern.length };
  }
  // On the part after the mark alone, so that ^ is the mark; sticky and global expressions would begin elsewhere.
  const found = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, "")).exec(text.slice(since));
  if (found === null) return undefined;
  const at = since + found.index;
  return {
    text: found[0],
    groups: found.map((group) => group ?? ""),
    before: text.slice(since, at),
    at,
    end: at + found[0].length,
  };
}

export class History {
  readonly #name: string;
  // private copy: everything is appended by add(), which gets copies
  readonly #decoder = new TextDecoder();
  readonly #waiting = new Set<() => void>();
  #text = "";
  /** Where the next search begins. */
  #cursor: Mark = 0;
  #ended: string | undefined;

  /** `name`: what messages call the line. */
  constructor(name: string) {
    this.#name = name;
  }

  /** Everything, as UTF-8 text. */
  get text(): string {
    return this.#text;
  }

  /** Where the next search begins unless it says otherwise. */
  get cursor(): Mark {
    return this.#cursor;
  }

  add(bytes: Uint8Array): void {
    this.#text += this.#decoder.decode(bytes, { stream: true });
    this.#wake();
  }

  /** Nothing more will come, for this reason. */
  end(reason: string): void {
    this.#ended ??= reason;
    this.#wake();
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** The place up to which everything has come. The next search begins there. */
  mark(): Mark {
    return (this.#cursor = this.#text.length);
  }

  /**
   * Waits for the pattern in what came since the last match, or since the mark that is given, and moves on behind it.
   * @throws ExpectationError with the last lines, when it does not come in time, or when the line ended
   */
  async expect(pattern: string | RegExp, options: ExpectOptions = {}): Promise<Match> {
    const { within = defaultPatience, since = this.#cursor, unless, signal } = options;
    const patience = parseDuration(within);
    const end = performance.now() + patience;
    for (;;) {
      const match = find(pattern, this.#text, since);
      const unwanted = unless === undefined ? undefined : find(unless, this.#text, since);
      if (unwanted !== undefined && (match === undefined || unwanted.at < match.at))
        throw this.#failure(`${String(unless)} came before ${String(pattern)}`, since);
      if (match !== undefined) {
        this.#cursor = match.end;
        return match;
      }
      if (this.#ended !== undefined) throw this.#failure(`the line ended: ${this.#ended}`, since, pattern);
      if (signal?.aborted) throw this.#failure("the test's time is over", since, pattern);
      const left = end - performance.now();
      if (left <= 0) throw this.#failure(`it did not come within ${shownDuration(within)}`, since, pattern);
      await this.#change(left, signal);
    }
  }

  /** Fails when the pattern comes within this time, or has come since the mark. */
  async expectNot(pattern: string | RegExp, options: ExpectOptions = {}): Promise<void> {
    const { since = this.#cursor } = options;
    const match = await this.expect(pattern, { ...options, since }).catch((error: unknown) => {
      if (error instanceof ExpectationError) return undefined;
      throw error;
    });
    if (match !== undefined) throw this.#failure(`${String(pattern)} came, and should not`, since);
  }

  #change(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.#waiting.add(done);
      signal?.addEventListener("abort", done, { once: true });
    });
  }

  #failure(why: string, since: Mark, pattern?: string | RegExp): ExpectationError {
    const what = pattern === undefined ? why : `Expected ${describe(pattern)} on ${this.#name}: ${why}`;
    const came = this.#text.slice(since);
    const shown = came === "" ? "Nothing came" : `What came:\n${lastLines(came, shownLines)}`;
    const earlier = since === 0 || came !== "" ? "" : `. Before that:\n${lastLines(this.#text, shownLines)}`;
    return new ExpectationError(`${pattern === undefined ? `On ${this.#name}, ${what}` : what}. ${shown}${earlier}`);
  }
}

function describe(pattern: string | RegExp): string {
  return typeof pattern === "string" ? `"${visible(pattern)}"` : String(pattern);
}

function shownDuration(within: string | number): string {
  return typeof within === "number" ? `${within} ms` : within;
}
