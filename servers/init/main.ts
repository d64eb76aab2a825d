/** A nested init: a component whose config is a system, and which is the parent of that system's components. */
import { component } from "../../base/component.js";
import { type Amount, difference, nothing } from "../../base/quota.js";
import { ConfigFile } from "../../lib/config.js";
import { systemParser } from "./config.js";
import { EnvCore } from "./env-core.js";
import { forwardedFlow } from "./flows.js";
import { Forwarding } from "./forwarding.js";
import { Init } from "./init.js";
import { EnvSide, LocalSide } from "./parent-side.js";
import { StateReporter } from "./state-reporter.js";

/** What init gives away of its own quota; the rest is for its own sessions and the channels of its children. */
const given = 0.9;

function share({ ram, caps }: Amount): Amount {
  return { ram: Math.floor(ram * given), caps: Math.floor(caps * given) };
}

/** What init needs to be able to give this away. */
function whole({ ram, caps }: Amount): Amount {
  return { ram: Math.ceil(ram / given), caps: Math.ceil(caps / given) };
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
    lacking: (amount) => {
      const { ram, caps } = whole(amount);
      env.parent.resourceRequest(ram, caps).catch(() => {});
    },
    output: () => {},
    exit: (value) => void env.exit(value),
    // Called from the first turn on, before there is a reporter.
    stateChanged: () => reporter?.changed(),
  });
  const forwarding = new Forwarding(env, init);
  reporter = new StateReporter(env, init);
  await forwarding.announce();
  // Both ways through one place: what was granted, what was taken, and what the parent wants beside that.
  const resize = async (wanted: Amount): Promise<void> =>
    init.quotas.resize(share(difference(await env.parent.quota(), wanted)));
  env.onResources(() => resize(nothing));
  env.onYieldRequest(resize);
  env.onRoutesChanged(() => init.lifecycle.routesChanged(true));
  env.onFlowWanted(() => forwardedFlow(init));
  config.follow(async (next) => {
    await init.apply(next);
    await forwarding.announce();
  });
});
