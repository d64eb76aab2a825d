/** `bulkhead debug`: lets a debugger into a component, which has no network of its own to listen on. */
import { FrameReader, messageParts } from "../../base/debug-packet.js";
import { errorMessage } from "../../base/errors.js";
import { printable } from "../../lib/readable.js";
import { controlVersion, type DebugEvent, type DebugInput, type DebugResult } from "../../root/control-protocol.js";
import { Client } from "../client.js";
import { type Command, exitCodes, Failure, numberOption } from "../command.js";
import { type Frontend, InspectorServer } from "../inspector-server.js";
import { interrupted } from "../interruption.js";
import type { Output } from "../output.js";

type Ready = Extract<DebugEvent, { ready: unknown }>["ready"];

/** A component that computes does not hear its debugger; after so many milliseconds the user is told. */
const patience = 2000;
/** Bytes of a message; no heap snapshot comes in larger pieces. */
const largestMessage = 256 * 1024 * 1024;

/** Gives a debugger the source maps that the component's process does not have. */
function withSourceMap(message: string, { sourceMaps }: Ready): string {
  if (!message.startsWith('{"method":"Debugger.scriptParsed"')) return message;
  const event = JSON.parse(message) as { params: { url: string; sourceMapURL: string } };
  const map = Object.hasOwn(sourceMaps, event.params.url) ? sourceMaps[event.params.url] : undefined;
  if (map === undefined) return message;
  event.params.sourceMapURL = `data:application/json;base64,${Buffer.from(map).toString("base64")}`;
  return JSON.stringify(event);
}

/** Carries messages between a component and the debuggers that come and go. */
class Bridge {
  readonly #ready: Ready;
  readonly #output: Output;
  readonly #input: (input: DebugInput) => void;
  #frames = new FrameReader(largestMessage);
  #frontend: Frontend | undefined;
  #patience: NodeJS.Timeout | undefined;

  constructor(ready: Ready, output: Output, input: (input: DebugInput) => void) {
    this.#ready = ready;
    this.#output = output;
    this.#input = input;
  }

  connect(frontend: Frontend): void {
    this.#frontend = frontend;
    this.#frames = new FrameReader(largestMessage);
    this.#output.note("A debugger is connected");
    this.#input({ attach: true });
    this.#patience = setTimeout(() => {
      this.#output.note(
        `"${printable(this.#ready.label)}" does not answer yet: its code has not come back to its event loop. A loop without end cannot be interrupted; "bulkhead debug --wait" stops before it`,
      );
    }, patience);
    frontend.onMessage((message) => {
      for (const { last, bytes } of messageParts(message))
        this.#input({ last, data: Buffer.from(bytes).toString("base64") });
    });
    frontend.onClosed(() => {
      clearTimeout(this.#patience);
      this.#frontend = undefined;
      this.#output.note("The debugger has gone; the component runs on");
      this.#input({ detach: true });
    });
  }

  /** Bytes of the component. Throws a `RangeError` when they are not the inspector's. */
  receive(bytes: Uint8Array): void {
    for (const message of this.#frames.add(bytes)) {
      clearTimeout(this.#patience);
      // An empty one says that it listens.
      if (message !== "") this.#frontend?.send(withSourceMap(message, this.#ready));
    }
  }

  close(): void {
    clearTimeout(this.#patience);
  }
}

function report(output: Output, server: InspectorServer, { label, pid, waits }: Ready): void {
  const urls = { url: server.webSocketUrl, address: server.address, devtools: server.devtoolsUrl };
  output.result({ version: controlVersion, component: label, pid, waits, ...urls }, () =>
    [
      `Debugging "${printable(label)}" (process ${pid})${waits ? ", which waits before its first line" : ""}`,
      `  WebSocket  ${urls.url}`,
      `  browser    ${urls.devtools}`,
      `             or chrome://inspect, with ${urls.address} among its targets`,
      `  terminal   node inspect ${urls.address}`,
      "  end        Ctrl-C; the component runs on",
    ].join("\n"),
  );
}

export const debug: Command = {
  name: "debug",
  summary: "Let a debugger into a running component, with its TypeScript sources",
  arguments: "COMPONENT",
  count: [1, 1],
  options: {
    wait: { type: "boolean", doc: "Start the component anew, and stop before its first line." },
    port: { type: "string", value: "PORT", doc: "Port on 127.0.0.1; 9229 by default, or any when that is taken." },
  },
  examples: [
    ["bulkhead debug uart", "then chrome://inspect, VS Code, or node inspect 127.0.0.1:9229"],
    ["bulkhead debug --wait uart", "from its first line on"],
    ['bulkhead debug "inner -> timer"', "a component of a nested init, by its full label"],
  ],
  async run(invocation) {
    const { options, output, positionals } = invocation;
    const port = options["port"] === undefined ? undefined : numberOption(invocation, "port", 0);
    if (port !== undefined && port > 65_535) throw new Failure("--port is at most 65535", exitCodes.usage);
    using client = await Client.of(invocation);
    let bridge: Bridge | undefined;
    let tellReady: (ready: Ready) => void = () => {};
    const readiness = new Promise<Ready>((resolve) => {
      tellReady = resolve;
    });
    let tellBroken: (error: Failure) => void = () => {};
    const broken = new Promise<never>((_resolve, reject) => {
      tellBroken = reject;
    });
    broken.catch(() => {}); // told below
    const { result, input } = client.start<DebugResult>(
      "debug",
      { component: positionals[0], wait: options["wait"] === true },
      (event: DebugEvent) => {
        if ("ready" in event) return tellReady(event.ready);
        try {
          bridge?.receive(Buffer.from(event.data, "base64"));
        } catch (error) {
          tellBroken(new Failure(`The component does not speak the inspector protocol: ${errorMessage(error)}`));
        }
      },
    );
    // Refused before it began.
    const ready = await Promise.race([readiness, result.then(() => readiness)]);
    const carrier = new Bridge(ready, output, input);
    bridge = carrier;
    await using server = await InspectorServer.listen(
      port,
      { title: `${ready.label} (Bulkhead)`, file: ready.file, node: ready.node },
      (frontend) => carrier.connect(frontend),
    );
    report(output, server, ready);
    try {
      const end = result.then(async ({ component, ended }) => {
        const reason = `"${printable(component)}" ${ended}`;
        await server.close(reason);
        throw new Failure(reason, exitCodes.failure, "its next start can be debugged by the same command");
      });
      return await interrupted(Promise.race([end, broken]));
    } finally {
      carrier.close();
    }
  },
};
