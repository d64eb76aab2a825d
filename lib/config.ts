/** A component's configuration: its `config` ROM, checked against the component's schema. */
import type { Env } from "../base/env.js";
import { checked, type Schema } from "../base/schema.js";
import { Rom } from "../sessions/rom/index.js";

/**
 * The configuration as it is now. Without a `config` in the system file the module is empty, and all defaults hold.
 * @throws SessionError `InvalidArgument` with every problem, each with its path.
 */
export async function readConfig<Config>(env: Env, schema: Schema<Config>): Promise<Config> {
  const rom = await env.connect(Rom, { label: "config" });
  try {
    return checked(schema, (await rom.json()) ?? {}, "the configuration");
  } finally {
    // Nobody needs to wait for the end of the session: whatever comes next goes to the parent after it.
    void rom.close();
  }
}
