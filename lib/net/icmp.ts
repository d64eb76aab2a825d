/** ICMP echo (RFC 792): what ping sends and gets back. */
import { internetChecksum } from "./ipv4.js";

export const echoTypes = { reply: 0, request: 8 } as const;
const headerBytes = 8;

export interface IcmpEcho {
  readonly type: number;
  readonly identifier: number;
  readonly sequence: number;
  readonly data: Uint8Array;
}

/** Undefined for other messages, and for what is damaged. Works on a private copy. */
export function parseEcho(bytes: Uint8Array): IcmpEcho | undefined {
  if (bytes.length < headerBytes || internetChecksum(bytes) !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const type = view.getUint8(0);
  if (type !== echoTypes.reply && type !== echoTypes.request) return undefined;
  return { type, identifier: view.getUint16(4), sequence: view.getUint16(6), data: bytes.subarray(headerBytes) };
}

export function echoMessage({ type, identifier, sequence, data }: IcmpEcho): Uint8Array {
  const message = new Uint8Array(headerBytes + data.length);
  const view = new DataView(message.buffer);
  view.setUint8(0, type);
  view.setUint16(4, identifier);
  view.setUint16(6, sequence);
  message.set(data, headerBytes);
  view.setUint16(2, internetChecksum(message));
  return message;
}
