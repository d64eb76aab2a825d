/** What a call comes to, for assertions about errors. */
import { SessionError } from "../../base/errors.js";

/** The code of the session error with which a promise rejects, or "resolved". */
export async function code(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "resolved",
    (error: unknown) => (error instanceof SessionError ? error.code : String(error)),
  );
}

/** The code of the session error that a function throws, or "returned". */
export function codeOf(act: () => unknown): string {
  try {
    act();
    return "returned";
  } catch (error) {
    return error instanceof SessionError ? error.code : String(error);
  }
}
