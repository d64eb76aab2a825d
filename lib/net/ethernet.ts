/** Ethernet frames (IEEE 802.3): destination, source, type, payload. */

export const etherTypes = { ipv4: 0x0800, arp: 0x0806 } as const;
const etherHeaderBytes = 14;
/** Shorter frames are padded: the wire carries none below 60 bytes without checksum. */
const shortestFrame = 60;

/** Six bytes. */
export type HardwareAddress = Uint8Array;
export const broadcast: HardwareAddress = Uint8Array.of(255, 255, 255, 255, 255, 255);

export interface EthernetFrame {
  readonly destination: HardwareAddress;
  readonly source: HardwareAddress;
  readonly type: number;
  readonly payload: Uint8Array;
}

/** Undefined for what is no frame. Works on a private copy. */
export function parseEthernet(bytes: Uint8Array): EthernetFrame | undefined {
  if (bytes.length < etherHeaderBytes) return undefined;
  return {
    destination: bytes.subarray(0, 6),
    source: bytes.subarray(6, 12),
    type: ((bytes[12] as number) << 8) | (bytes[13] as number),
    payload: bytes.subarray(etherHeaderBytes),
  };
}

export function ethernetFrame({ destination, source, type, payload }: EthernetFrame): Uint8Array {
  const frame = new Uint8Array(Math.max(shortestFrame, etherHeaderBytes + payload.length));
  frame.set(destination, 0);
  frame.set(source, 6);
  frame[12] = type >> 8;
  frame[13] = type & 0xff;
  frame.set(payload, etherHeaderBytes);
  return frame;
}
