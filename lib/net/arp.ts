/** ARP (RFC 826) for IPv4 over Ethernet: who has an address. */
import type { HardwareAddress } from "./ethernet.js";
import type { Ipv4Address } from "./ipv4.js";

export const arpOperations = { request: 1, reply: 2 } as const;
const packetBytes = 28;

export interface ArpPacket {
  readonly operation: number;
  readonly senderHardware: HardwareAddress;
  readonly sender: Ipv4Address;
  readonly targetHardware: HardwareAddress;
  readonly target: Ipv4Address;
}

/** Undefined for other networks, and for what is no ARP packet. Works on a private copy. */
export function parseArp(bytes: Uint8Array): ArpPacket | undefined {
  if (bytes.length < packetBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint16(0) !== 1 || view.getUint16(2) !== 0x0800 || view.getUint8(4) !== 6 || view.getUint8(5) !== 4)
    return undefined;
  return {
    operation: view.getUint16(6),
    senderHardware: bytes.subarray(8, 14),
    sender: view.getUint32(14),
    targetHardware: bytes.subarray(18, 24),
    target: view.getUint32(24),
  };
}

export function arpPacket({ operation, senderHardware, sender, targetHardware, target }: ArpPacket): Uint8Array {
  const packet = new Uint8Array(packetBytes);
  const view = new DataView(packet.buffer);
  view.setUint16(0, 1);
  view.setUint16(2, 0x0800);
  view.setUint8(4, 6);
  view.setUint8(5, 4);
  view.setUint16(6, operation);
  packet.set(senderHardware, 8);
  view.setUint32(14, sender);
  packet.set(targetHardware, 18);
  view.setUint32(24, target);
  return packet;
}
