/** A nested init: a component whose config is a system, and which is the parent of that system's components. */
import { component } from "../../base/component.js";
import type { Amount } from "../../base/quota.js";
import { ConfigFile } from "../../lib/config.js";
import { systemParser } from "./config.js";
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
  const config = await ConfigFile.open(env, systemParser);
  let reporter: StateReporter | undefined;
  const init = new Init(config.current, {
    label: env.label,
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
  env.onRoutesChanged(() => init.lifecycle.routesChanged(true));
  config.follow(async (next) => {
    await init.apply(next);
    await forwarding.announce();
  });
});
