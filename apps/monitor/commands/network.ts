/** Commands on the Nic session. */
import { SessionError } from "../../../base/errors.js";
import { formatMacAddress } from "../../../lib/mac-address.js";
import { NetworkHost } from "../../../lib/net/host.js";
import { parseIpv4Address } from "../../../lib/net/ipv4.js";
import { count, type MonitorCommand, required } from "../command.js";

const answerTimeout = 2000;
const pingInterval = 200;

const net: MonitorCommand = {
  name: "net",
  summary: "the network port: address, link, counters",
  async run(desk) {
    const nic = await desk.nic();
    const [address, up] = await Promise.all([nic.macAddress(), nic.linkState()]);
    const counters = Object.entries(nic.counters).map(([name, value]) => `${name} ${String(value)}`);
    await desk.print(
      `${formatMacAddress(address)}, link ${up ? "up" : "down"}, own address ${desk.config.address}\n${counters.join(", ")}`,
    );
  },
};

const ping: MonitorCommand = {
  name: "ping",
  arguments: "ADDRESS [COUNT]",
  summary: "ask a neighbour whether it is there",
  async run(desk, [target, times]) {
    const address = parseIpv4Address(required(target, "an address"));
    const wanted = count(times, "how many times", 3);
    const nic = await desk.nic();
    const host = new NetworkHost(nic, Uint8Array.from(await nic.macAddress()), parseIpv4Address(desk.config.address));
    nic.onFrame((frame) => host.accept(frame));
    let received = 0;
    for (let number = 1; number <= wanted && !desk.signal.aborted; ++number) {
      try {
        const { time, bytes } = await host.ping(address, answerTimeout, desk.signal);
        received += 1;
        await desk.print(`${bytes} bytes from ${target}: ${time.toFixed(3)} ms`);
      } catch (error) {
        if (!(error instanceof SessionError) || error.code !== "DeadlineExceeded") throw error;
        if (!desk.signal.aborted) await desk.print(error.message);
      }
      if (number < wanted && !desk.signal.aborted) await pause(pingInterval, desk.signal);
    }
    await desk.print(`${received} of ${wanted} answered`);
  },
};

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
  });
}

export const networkCommands: readonly MonitorCommand[] = [net, ping];
