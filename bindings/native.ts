/**
 * The TypeScript face of the addon: the only place that loads the .node file.
 *
 * Inside a component the loader has put the addon where {@link nativeKey} says; elsewhere (the root, the command,
 * tests) it is found beside the package.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Native, nativeKey } from "./native-types.js";

export { type Native, type NativeMapping, nativeKey, slotBits } from "./native-types.js";

/** The addon's file: freshly built, or the prebuilt one of this machine's architecture. */
export function nativePath(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, "package.json"))) {
    const parent = dirname(directory);
    if (parent === directory) break;
    directory = parent;
  }
  const candidates = [
    join(directory, "build/Release/bulkhead.node"),
    join(directory, `prebuilds/linux-${process.arch}/bulkhead.node`),
  ];
  const found = candidates.find((path) => existsSync(path));
  if (found === undefined) {
    throw new Error(`Cannot load the native layer: none of ${candidates.join(", ")} exists (run "npm run build")`);
  }
  return found;
}

function load(): Native {
  const holder = globalThis as unknown as { [nativeKey]?: Native };
  if (holder[nativeKey] === undefined) {
    const module = { exports: {} as Native };
    process.dlopen(module, nativePath());
    holder[nativeKey] = module.exports;
  }
  return holder[nativeKey];
}

export const native: Native = load();
