/**
 * Asks for devices whenever something changed, keeps what it gets, and prints JSON lines: `sees`, the stable names in its
 * `devices` ROM; `granted`; and the outcome for each name of its configuration.
 */
import { component, SessionError } from "../../base/index.js";
import { s } from "../../base/schema.js";
import { ConfigFile } from "../../lib/config.js";
import { type HostGrant, Platform } from "../../sessions/platform/index.js";
import { Rom } from "../../sessions/rom/index.js";

const configSchema = s.object({
  acquire: s.array(s.string(), { default: [] }),
  release: s.array(s.string(), { default: [] }),
});

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const devices = await env.connect(Rom, { label: "devices" });
  const platform = await env.connect(Platform);
  const held = new Map<string, HostGrant>();
  let last = "";
  const say = (line: object): void => {
    const text = JSON.stringify(line);
    if (text !== last) console.log(text);
    last = text;
  };

  const acquire = async (name: string): Promise<void> => {
    try {
      const grant = await platform.acquire(name);
      held.set(name, grant);
      say({ name, kind: grant.kind, path: grant.path, writeable: grant.writeable, facts: grant.facts });
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      say({ name, refused: error.code, why: error.message });
    }
  };
  const look = async (): Promise<void> => {
    const document = JSON.parse(await devices.text()) as { devices: Record<string, object> };
    say({ sees: Object.keys(document.devices) });
    const granted = await platform.granted();
    say({ granted });
    for (const name of config.current.release) {
      held.get(name)?.close();
      if (held.delete(name)) await platform.release(name);
    }
    for (const name of config.current.acquire) {
      if (held.has(name) && granted.includes(name)) continue;
      held.get(name)?.close();
      held.delete(name);
      await acquire(name);
    }
  };
  let turn = look();
  const again = (): void => {
    turn = turn.then(look);
    turn.catch((error: unknown) => console.log(JSON.stringify({ error: String(error) })));
  };
  devices.onChange(again);
  platform.onChange(again);
  config.follow(again);
});
