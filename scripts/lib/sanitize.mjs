/** `scripts/sanitize [parts of names]`: the C++ tests at full speed, under AddressSanitizer with UndefinedBehaviorSanitizer, and under ThreadSanitizer. */
import { summaryLine } from "./checks.mjs";
import { addCounts, nativeProgram, nativeTests, runNativeTest, sanitizerEnvironment } from "./native-program.mjs";
import { Failure, program } from "./process.mjs";

const flavours = {
  optimised: ["-O2"],
  address: ["-O1", "-fno-omit-frame-pointer", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"],
  thread: ["-O1", "-fno-omit-frame-pointer", "-fsanitize=thread"],
};

export function main(parts) {
  const selected = nativeTests().filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)));
  const total = { passed: 0, failed: 0, skipped: 0 };
  // Two compilers in one run would be two sets of findings; clang's runtimes report races and leaks most completely.
  const compiler = program("clang++-14") ?? program("clang++") ?? program("g++");
  if (selected.length > 0 && !compiler)
    throw new Failure("Missing: clang-14. Install with: sudo apt-get install clang-14 libclang-rt-14-dev", 5);
  for (const [flavour, flags] of Object.entries(flavours)) {
    for (const source of selected) {
      const file = nativeProgram(source, { compiler, flags, flavour });
      addCounts(total, runNativeTest(file, { title: flavour, env: sanitizerEnvironment }));
    }
  }
  process.stdout.write(`${summaryLine(total)}\n`);
  return total.failed > 0 ? 1 : 0;
}
