/** A nested init: a component whose config is a system, and which is the parent of that system's components. */
import { component } from "../../base/component.js";
import { errorMessage } from "../../base/errors.js";
import type { Amount } from "../../base/quota.js";
import type { Problem } from "../../base/schema.js";
import { Rom } from "../../sessions/rom/index.js";
import { systemModel } from "./config.js";
import { EnvCore } from "./env-core.js";
import { Forwarding } from "./forwarding.js";
import { Init } from "./init.js";
import { EnvSide, LocalSide } from "./parent-side.js";
import { StateReporter } from "./state-reporter.js";

/** What init gives away of its own quota; the rest is for its own sessions and the channels of its children. */
function share({ ram, caps }: Amount): Amount {
  return { ram: Math.floor(ram * 0.9), caps: Math.floor(caps * 0.9) };
}

component(async (env) => {
  const config = await env.connect(Rom, { label: "config" });
  const model = async (): Promise<ReturnType<typeof systemModel>> => {
    const problems: Problem[] = [];
    const result = systemModel((await config.json()) ?? {}, problems);
    for (const { path, message } of problems) console.error(`config: ${path.join(".")}: ${message}`);
    return result;
  };
  const first = await model();
  if (first === undefined) return env.exit(3);
  let reporter: StateReporter | undefined;
  const init = new Init(first, {
    label: env.name,
    core: await EnvCore.open(env),
    parentSide: new LocalSide(new EnvSide(env)),
    quota: share(await env.parent.quota()),
    log: (text) => console.log(text),
    output: () => {},
    exit: (value) => void env.exit(value),
    // Called from the first turn on, before there is a reporter.
    stateChanged: () => reporter?.changed(),
  });
  const forwarding = new Forwarding(env, init);
  reporter = new StateReporter(env, init);
  await forwarding.announce();
  env.onResources(async () => init.quotas.grown(share(await env.parent.quota())));
  const follow = async (): Promise<void> => {
    try {
      const next = await model();
      if (next === undefined) return;
      await init.apply(next);
      await forwarding.announce();
    } catch (error) {
      console.error(`The system stays as it is: ${errorMessage(error)}`);
    }
  };
  config.onChange(() => void follow());
});
