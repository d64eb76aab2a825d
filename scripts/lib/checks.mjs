/** A list of named checks, each run to its end, closed by the line that the CI adds up. */

/** The closing line that the CI adds up. The runner of tests has its own, in what was built. */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/** What a check throws when something that it needs is not on this machine. */
export class Skipped extends Error {}

/**
 * Runs `checks`, `[name, function]` pairs, one after the other. A check passes when it returns, fails when it
 * throws, and is skipped by {@link Skipped}. Returns the exit code.
 */
export async function runChecks(checks) {
  const count = { passed: 0, failed: 0, skipped: 0 };
  for (const [name, check] of checks) {
    const start = performance.now();
    try {
      await check();
      count.passed += 1;
      process.stdout.write(`ok   ${name}  ${Math.round(performance.now() - start)} ms\n`);
    } catch (error) {
      const skipped = error instanceof Skipped;
      count[skipped ? "skipped" : "failed"] += 1;
      process.stdout.write(`${skipped ? "skipped" : "FAIL"} ${name}: ${error.message.trimEnd()}\n`);
    }
  }
  process.stdout.write(`${summaryLine(count)}\n`);
  return count.failed > 0 ? 1 : 0;
}
