/** Commands that go on until Ctrl-C. */
import { exitCodes, Failure } from "./command.js";

/** Resolves to the exit code when the user interrupts, or when the system ends. */
export async function interrupted(work: Promise<unknown>): Promise<number> {
  let tell: (code: number) => void = () => {};
  const signalled = new Promise<number>((resolve) => {
    tell = resolve;
  });
  const listener = (): void => tell(exitCodes.ok);
  process.once("SIGINT", listener);
  process.once("SIGTERM", listener);
  const ended = work.then(
    () => exitCodes.ok,
    (error: unknown) => {
      // Whoever watches a system to its end has seen all there was.
      if (error instanceof Failure && error.exitCode === exitCodes.notRunning) return exitCodes.ok;
      throw error;
    },
  );
  try {
    return await Promise.race([signalled, ended]);
  } finally {
    process.removeListener("SIGINT", listener);
    process.removeListener("SIGTERM", listener);
  }
}
