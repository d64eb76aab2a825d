/** `scripts/build`: makes whatever is stale; a build with nothing to do takes the time of looking at the files. */
import { buildComponents } from "./build-components.mjs";
import { buildFonts } from "./build-fonts.mjs";
import { buildInterfaces } from "./build-interfaces.mjs";
import { buildNative } from "./build-native.mjs";
import { buildPrograms } from "./build-programs.mjs";
import { buildTypeScript } from "./build-typescript.mjs";
import { withLock } from "./lock.mjs";
import { setup } from "./setup.mjs";

export function build() {
  // A second build of the same folder would see the first one's half-written output.
  return withLock("build", async () => {
    setup();
    buildNative();
    await buildFonts();
    buildTypeScript();
    // Generated sources are checked in, so the compiler of interfaces can itself be compiled first.
    if (buildInterfaces()) buildTypeScript();
    await buildComponents();
    await buildPrograms();
  });
}

export async function main() {
  await build();
}
