/** Channels between measured processes, made as a parent makes them. */

import { channel as layout } from "../base/layout.js";
import { native } from "../bindings/native.js";

export interface ChannelEnds {
  readonly client: readonly [number, number];
  readonly server: readonly [number, number];
  /** Closes the benchmark's own copies; the processes have inherited theirs. */
  close(): void;
}

export function makeChannel(): ChannelEnds {
  const [client, server] = native.socketPair();
  const memory = native.createDataspace("channel", layout.bytes);
  return {
    client: [client, memory],
    server: [server, memory],
    close: () => {
      for (const descriptor of [client, server, memory]) native.closeDescriptor(descriptor);
    },
  };
}
