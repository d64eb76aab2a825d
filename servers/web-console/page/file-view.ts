/** The system file: checked as it is typed, and applied. */
import type { Finding } from "../../../sessions/system/documents.js";
import { button, byId, element } from "./elements.js";
import type { Link } from "./link.js";

/** After the last key. */
const checkMilliseconds = 400;

export class FileView {
  readonly #link: Link;
  readonly #text = byId<HTMLTextAreaElement>("file-text");
  readonly #state = byId("file-state");
  readonly #findings = byId("findings");
  readonly #apply = byId<HTMLButtonElement>("file-apply");
  readonly #revert = byId<HTMLButtonElement>("file-revert");
  /** What the file holds, as far as the page knows, and what the text was made from. */
  #file = "";
  #base = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(link: Link) {
    this.#link = link;
    this.#text.addEventListener("input", () => this.#edited());
    this.#apply.addEventListener("click", () => void this.#applyText());
    this.#revert.addEventListener("click", () => {
      this.#text.value = this.#file;
      this.#base = this.#file;
      this.#edited();
    });
    this.#edited();
  }

  /** The file as it is now. What somebody edits here is not touched. */
  show(text: string): void {
    const edited = this.#text.value !== this.#base;
    this.#file = text;
    if (edited && this.#text.value !== text) return this.#say("The file has changed meanwhile: Revert shows it", true);
    this.#base = text;
    this.#text.value = text;
    this.#edited();
  }

  #edited(): void {
    const changed = this.#text.value !== this.#base;
    this.#apply.disabled = !changed;
    this.#revert.disabled = !changed && this.#base === this.#file;
    this.#say(changed ? "Changed" : "As in force");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#check(), checkMilliseconds);
  }

  #say(text: string, bad = false): void {
    this.#state.textContent = text;
    this.#state.classList.toggle("bad", bad);
  }

  async #check(): Promise<void> {
    const text = this.#text.value;
    if (text === "") return;
    const { findings = [], failure } = await this.#link.ask({ type: "check", text });
    if (text !== this.#text.value) return;
    if (failure !== undefined) return this.#say(failure, true);
    this.#findings.replaceChildren(...findings.map((finding) => this.#item(finding)));
    const errors = findings.filter(({ severity }) => severity === "error").length;
    if (text === this.#base) return;
    this.#apply.disabled = errors > 0;
    this.#say(
      errors > 0 ? `Changed, with ${errors} ${errors === 1 ? "error" : "errors"}` : "Changed, no errors",
      errors > 0,
    );
  }

  #item({ severity, message, line, column }: Finding): HTMLElement {
    const show = button("", () => {
      const start =
        this.#text.value
          .split("\n")
          .slice(0, line - 1)
          .join("\n").length +
        (line > 1 ? 1 : 0) +
        column -
        1;
      this.#text.focus();
      this.#text.setSelectionRange(start, start + 1);
    });
    show.append(element("span", "place", `${line}:${column}`), element("span", "", message));
    return element("li", severity, show);
  }

  async #applyText(): Promise<void> {
    const text = this.#text.value;
    this.#apply.disabled = true;
    this.#say("Applying");
    const { failure } = await this.#link.ask({ type: "apply", text, base: this.#base });
    if (failure !== undefined) {
      this.#apply.disabled = false;
      return this.#say(failure, true);
    }
    this.#file = text;
    this.#base = text;
    this.#edited();
    this.#say("Applied");
  }
}
