/** The keyboard, that on the glass of a phone, and the keys below the screen which that one lacks. */
import type { InputEvent } from "../../../sessions/event/event-record.js";
import { byId } from "./elements.js";
import { keyCodes } from "./key-codes.js";

type Send = (events: readonly InputEvent[]) => void;

/** The code of a letter or digit, so that Ctrl and a letter from a phone mean what they say. */
function codeOf(character: string): string | undefined {
  if (/^[a-z]$/i.test(character)) return `Key${character.toUpperCase()}`;
  return /^[0-9]$/.test(character) ? `Digit${character}` : character === " " ? "Space" : undefined;
}

export class Keyboard {
  readonly #send: Send;
  readonly #canvas: HTMLElement;
  readonly #typing = byId<HTMLTextAreaElement>("typing");
  readonly #held = new Set<number>();
  /** Modifiers that were touched: held until the next key. */
  readonly #sticky = new Map<string, HTMLButtonElement>();

  constructor(canvas: HTMLElement, send: Send) {
    this.#canvas = canvas;
    this.#send = send;
    for (const place of [canvas, this.#typing]) {
      place.addEventListener("keydown", (event) => this.#down(event));
      place.addEventListener("keyup", (event) => this.#up(event));
      place.addEventListener("blur", () => this.releaseAll());
    }
    this.#typing.addEventListener("beforeinput", (event) => this.#typed(event));
    window.addEventListener("blur", () => this.releaseAll());
    for (const key of byId("keys").querySelectorAll<HTMLButtonElement>("button")) {
      // Whoever types goes on typing where he was.
      key.addEventListener("pointerdown", (event) => event.preventDefault());
      const { key: code, sticky } = key.dataset;
      if (code !== undefined) key.addEventListener("click", () => this.#tap(code));
      if (sticky !== undefined) key.addEventListener("click", () => this.#stick(sticky, key));
    }
  }

  /** Shows the keyboard of a phone, or hides it. */
  toggleGlass(): void {
    if (document.activeElement === this.#typing) this.#typing.blur();
    else this.#typing.focus();
  }

  releaseAll(): void {
    this.#send([...this.#held].map((key) => ({ kind: "release", key })));
    this.#held.clear();
    this.#unstick();
  }

  #down(event: KeyboardEvent): void {
    if (event.code === "Escape" && event.ctrlKey && event.altKey) {
      this.releaseAll();
      (event.target as HTMLElement).blur();
      byId("tab-screen").focus();
      return;
    }
    const key = keyCodes.get(event.code);
    // Phones give most keys no code: what they mean comes as text.
    if (key === undefined || event.isComposing) return;
    event.preventDefault();
    if (event.repeat || this.#held.has(key)) return;
    this.#held.add(key);
    this.#send([{ kind: "press", key }]);
  }

  #up({ code }: KeyboardEvent): void {
    const key = keyCodes.get(code);
    if (key === undefined || !this.#held.delete(key)) return;
    this.#send([{ kind: "release", key }]);
    this.#unstick();
  }

  #typed(event: globalThis.InputEvent): void {
    if (event.inputType.startsWith("deleteContent")) this.#tap("Backspace");
    else if (event.inputType === "insertLineBreak" || event.inputType === "insertParagraph") this.#tap("Enter");
    else for (const character of event.data ?? "") this.#character(character);
    // What is composed cannot be prevented, and is of no use afterwards.
    if (event.cancelable) event.preventDefault();
    else setTimeout(() => (this.#typing.value = ""));
  }

  #character(character: string): void {
    const code = codeOf(character);
    if (this.#sticky.size > 0 && code !== undefined) return this.#tap(code);
    this.#send([{ kind: "press", key: 0, character: character.codePointAt(0) as number }]);
  }

  #tap(code: string): void {
    const key = keyCodes.get(code) as number;
    this.#send([
      { kind: "press", key },
      { kind: "release", key },
    ]);
    this.#unstick();
  }

  #stick(code: string, button: HTMLButtonElement): void {
    const key = keyCodes.get(code) as number;
    const held = this.#sticky.delete(code);
    if (!held) this.#sticky.set(code, button);
    button.setAttribute("aria-pressed", String(!held));
    this.#send([{ kind: held ? "release" : "press", key }]);
    if (document.activeElement === document.body) this.#canvas.focus();
  }

  #unstick(): void {
    for (const [code, button] of [...this.#sticky]) this.#stick(code, button);
  }
}
