/** What the system file grants of the host, as descriptors. */
import { Dataspace } from "../base/dataspace.js";
import type { Env } from "../base/env.js";
import { SessionError } from "../base/errors.js";
import {
  Platform,
  type PlatformClient,
  type PlatformGrant,
  PlatformKind,
} from "../sessions/platform/platform.generated.js";

const platforms = new WeakMap<Env, Promise<PlatformClient>>();

/** The component's one Platform session, open as long as the component lives: a grant ends with its session. */
function platform(env: Env): Promise<PlatformClient> {
  let client = platforms.get(env);
  if (client === undefined) {
    client = env.session(Platform, {}, { label: "grants", reconnect: false }).then((session) => session.client);
    platforms.set(env, client);
  }
  return client;
}

/**
 * The descriptor of a grant, which is the caller's from then on.
 * @throws SessionError `NotFound` when nothing of that name is granted, `InvalidArgument` when it is of another kind
 */
export async function acquireGrant(env: Env, name: string, kind: keyof typeof PlatformKind): Promise<number> {
  const client = await platform(env);
  const grant: PlatformGrant = await client.acquire(name);
  const [descriptor] = grant.file.descriptors;
  if (descriptor !== undefined && grant.kind === PlatformKind[kind]) return descriptor;
  const found = Object.keys(PlatformKind).find(
    (known) => PlatformKind[known as keyof typeof PlatformKind] === grant.kind,
  );
  Dataspace.closeDescriptors(grant.file);
  await client.release(name);
  throw new SessionError(
    "InvalidArgument",
    `Cannot use the grant "${name}" (${grant.path}): it is a ${found}, and a ${kind} is needed`,
  );
}
