/**
 * How the components are of a child that is an init itself, as it says: nothing is decided by it. It is checked like
 * everything that a child says, since people and managers read it as part of the parent's own report.
 */
import { parsed, problemText } from "../../base/schema.js";
import { type ChildrenDocument, childrenSchema } from "./state-report.js";

/** No init has more to say; one that has leaves out its sessions. */
export const mostStateCharacters = 128 * 1024;

/** How deep brackets may nest: each init in another adds two. Whoever writes the report as text goes as deep. */
const deepest = 40;

/** In one pass, whatever the text is. */
function tooDeep(text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length && depth <= deepest; ++at) {
    const character = text[at];
    if (character === "\\") at += 1;
    else if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") depth -= 1;
  }
  return depth > deepest;
}

export class InnerState {
  readonly #log: (problem: string) => void;
  #pieces: string[] = [];
  #length = 0;
  #children: ChildrenDocument | undefined;
  /** Said once: what says one wrong state says more of them. */
  #logged = false;

  /** `log` is told why a state is not taken. */
  constructor(log: (problem: string) => void) {
    this.#log = log;
  }

  /** The last state that it told; undefined for a component that is no init. */
  get children(): ChildrenDocument | undefined {
    return this.#children;
  }

  /** Takes a piece; true when another state is whole. */
  received(piece: string, more: boolean): boolean {
    this.#length += piece.length;
    if (this.#length <= mostStateCharacters) this.#pieces.push(piece);
    if (more) return false;
    const text = this.#pieces.join("");
    const whole = this.#length <= mostStateCharacters;
    this.#pieces = [];
    this.#length = 0;
    const problem = whole ? this.#take(text) : `it has more than ${mostStateCharacters} characters`;
    if (problem === undefined) return true;
    if (!this.#logged) this.#log(`it tells of components of its own, and that is not a state report: ${problem}`);
    this.#logged = true;
    return false;
  }

  /** What is wrong with it. */
  #take(text: string): string | undefined {
    if (tooDeep(text)) return "it is nested too deeply";
    let document: unknown;
    try {
      document = JSON.parse(text);
    } catch {
      return "it is no JSON";
    }
    const { value, problems } = parsed(childrenSchema, document);
    const [first] = problems;
    if (first !== undefined) return problemText(first);
    this.#children = value;
    return undefined;
  }
}
