/** `scripts/test-vm [options of scripts/test]`: the tests of test/vm/, each of which drives a virtual machine from outside. */
import { main as test } from "./test.mjs";

export function main(args) {
  return test([...args, "--jobs", "1", "--require-tests", "test/vm/"]);
}
