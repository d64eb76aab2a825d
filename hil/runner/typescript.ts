/** Preloaded into the processes of tests: makes Node.js of every supported version read TypeScript. */
import * as module from "node:module";
import * as hooks from "./typescript-hooks.js";

// Newer versions have hooks in the same thread, and discourage those in another.
const { registerHooks } = module as { registerHooks?: (own: typeof hooks) => void };
if (registerHooks === undefined) module.register("./typescript-hooks.js", import.meta.url);
else registerHooks(hooks);
