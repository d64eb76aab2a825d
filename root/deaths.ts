/** Processes that die suddenly, from the moment in which that is certain until they are gone. */
import { setTimeout as delay } from "node:timers/promises";
import { watchDescriptor } from "../base/event-loop.js";
import { labelElements } from "../base/label.js";
import { native } from "../bindings/native.js";

/** Milliseconds that one component waits for the end of another: several times what it takes. */
const patience = 100;

interface Death {
  readonly label: string;
  readonly gone: Promise<unknown>;
}

export class Deaths {
  readonly #deaths = new Set<Death>();

  /**
   * Resolves when a signal ends the holder of a lifeline, and never when it ends otherwise. The lifeline stays the
   * caller's. `gone` resolves when the process is no more.
   */
  async watch(label: string, lifeline: number, gone: Promise<unknown>): Promise<void> {
    if (!(await this.#sudden(lifeline, gone))) return new Promise(() => {});
    const death = { label, gone };
    this.#deaths.add(death);
    void gone.then(() => this.#deaths.delete(death));
  }

  /** False when the process is gone first, and when no descriptor is left to be told by. */
  async #sudden(lifeline: number, gone: Promise<unknown>): Promise<boolean> {
    let told: number;
    try {
      told = native.watchLifeline(lifeline);
    } catch {
      return false;
    }
    let unwatch: () => void = () => {};
    const sudden = await new Promise<boolean>((resolve) => {
      unwatch = watchDescriptor(told, "readable", () => resolve(true));
      void gone.then(() => resolve(false));
    });
    unwatch();
    native.unwatchLifeline(told);
    return sudden;
  }

  /**
   * Resolves when the kernel has taken down what died of a component: until then it keeps what that had open. A platform
   * server acquires for others, so their deaths are waited for too, though not for long.
   */
  async over(component: string): Promise<void> {
    for (const { label, gone } of this.#deaths) {
      const own = labelElements(label)[0] === component;
      await (own ? gone : Promise.race([gone, delay(patience, undefined, { ref: false })]));
    }
  }
}
