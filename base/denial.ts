/**
 * Why a session was denied: the part that each parent had in it, from the one that the client asked to the one that
 * decided. A message on the wire is too short for that, so a denial carries a number, and whoever is denied asks its
 * parent for the rest.
 */
import { asciiJson, pieceLength } from "./ascii-json.js";
import { SessionError } from "./errors.js";
import type { CallOptions } from "./interface.js";
import type { Capability } from "./message.js";
import type { ParentClient } from "./parent/parent.generated.js";
import { checked, type Infer, s } from "./schema.js";

const step = s.object({
  /** Label of the parent that looked at the request; empty for the root. */
  init: s.string(),
  /** `route`: its routes. `export`: what it offers of its children. `server`: whoever serves the session. */
  stage: s.enumeration(["route", "export", "server"]),
  /** The rule that decided. */
  rule: s.union([s.string(), s.literal(null)]),
  /** Whose request it was; of stage `server`, who refused. */
  component: s.string(),
  reason: s.string(),
});
const path = s.array(step, { min: 1, max: 64 });

export type DenialStep = Infer<typeof step>;

/** The error of a denial: its detail is the step that decided, with all steps as `path`. */
export function denied(message: string, steps: readonly DenialStep[]): SessionError {
  const { init: _init, ...last } = steps.at(-1) as DenialStep;
  return new SessionError("Denied", message, { ...last, path: steps });
}

/** The steps of a denial; none for one that is not explained. */
export function denialPath(error: unknown): readonly DenialStep[] {
  if (!(error instanceof SessionError) || error.code !== "Denied") return [];
  return (error.detail?.["path"] as readonly DenialStep[] | undefined) ?? [];
}

const mostRemembered = 32;
/** A path longer than this is nobody's in earnest. */
const mostCharacters = 64 * 1024;

/** The denials that a child may still ask about, at its parent. */
export class Denials {
  readonly #texts = new Map<number, string>();
  #last = 0;

  /** What to throw at the child instead. */
  remember(error: SessionError): SessionError {
    const steps = denialPath(error);
    if (steps.length === 0) return error;
    const number = ++this.#last;
    this.#texts.set(number, asciiJson(steps));
    this.#texts.delete(number - mostRemembered);
    return new SessionError("Denied", error.message, { denial: number });
  }

  /** The text from `offset` on; the last piece, which ends the memory of it, is shorter than the others. */
  piece(number: number, offset: number): string {
    const piece = this.#texts.get(number)?.slice(offset, offset + pieceLength) ?? "";
    if (piece.length < pieceLength) this.#texts.delete(number);
    return piece;
  }
}

/** The error with the path that the parent knows of it. */
async function explained(parent: ParentClient, error: unknown): Promise<unknown> {
  const number = error instanceof SessionError && error.code === "Denied" ? error.detail?.["denial"] : undefined;
  if (typeof number !== "number") return error;
  try {
    let text = "";
    for (let piece = await parent.denial(number, 0); ; piece = await parent.denial(number, text.length)) {
      text += piece;
      if (piece.length < pieceLength || text.length > mostCharacters) break;
    }
    return denied((error as SessionError).message, checked(path, JSON.parse(text), "a denial"));
  } catch {
    return error; // forgotten meanwhile: what the message says is true as well
  }
}

/** Asks a parent for a session. @throws SessionError `Denied` with the path of the denial; see {@link denied} */
export async function requestSession(
  parent: ParentClient,
  service: string,
  label: string,
  args: string,
  quota: { readonly ram: number; readonly caps: number },
  options: CallOptions,
): Promise<{ readonly id: number; readonly channel: Capability }> {
  try {
    return await parent.session(service, label, args, quota.ram, quota.caps, options);
  } catch (error) {
    throw await explained(parent, error);
  }
}
