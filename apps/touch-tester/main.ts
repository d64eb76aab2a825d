/** The touch and key tester: shows what input arrives. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { configSchema } from "./config.js";
import { openTester } from "./tester.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  await openTester(env, config.current);
  config.follow(() => {}, ["width", "height", "full"]);
});
