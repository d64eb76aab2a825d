/** What a conformance suite is made of. */
import type { NeedName, Parts } from "../parts.js";
import { slowness } from "../slowness.js";
import type { Target } from "../target.js";

export interface Tools {
  readonly target: Target;
  /** Ends the case as skipped: the provider cannot do what the interface leaves open. */
  skip(reason: string): never;
  /** Kills the server, and waits until it serves again. Skips where the server is the root. */
  restart(): Promise<void>;
}

export interface Case<Name extends NeedName = NeedName> {
  readonly name: string;
  run(part: Parts[Name], tools: Tools): void | Promise<void>;
}

export interface Suite<Name extends NeedName = NeedName> {
  readonly need: Name;
  readonly cases: readonly Case<Name>[];
}

/** Bytes in which no stretch is like another one: what is lost, doubled or swapped shows. */
export function pattern(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed * 2_654_435_761;
  for (let index = 0; index < length; ++index) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

/** Fails with the place of the first difference. */
export function sameBytes(actual: Uint8Array, expected: Uint8Array, what = "the bytes"): void {
  if (Buffer.compare(actual, expected) === 0) return;
  const at = expected.findIndex((byte, index) => actual[index] !== byte);
  const lengths = `${actual.length} bytes, ${expected.length} expected`;
  throw new Error(`${what} differ from byte ${at} on: ${actual[at]} instead of ${expected[at]} (${lengths})`);
}

/** The code with which something is refused; "none" when it is not. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "none";
  } catch (error) {
    if (error instanceof Error && "code" in error) return String(error.code);
    throw error;
  }
}

/** How long what happens at once may take, in milliseconds. */
export const patience = 5000 * slowness;

/** Waits until a condition holds. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  milliseconds = patience,
): Promise<void> {
  const end = performance.now() + milliseconds;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`Waited ${milliseconds} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
