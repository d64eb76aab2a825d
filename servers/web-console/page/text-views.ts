/** Log and reports. */
import type { LogLine } from "../../../sessions/system/documents.js";
import { byId, element } from "./elements.js";

const mostLines = 2000;

export class LogView {
  readonly #list = byId("lines");
  readonly #filter = byId<HTMLInputElement>("log-filter");
  readonly #follow = byId<HTMLInputElement>("log-follow");
  #lines: LogLine[] = [];

  constructor() {
    this.#filter.addEventListener("input", () => this.#redraw());
    this.#follow.addEventListener("change", () => this.#toEnd());
  }

  show(lines: readonly LogLine[], first: boolean): void {
    if (first) {
      this.#lines = [...lines];
      return this.#redraw();
    }
    this.#lines.push(...lines);
    this.#lines.splice(0, this.#lines.length - mostLines);
    this.#list.append(...this.#items(lines));
    while (this.#list.childElementCount > mostLines) this.#list.firstElementChild?.remove();
    this.#toEnd();
  }

  #items(lines: readonly LogLine[]): HTMLElement[] {
    const wanted = this.#filter.value.toLowerCase();
    return lines
      .filter(({ label, text }) => `${label} ${text}`.toLowerCase().includes(wanted))
      .map(({ time, label, text }) => {
        const when = element("time", "", new Date(time).toLocaleTimeString("en-GB"));
        return element("li", "", when, element("span", "", element("b", "", label), ` ${text}`));
      });
  }

  #redraw(): void {
    this.#list.replaceChildren(...this.#items(this.#lines));
    this.#toEnd();
  }

  #toEnd(): void {
    if (this.#follow.checked) this.#list.scrollTop = this.#list.scrollHeight;
  }
}

export class ReportsView {
  readonly #names = byId<HTMLSelectElement>("report-name");
  readonly #text = byId("report-text");
  readonly #reports = new Map<string, string>();

  constructor() {
    this.#names.addEventListener("change", () => this.#redraw());
  }

  show(name: string, text: string, failure: string | undefined): void {
    if (!this.#reports.has(name)) this.#names.append(new Option(name));
    this.#reports.set(name, failure ?? readable(text));
    if (this.#names.value === name) this.#redraw();
  }

  #redraw(): void {
    this.#text.textContent = this.#reports.get(this.#names.value) ?? "";
  }
}

function readable(text: string): string {
  if (text === "") return "(empty)";
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
