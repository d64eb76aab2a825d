/** The native layer's sockets as the spawner's client wants them. */

import { SystemError } from "../base/errors.js";
import { forgetSlot, onSlot, startEventLoop } from "../base/event-loop.js";
import { native, slotBits } from "../bindings/native.js";
import type { PacketSockets } from "../bindings/spawner.js";

/** Calls back whenever a descriptor is readable, until closed. The descriptor stays the caller's. */
export function watchReadable(descriptor: number, callback: () => void): { close(): void } {
  startEventLoop();
  const slot = native.watchDescriptor(descriptor, slotBits.moved);
  onSlot(slot, callback);
  return {
    close: () => {
      forgetSlot(slot);
      native.unwatch(slot);
    },
  };
}

export const packetSockets: PacketSockets = {
  socketPair: () => native.socketPair(),
  sendMessage(socket, bytes, descriptors) {
    const result = native.sendMessage(socket, bytes, descriptors);
    if (result < 0)
      throw new SystemError({
        code: `errno ${-result}`,
        errno: -result,
        syscall: "sendmsg",
        message: `Cannot send to the spawner: errno ${-result}`,
      });
    return result;
  },
  receiveMessage(socket, maximumBytes) {
    const { length, bytes, descriptors } = native.receiveMessage(socket, maximumBytes, false);
    if (length < 0 && length !== -104) return undefined; // ECONNRESET reads as an end
    return { bytes, descriptors };
  },
  watchReadable,
};
