/** A neighbour on a network: answers ARP and echo requests, so that there is somebody to ping. */
import { component } from "../../base/component.js";
import { ConfigFile } from "../../lib/config.js";
import { NetworkHost } from "../../lib/net/host.js";
import { parseIpv4Address } from "../../lib/net/ipv4.js";
import { Nic } from "../../sessions/nic/index.js";
import { configSchema } from "./config.js";

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  const nic = await env.connect(Nic, { txBufferSize: "64K", rxBufferSize: "64K" });
  const join = async (): Promise<NetworkHost> =>
    new NetworkHost(nic, Uint8Array.from(await nic.macAddress()), parseIpv4Address(config.current.address));
  let host: NetworkHost | undefined;
  let joins = 0;
  // A driver that starts anew may have another hardware address, and a new configuration another one of ours.
  const joinAgain = async (): Promise<void> => {
    // What it was must not answer for what it will be.
    host = undefined;
    const turn = ++joins;
    const joined = await join();
    if (turn !== joins) return;
    host = joined;
    host.announce();
  };
  nic.onLinkChange(() => void joinAgain());
  config.follow(joinAgain);
  nic.onFrame((frame) => host?.accept(frame));
  await joinAgain();
});
