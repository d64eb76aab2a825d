/** Uses a timer, so that a system has a session to look at; says each of its starts and every change of its config. */
import { component } from "../../base/index.js";
import { Rom } from "../../sessions/rom/index.js";
import { Timer } from "../../sessions/timer/index.js";

component(async (env) => {
  const config = await env.connect(Rom, { label: "config" });
  await env.connect(Timer);
  console.log(`started with ${await config.text()}`);
  const changed = async (): Promise<void> => console.log(`configured with ${await config.text()}`);
  config.onChange(() => void changed());
});
