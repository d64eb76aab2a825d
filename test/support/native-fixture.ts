/** C++ programs of the tests, built when they are first needed. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { packageRoot } from "../../bindings/prebuilt.js";

interface NativeProgramBuilder {
  nativeProgram(source: string, options: { compiler: string; flags: readonly string[]; flavour: string }): string;
}

/** The absolute path of the program whose one source file this is, such as "test/native/ring-peer.cc". */
export async function nativeFixture(source: string): Promise<string> {
  const builder = pathToFileURL(join(packageRoot(), "scripts/lib/native-program.mjs")).href;
  const { nativeProgram } = (await import(builder)) as NativeProgramBuilder;
  return join(
    packageRoot(),
    nativeProgram(source, {
      compiler: process.env["CXX"] ?? "c++",
      flags: ["-O2"],
      flavour: `fixtures-${process.arch}`,
    }),
  );
}
