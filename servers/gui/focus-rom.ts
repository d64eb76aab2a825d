/** The ROM that decides on the focus. */
import type { Env } from "../../base/env.js";
import { errorMessage } from "../../base/errors.js";
import { parseJson } from "../../base/json-text.js";
import { checked, s } from "../../base/schema.js";
import { Rom, type RomConnection } from "../../sessions/rom/index.js";

const focusSchema = s.object({
  label: s.label({ doc: "Label of the client; without it nobody has the focus." }).optional(),
});

/** Calls `choose` with the label that the ROM `focus` names, now and whenever it changes. */
export async function followFocus(env: Env, choose: (label: string | undefined) => void): Promise<RomConnection> {
  const rom = await env.connect(Rom, { label: "focus" });
  let last = Promise.resolve();
  const look = async (): Promise<void> => {
    try {
      const text = await rom.text();
      choose(text === "" ? undefined : checked(focusSchema, parseJson(text), 'the ROM "focus"').label);
    } catch (error) {
      console.error(`The focus stays where it is: ${errorMessage(error)}`);
    }
  };
  const follow = (): void => {
    last = last.then(look);
  };
  rom.onChange(follow);
  follow();
  return rom;
}
