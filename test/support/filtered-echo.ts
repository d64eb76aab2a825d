/**
 * A process of test/servers/tcp-terminal-filter.test.ts: a TCP terminal on the listening socket at descriptor 3, under the
 * system-call filter that a component has, with a client that sends back what comes.
 */
import { Dataspace } from "../../base/dataspace.js";
import { native } from "../../bindings/native.js";
import { configSchema } from "../../servers/tcp-terminal/config.js";
import { OpenSocketPool } from "../../servers/tcp-terminal/open-socket.js";
import { TcpTerminalServer } from "../../servers/tcp-terminal/tcp-terminal-server.js";
import { TerminalInterface, type TerminalSession } from "../../sessions/terminal/index.js";

const half = 4096;
/** Sending descriptors, and `accept`. */
const filter = 2 | 32;

const buffer = Dataspace.map(native.createDataspace("terminal", 2 * half), { writable: true });
process.stdout.write("");
native.installTightFilter(filter);

let session: TerminalSession | undefined;
function echo(): void {
  for (let length = session?.read(half) ?? 0; length > 0; length = session?.read(half) ?? 0) {
    buffer.bytes.write(buffer.bytes.copy(0, length), half);
    session?.write(length);
  }
}

const config = configSchema.parse({ policies: [{ labelPrefix: "client", listener: "telnet" }] }, [], []);
const server = await TcpTerminalServer.start(config, new OpenSocketPool(), async () => 3);
const raise = (signal: number): void => {
  if (signal === TerminalInterface.signals.indexOf("readAvailable")) setImmediate(echo);
};
session = await server.open({
  label: "client",
  args: {},
  quota: { ram: 0, caps: 0 },
  session: { open: true, raise } as never,
  alloc: async () => buffer,
  free: () => {},
});
