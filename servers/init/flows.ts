/** What a child says about the flow of its sessions. It may say what it likes: nothing is decided by it. */
import type { ParentFlow } from "../../base/parent/parent.generated.js";
import type { Init } from "./init.js";

/** A child has no more sessions that anybody wants to see. */
const mostFlows = 1024;

export class Flows {
  readonly #raise: () => void;
  #arriving: ParentFlow[] = [];
  #last: readonly ParentFlow[] = [];
  #asked: { readonly answered: Promise<void>; readonly answer: () => void } | undefined;

  /** `raise` tells the child that its flow is wanted. */
  constructor(raise: () => void) {
    this.#raise = raise;
  }

  received(flows: readonly ParentFlow[], more: boolean): void {
    if (this.#arriving.length < mostFlows) this.#arriving.push(...flows);
    if (more) return;
    this.#last = this.#arriving;
    this.#arriving = [];
    this.#asked?.answer();
    this.#asked = undefined;
  }

  /** Asks the child, and resolves to what it says within so many milliseconds, or said before. */
  async ask(within: number): Promise<readonly ParentFlow[]> {
    if (this.#asked === undefined) {
      let answer = (): void => {};
      const answered = new Promise<void>((resolve) => {
        answer = resolve;
      });
      this.#asked = { answered, answer };
      this.#raise();
    }
    const { answered, answer } = this.#asked;
    const late = setTimeout(() => {
      this.#asked = undefined;
      answer();
    }, within);
    await answered;
    clearTimeout(late);
    return this.#last;
  }
}

/** Milliseconds in which the components of a nested init answer: less than its own parent waits. */
const innerPatience = 100;

/** What goes through the sessions that an init's components have at the parent above, by its numbers. */
export async function forwardedFlow(init: Init): Promise<readonly ParentFlow[]> {
  const asked = [...init.children.values()].map(async ({ name, instance }) => {
    const flows = (await instance?.flows.ask(innerPatience)) ?? [];
    return flows.flatMap((flow) => {
      const above = init.sessions.ofClient(name, flow.session)?.outside?.id;
      return above === undefined ? [] : [{ ...flow, session: above }];
    });
  });
  return (await Promise.all(asked)).flat();
}
