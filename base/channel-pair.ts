/** Both ends of a new channel: what a parent gives to a client and its server. */
import { native } from "../bindings/native.js";
import { channel as layout } from "./layout.js";
import type { Capability } from "./message.js";

/** `name` is what the system shows of its memory. `move`: sending an end hands it over. */
export function makeChannel(name: string, move = false): { client: Capability; server: Capability } {
  const memory = native.createDataspace(name, layout.bytes, true);
  const [client, server] = native.socketPair();
  return {
    client: { kind: "channel", descriptors: [client, native.duplicateDescriptor(memory)], move },
    server: { kind: "channel", descriptors: [server, memory], move },
  };
}
