/** What a test waits for on a network, by its fields. */
import { formatMacAddress } from "../lib/mac-address.js";
import { arpOperations, parseArp } from "../lib/net/arp.js";
import { type EthernetFrame, etherTypes, parseEthernet } from "../lib/net/ethernet.js";
import { echoTypes, parseEcho } from "../lib/net/icmp.js";
import { formatIpv4Address, parseIpv4, protocols } from "../lib/net/ipv4.js";

export interface FrameMatcher {
  /** For messages. */
  readonly description: string;
  matches(frame: Uint8Array): boolean;
}

interface EthernetFields {
  readonly source?: string;
  readonly destination?: string;
  /** Such as 0x0800. */
  readonly type?: number;
}

function described(what: string, fields: object): string {
  const given = Object.entries(fields).map(([name, value]) => `${name} ${String(value)}`);
  return given.length === 0 ? what : `${what} (${given.join(", ")})`;
}

function matcher(what: string, fields: object, matches: (frame: EthernetFrame) => boolean): FrameMatcher {
  return {
    description: described(what, fields),
    matches: (bytes) => {
      const frame = parseEthernet(bytes);
      return frame !== undefined && matches(frame);
    },
  };
}

/** Undefined matches anything. */
function same<Value>(wanted: Value | undefined, found: Value): boolean {
  return wanted === undefined || wanted === found;
}

/** Any frame; addresses as "02:00:00:00:00:01". */
export function ethernet(fields: EthernetFields = {}): FrameMatcher {
  return matcher(
    "an Ethernet frame",
    fields,
    (frame) =>
      same(fields.source?.toLowerCase(), formatMacAddress([...frame.source])) &&
      same(fields.destination?.toLowerCase(), formatMacAddress([...frame.destination])) &&
      same(fields.type, frame.type),
  );
}

/** An ARP packet; `sender` and `target` as "10.0.0.1". */
export function arp(
  fields: { readonly operation?: keyof typeof arpOperations; readonly sender?: string; readonly target?: string } = {},
): FrameMatcher {
  return matcher("an ARP packet", fields, ({ type, payload }) => {
    const packet = type === etherTypes.arp ? parseArp(payload) : undefined;
    return (
      packet !== undefined &&
      (fields.operation === undefined || packet.operation === arpOperations[fields.operation]) &&
      same(fields.sender, formatIpv4Address(packet.sender)) &&
      same(fields.target, formatIpv4Address(packet.target))
    );
  });
}

interface Ipv4Fields {
  readonly source?: string;
  readonly destination?: string;
}

function ipv4Payload(
  { type, payload }: EthernetFrame,
  fields: Ipv4Fields,
  protocol: number | undefined,
): Uint8Array | undefined {
  const packet = type === etherTypes.ipv4 ? parseIpv4(payload) : undefined;
  return packet !== undefined &&
    same(protocol, packet.protocol) &&
    same(fields.source, formatIpv4Address(packet.source)) &&
    same(fields.destination, formatIpv4Address(packet.destination))
    ? packet.payload
    : undefined;
}

export function ipv4(fields: Ipv4Fields & { readonly protocol?: number } = {}): FrameMatcher {
  return matcher("an IPv4 packet", fields, (frame) => ipv4Payload(frame, fields, fields.protocol) !== undefined);
}

/** An ICMP echo: `request` or `reply`. */
export function echo(fields: Ipv4Fields & { readonly kind?: keyof typeof echoTypes } = {}): FrameMatcher {
  return matcher("an ICMP echo", fields, (frame) => {
    const payload = ipv4Payload(frame, fields, protocols.icmp);
    const message = payload && parseEcho(payload);
    return message !== undefined && (fields.kind === undefined || message.type === echoTypes[fields.kind]);
  });
}

/** A TCP segment or UDP datagram, by its ports. */
export function port(
  kind: "tcp" | "udp",
  fields: Ipv4Fields & { readonly sourcePort?: number; readonly destinationPort?: number } = {},
): FrameMatcher {
  return matcher(`a ${kind.toUpperCase()} packet`, fields, (frame) => {
    const payload = ipv4Payload(frame, fields, protocols[kind]);
    if (payload === undefined || payload.length < 4) return false;
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    return same(fields.sourcePort, view.getUint16(0)) && same(fields.destinationPort, view.getUint16(2));
  });
}
