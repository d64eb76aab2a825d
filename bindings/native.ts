/**
 * The TypeScript face of the addon: the only place that loads the .node file.
 *
 * Inside a component the loader has put the addon where {@link nativeKey} says; elsewhere (the root, the command,
 * tests) it is found beside the package.
 */
import { type Native, nativeKey } from "./native-types.js";
import { prebuilt } from "./prebuilt.js";

export { type Native, type NativeMapping, nativeKey, slotBits } from "./native-types.js";

function load(): Native {
  const holder = globalThis as unknown as { [nativeKey]?: Native };
  if (holder[nativeKey] === undefined) {
    const module = { exports: {} as Native };
    process.dlopen(module, prebuilt("bulkhead.node"));
    holder[nativeKey] = module.exports;
  }
  return holder[nativeKey];
}

export const native: Native = load();
