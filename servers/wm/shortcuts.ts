/** Keys that are meant for the window manager, whoever has the focus. */
import type { InputEvent } from "../../sessions/event/index.js";

export type Action = "next" | "previous" | "close" | "maximise" | "restore" | "left" | "right";
type KeyEvent = InputEvent & { readonly kind: "press" | "release" };

export class Shortcuts {
  #keys: Readonly<Record<Action, readonly number[]>>;
  readonly #held = new Set<number>();
  /** Keys whose press was a shortcut: their release is nobody's either. */
  readonly #taken = new Set<number>();

  constructor(keys: Readonly<Record<Action, readonly number[]>>) {
    this.#keys = keys;
  }

  configure(keys: Readonly<Record<Action, readonly number[]>>): void {
    this.#keys = keys;
  }

  /** Follows a key. True: it is not for applications. `act` is called with what it asks for. */
  take(event: KeyEvent, act: (action: Action) => void): boolean {
    const { key } = event;
    if (event.kind === "release") {
      this.#held.delete(key);
      return this.#taken.delete(key);
    }
    this.#held.add(key);
    const action = this.#meant(key);
    if (action === undefined) return false;
    this.#taken.add(key);
    act(action);
    return true;
  }

  /** Of several shortcuts that fit, the one with the most keys. */
  #meant(key: number): Action | undefined {
    let best: Action | undefined;
    for (const [action, keys] of Object.entries(this.#keys) as [Action, readonly number[]][]) {
      if (keys.at(-1) !== key || !keys.every((one) => this.#held.has(one))) continue;
      if (best === undefined || keys.length > this.#keys[best].length) best = action;
    }
    return best;
  }

  /** Whether a key that an action needs to be held is held. */
  holds(action: Action): boolean {
    return this.#keys[action].slice(0, -1).some((key) => this.#held.has(key));
  }

  /** Nothing is held: nobody will say what is released. */
  reset(): void {
    this.#held.clear();
    this.#taken.clear();
  }
}
