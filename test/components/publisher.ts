/** Publishes `text` as the report `label`, again whenever its configuration changes, and says what came of it. */
import { component } from "../../base/index.js";
import { s } from "../../base/schema.js";
import { ConfigFile } from "../../lib/config.js";
import { Report } from "../../sessions/report/index.js";

const schema = s.object({ label: s.string(), text: s.string() });

component(async (env) => {
  const config = await ConfigFile.open(env, schema);
  const report = await env.connect(Report, { label: config.current.label });
  const publish = async ({ text }: { readonly text: string }): Promise<void> => {
    try {
      await report.publish(text);
      console.log(`published ${text}`);
    } catch (error) {
      console.log(`refused ${text}: ${(error as Error).message}`);
    }
  };
  await publish(config.current);
  config.follow(publish);
});
