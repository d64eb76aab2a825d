/** The packets of test/native/ring-peer.h: payloads that follow from a sequence number, and a checksum as the result. */
import type { PacketDescriptor, PacketLayout } from "../../base/packet-stream.js";

export interface RingPacket extends PacketDescriptor {
  readonly sequence: number;
  readonly checksum: number;
}

export const ringPacketLayout: PacketLayout<RingPacket> = {
  name: "RingPacket",
  stride: 16,
  read: (view, at) => ({
    offset: view.getUint32(at, true),
    length: view.getUint32(at + 4, true),
    sequence: view.getUint32(at + 8, true),
    checksum: view.getUint32(at + 12, true),
  }),
  write(view, at, packet) {
    view.setUint32(at, packet.offset, true);
    view.setUint32(at + 4, packet.length, true);
    view.setUint32(at + 8, packet.sequence, true);
    view.setUint32(at + 12, packet.checksum, true);
  },
};

/** What a sink answers for a packet that does not lie within the bulk area. */
export const failedChecksum = 0xffff_ffff;

/** FNV-1a, 32 bits. */
export function checksum(bytes: Uint8Array): number {
  let sum = 2166136261;
  for (let i = 0; i < bytes.length; ++i) sum = Math.imul(sum ^ (bytes[i] as number), 16777619);
  return sum >>> 0;
}

export function fill(bytes: Uint8Array, sequence: number): void {
  for (let i = 0; i < bytes.length; ++i) bytes[i] = sequence + i * 7;
}
