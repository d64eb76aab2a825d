/** Turns keys into lines: editing, history, and what to write back so that the terminal shows it. */

export type EditorEvent =
  | { readonly kind: "echo"; readonly text: string }
  | { readonly kind: "line"; readonly text: string }
  /** Ctrl-C: the line is given up. */
  | { readonly kind: "interrupt" }
  /** Ctrl-L. */
  | { readonly kind: "clear" };

const longestLine = 1000;
const historyLines = 100;
const escapeKey = "\u001b";
const keys = {
  "\u001b[A": "up",
  "\u001b[B": "down",
  "\u001b[C": "right",
  "\u001b[D": "left",
  "\u001b[H": "home",
  "\u001b[F": "end",
  "\u001b[3~": "delete",
  "\u0001": "home",
  "\u0005": "end",
  "\u0002": "left",
  "\u0006": "right",
  "\u0010": "up",
  "\u000e": "down",
  "\b": "backspace",
  "\u007f": "backspace",
  "\u0004": "delete",
  "\u0015": "erase",
  "\u000b": "erase-end",
  "\u0017": "erase-word",
  "\r": "enter",
  "\n": "enter",
  "\u0003": "interrupt",
  "\u000c": "clear",
} as const;
type Key = (typeof keys)[keyof typeof keys];

/** One key of several characters, or one character; the rest may still be on its way. */
const pattern = /\u001b(?:\[[0-9;]*[A-Za-z~]|O[A-Z]|[^[O])|[^\u001b]/suy;

/** `back(3)` moves the cursor three columns to the left. */
function back(columns: number): string {
  return columns > 0 ? `${escapeKey}[${columns}D` : "";
}

export class LineEditor {
  #characters: string[] = [];
  #at = 0;
  #pending = "";
  readonly #history: string[] = [];
  /** Where in the history the line came from; the number of lines for a new one. */
  #place = 0;
  #afterReturn = false;

  /** The line as it is, for showing it again: its text, and how far the cursor is from its end. */
  get shown(): string {
    return this.#characters.join("") + back(this.#characters.length - this.#at);
  }

  /** Takes what was typed. */
  feed(text: string): EditorEvent[] {
    const events: EditorEvent[] = [];
    const input = this.#pending + text;
    let at = 0;
    for (;;) {
      pattern.lastIndex = at;
      const found = pattern.exec(input)?.[0];
      if (found === undefined) break;
      at += found.length;
      // A terminal in line mode sends both.
      const second = found === "\n" && this.#afterReturn;
      this.#afterReturn = found === "\r";
      if (!second) this.#key(found, events);
    }
    // An escape that never gets an end is dropped with the next key.
    this.#pending = input.slice(at).slice(0, 16);
    return events;
  }

  #key(typed: string, events: EditorEvent[]): void {
    const echo = (shown: string): void => {
      if (shown !== "") events.push({ kind: "echo", text: shown });
    };
    const key: Key | undefined = Object.hasOwn(keys, typed) ? keys[typed as keyof typeof keys] : undefined;
    switch (key) {
      case "enter":
        echo("\r\n");
        events.push({ kind: "line", text: this.#take() });
        break;
      case "interrupt":
        echo("^C\r\n");
        this.#replace("");
        this.#place = this.#history.length;
        events.push({ kind: "interrupt" });
        break;
      case "clear":
        events.push({ kind: "clear" });
        break;
      case "backspace":
        if (this.#at > 0) echo(`\b${this.#cut(this.#at - 1, this.#at)}`);
        break;
      case "delete":
        if (this.#at < this.#characters.length) echo(this.#cut(this.#at, this.#at + 1));
        break;
      case "erase":
        echo(back(this.#at) + this.#cut(0, this.#at));
        break;
      case "erase-end":
        echo(this.#cut(this.#at, this.#characters.length));
        break;
      case "erase-word": {
        const word = /\S*\s*$/u.exec(this.#characters.slice(0, this.#at).join(""))?.[0] ?? "";
        const count = [...word].length;
        echo(back(count) + this.#cut(this.#at - count, this.#at));
        break;
      }
      case "left":
        if (this.#at > 0) echo(this.#move(this.#at - 1));
        break;
      case "right":
        if (this.#at < this.#characters.length) echo(this.#move(this.#at + 1));
        break;
      case "home":
        echo(this.#move(0));
        break;
      case "end":
        echo(this.#move(this.#characters.length));
        break;
      case "up":
        if (this.#place > 0) echo(this.#recall(this.#place - 1));
        break;
      case "down":
        if (this.#place < this.#history.length) echo(this.#recall(this.#place + 1));
        break;
      default:
        if (typed.length > 2 || typed < " " || (typed >= "\u007f" && typed < "\u00a0")) break;
        if (typed.startsWith(escapeKey) || this.#characters.length >= longestLine) break;
        this.#characters.splice(this.#at, 0, typed);
        this.#at += 1;
        echo(typed + this.#tail());
    }
  }

  /** What follows the cursor, and the cursor back where it was. */
  #tail(): string {
    const rest = this.#characters.slice(this.#at);
    return rest.join("") + back(rest.length);
  }

  #cut(from: number, to: number): string {
    this.#characters.splice(from, to - from);
    this.#at = from;
    const rest = this.#characters.slice(from);
    return `${rest.join("")}${escapeKey}[K${back(rest.length)}`;
  }

  #move(to: number): string {
    const from = this.#at;
    this.#at = to;
    return to < from ? back(from - to) : this.#characters.slice(from, to).join("");
  }

  #replace(text: string): void {
    this.#characters = [...text];
    this.#at = this.#characters.length;
  }

  #recall(place: number): string {
    const erase = `${back(this.#at)}${escapeKey}[K`;
    this.#place = place;
    this.#replace(this.#history[place] ?? "");
    return erase + this.#characters.join("");
  }

  #take(): string {
    const text = this.#characters.join("").trim();
    if (text !== "" && text !== this.#history.at(-1)) this.#history.push(text);
    if (this.#history.length > historyLines) this.#history.shift();
    this.#place = this.#history.length;
    this.#replace("");
    return text;
  }
}
