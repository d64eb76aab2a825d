/** An environment whose sessions end with the test, as those of a component end with its process. */
import type { Env } from "../../base/env.js";
import type { SessionType } from "../../base/session.js";
import type { Context } from "./suite.js";

export function endingEnv(context: Context, env: Env): Env {
  const connect = async <Options, Connection extends AsyncDisposable>(
    type: SessionType<Options, Connection>,
    options: Options,
  ): Promise<Connection> => context.use(await env.connect(type, options));
  return { connect, announce: env.announce.bind(env) } as unknown as Env;
}
