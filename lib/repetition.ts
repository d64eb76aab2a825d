/** Repeating what is safe to repeat, when a server restarts. */
import { SessionError } from "../base/errors.js";

/** What {@link Session.ready} of base/session.ts is: it throws once the session is closed for good. */
interface Reopened {
  ready(): unknown;
}

/**
 * Runs `operation` until it ends otherwise than by its server's death, reopening in between. For operations that may
 * happen twice: the old server may have done it and died before it answered.
 * @throws whatever else ends the operation; `Disconnected` once the session was closed for good.
 */
export async function untilAnswered<Result>(session: Reopened, operation: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await operation();
    } catch (error) {
      if (!(error instanceof SessionError) || error.code !== "Disconnected") throw error;
      await session.ready();
    }
  }
}

interface Losable extends Reopened {
  onLost(handler: () => void): void;
}

/**
 * Calls `handler` when the session's server died and the session will not come back: it was told not to, or the parent
 * refused. Whoever waits for a signal of the server would wait forever otherwise.
 */
export function onGivenUp(session: Losable, handler: (reason: Error) => void): void {
  session.onLost(() => {
    // The session decides right after this whether it reopens.
    queueMicrotask(() => {
      Promise.resolve()
        .then(() => session.ready())
        .catch((error: unknown) => handler(error as Error));
    });
  });
}
