/** An interface for tests of the channel itself: echoes bytes, hands capabilities back, counts oneways. */
import type { Call, CallOptions, Interface, Operation, RpcPort } from "../../base/interface.js";
import type { Capability } from "../../base/message.js";
import { s } from "../../base/schema.js";

/** The most bytes that one echo carries. */
export const mostEchoBytes = 1000;

export interface EchoClient {
  echo(bytes: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
  /** Gives a dataspace away and gets the server's answer to it. */
  pass(memory: Capability, options?: CallOptions): Promise<Capability>;
  note(number: number, options?: CallOptions): Promise<void>;
}

export interface EchoHandlers {
  echo(bytes: Uint8Array, call: Call): Uint8Array | Promise<Uint8Array>;
  pass(memory: Capability, call: Call): Capability | Promise<Capability>;
  note(number: number, call: Call): void;
}

export const echoOpcode = { echo: 1, pass: 2, note: 3 } as const;

const operations: readonly Operation<EchoHandlers>[] = [
  {
    opcode: echoOpcode.echo,
    name: "echo",
    kind: "call",
    requestBytes: mostEchoBytes + 2,
    replyBytes: mostEchoBytes + 2,
    invoke: (handlers, reader, call) => {
      const bytes = reader.data(mostEchoBytes);
      reader.end();
      return handlers.echo(bytes, call);
    },
    encodeReply: (writer, result: Uint8Array) => writer.data(result, mostEchoBytes),
  },
  {
    opcode: echoOpcode.pass,
    name: "pass",
    kind: "call",
    requestBytes: 1,
    replyBytes: 1,
    invoke: (handlers, reader, call) => {
      const memory = reader.capability("dataspace");
      reader.end();
      return handlers.pass(memory, call);
    },
    encodeReply: (writer, result: Capability) => writer.capability(result),
  },
  {
    opcode: echoOpcode.note,
    name: "note",
    kind: "oneway",
    requestBytes: 4,
    replyBytes: 0,
    invoke: (handlers, reader, call) => {
      const number = reader.u32();
      reader.end();
      handlers.note(number, call);
    },
  },
];

export const Echo: Interface<EchoClient, EchoHandlers> = {
  name: "Echo",
  version: 1,
  ramQuota: 0,
  capQuota: 0,
  args: s.object({}),
  errors: [],
  signals: ["happened"],
  operations: new Map(operations.map((operation) => [operation.opcode, operation])),
  client: (port: RpcPort): EchoClient => ({
    echo(bytes, options) {
      port.begin(echoOpcode.echo).data(bytes, mostEchoBytes);
      return port.call(
        [],
        mostEchoBytes + 2,
        (reader) => {
          const result = reader.data(mostEchoBytes);
          reader.end();
          return result;
        },
        options,
      );
    },
    pass(memory, options) {
      port.begin(echoOpcode.pass).capability(memory);
      return port.call(
        [],
        1,
        (reader) => {
          const result = reader.capability("dataspace");
          reader.end();
          return result;
        },
        options,
      );
    },
    note(number, options) {
      port.begin(echoOpcode.note).u32(number);
      return port.send(options);
    },
  }),
};
