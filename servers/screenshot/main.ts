/** Pictures of the screen: each ROM session is one, taken when it was opened. */
import { component } from "../../base/component.js";
import { Document } from "../../lib/document.js";
import { ROM, RomSession } from "../../sessions/rom/index.js";
import { screenshot } from "./screenshot.js";

component(async (env) => {
  let last: Promise<unknown> = Promise.resolve();
  /** One after another: each takes a buffer of the whole screen. */
  const taken = (): Promise<Uint8Array> => {
    const result = last.then(() => screenshot(env));
    last = result.catch(() => {});
    return result;
  };
  await env.announce(ROM, async (request) => new RomSession(request, new Document(await taken())));
});
