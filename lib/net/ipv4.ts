/** IPv4 packets (RFC 791) without fragments, and addresses as people write them. */
import { SessionError } from "../../base/errors.js";

export const protocols = { icmp: 1, tcp: 6, udp: 17 } as const;
const headerBytes = 20;
const usualLifetime = 64;
const moreFragmentsOrOffset = 0x3fff;

/** An address as a number, first byte highest. */
export type Ipv4Address = number;

export interface Ipv4Packet {
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
  readonly protocol: number;
  readonly payload: Uint8Array;
}

/** Reads `10.10.0.1`. Throws `InvalidArgument` for anything else. */
export function parseIpv4Address(text: string): Ipv4Address {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255))
    throw new SessionError(
      "InvalidArgument",
      `${JSON.stringify(text)} is no IPv4 address: write four numbers such as 10.10.0.1`,
    );
  return parts.reduce((address, part) => address * 256 + part, 0);
}

export function formatIpv4Address(address: Ipv4Address): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join(".");
}

/** The Internet checksum (RFC 1071): over data that holds its own checksum it is 0. */
export function internetChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at + 1 < bytes.length; at += 2) sum += ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  if (bytes.length % 2 === 1) sum += (bytes[bytes.length - 1] as number) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** Undefined for fragments, and for what is damaged or no IPv4 packet. Works on a private copy. */
export function parseIpv4(bytes: Uint8Array): Ipv4Packet | undefined {
  if (bytes.length < headerBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const first = view.getUint8(0);
  const header = (first & 0x0f) * 4;
  const length = view.getUint16(2);
  if (first >> 4 !== 4 || header < headerBytes || length < header || length > bytes.length) return undefined;
  if ((view.getUint16(6) & moreFragmentsOrOffset) !== 0 || internetChecksum(bytes.subarray(0, header)) !== 0)
    return undefined;
  return {
    source: view.getUint32(12),
    destination: view.getUint32(16),
    protocol: view.getUint8(9),
    payload: bytes.subarray(header, length),
  };
}

export function ipv4Packet({ source, destination, protocol, payload }: Ipv4Packet): Uint8Array {
  const packet = new Uint8Array(headerBytes + payload.length);
  const view = new DataView(packet.buffer);
  view.setUint8(0, 0x45);
  view.setUint16(2, packet.length);
  view.setUint8(8, usualLifetime);
  view.setUint8(9, protocol);
  view.setUint32(12, source);
  view.setUint32(16, destination);
  view.setUint16(10, internetChecksum(packet.subarray(0, headerBytes)));
  packet.set(payload, headerBytes);
  return packet;
}
