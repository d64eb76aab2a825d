/** Says hello, then reads its config. */
import { component } from "../../base/index.js";
import { Rom } from "../../sessions/rom/index.js";

component(async (env) => {
  const config = await env.connect(Rom, { label: "config" });
  console.log(`hello from ${env.label}: ${await config.text()}`);
  const show = async (): Promise<void> => console.log(`changed: ${await config.text()}`);
  config.onChange(() => void show());
});
