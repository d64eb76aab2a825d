/**
 * Network devices: kernel TAP interfaces, packet sockets on existing interfaces, and pairs that need no privilege.
 * Frames move in batches between the device and dataspaces, large segments whole.
 *
 * Every frame starts with {@link netHeaderBytes} bytes of virtio-net header: `u8 flags` (1: a checksum is to be filled
 * in at `csumStart + csumOffset`), `u8 gsoType` (0 none, 1 TCP over IPv4, 4 TCP over IPv6, 5 UDP; plus 0x80 with ECN),
 * `u16 headerLength`, `u16 gsoSize`, `u16 csumStart`, `u16 csumOffset`, all little-endian, all zero for a plain
 * frame. The Ethernet header follows. All kinds use the same header, so a frame passes from any to any as it is.
 */
import { native as addon } from "./native.js";

interface NetAddon {
  netTap(name: string, offloads: boolean, address: Uint8Array | undefined, mtu: number, up: boolean): Tap;
  netTapOffloads(descriptor: number, wanted: boolean): number;
  netTapCarrier(descriptor: number, carrier: boolean): void;
  netPacketSocket(name: string, promiscuous: boolean): PacketSocket;
  netPair(): [number, number];
  netOpen(descriptor: number): { handle: number; kind: number; descriptor: number };
  netClose(handle: number): void;
  netAddBuffer(handle: number, memfd: number, offset: number, length: number): number;
  netRemoveBuffer(handle: number, index: number): void;
  netReceive(handle: number, buffer: number, frames: Uint32Array, count: number, header: number): number;
  netSend(handle: number, buffer: number, frames: Uint32Array, count: number, header: number): number;
  netPresent(handle: number): boolean;
  netCounters(handle: number): NetCounters;
  netLink(name: string): { descriptor: number; index: number };
  netLinkState(descriptor: number, index: number): number;
}

const native = addon as unknown as NetAddon;

/** Bytes of virtio-net header before each Ethernet header. */
export const netHeaderBytes = 10;
/**
 * Bytes of header before each Ethernet header in a buffer: the device's own; none, so that open checksums are filled in
 * and segments yet to be cut are dropped; or the twelve of virtio 1, of which the last two are zero.
 */
export type NetHeader = typeof netHeaderBytes | 0 | 12;
/** Room for any frame that a device with offloads delivers: header, Ethernet with a VLAN tag, 64 KiB. */
export const largestFrame = netHeaderBytes + 18 + 65535;
/** The most frames that one call moves. */
export const netBatch = 64;

/** The words of one frame's place in a packed batch. */
export const netFrame = {
  /** Bytes from the start of the buffer. */
  address: 0,
  /** Bytes of the frame with its header; before receiving, the room. */
  length: 1,
  words: 2,
} as const;

/** What a TAP may hand over and take undone. */
export const tapOffload = { checksum: 0x01, tcp4: 0x02, tcp6: 0x04, ecn: 0x08, udp4: 0x20, udp6: 0x40 } as const;

export interface Tap {
  readonly descriptor: number;
  readonly name: string;
  /** MAC address of the kernel's side of the wire. */
  readonly address: Uint8Array;
  /** {@link tapOffload} bits that the kernel took. */
  readonly offloads: number;
}

export interface TapOptions {
  /** Name of the interface; with `%d`, or absent, the kernel numbers it. */
  readonly name?: string;
  /** Whole segments and open checksums, as far as the kernel has them. Default true. */
  readonly offloads?: boolean;
  /** MAC address of the kernel's side, six bytes. */
  readonly address?: Uint8Array;
  readonly mtu?: number;
  /** Bring the interface up. Default true. */
  readonly up?: boolean;
}

/**
 * Makes a TAP interface in this process's network namespace, which lives as long as its descriptor. For whoever grants
 * devices: needs CAP_NET_ADMIN. Throws EPERM, EBUSY (the name is held), ENOENT (no tun driver).
 */
export function openTap(options: TapOptions = {}): Tap {
  return native.netTap(
    options.name ?? "tap%d",
    options.offloads ?? true,
    options.address,
    options.mtu ?? 0,
    options.up ?? true,
  );
}

/**
 * Whether the kernel's side hands over whole segments and open checksums: the {@link tapOffload} bits that it took. Works
 * on a granted descriptor.
 */
export function setTapOffloads(descriptor: number, wanted: boolean): number {
  return native.netTapOffloads(descriptor, wanted);
}

/** Whether the kernel's side sees a carrier. Works on a granted descriptor. */
export function setTapCarrier(descriptor: number, carrier: boolean): void {
  native.netTapCarrier(descriptor, carrier);
}

export interface PacketSocket {
  readonly descriptor: number;
  /** MAC address of the interface. */
  readonly address: Uint8Array;
  readonly mtu: number;
}

/**
 * Opens a packet socket on an existing interface: sees what arrives there, not what the host sends. The kernel takes
 * one VLAN tag off each received frame. For whoever grants devices: needs CAP_NET_RAW. Throws ENODEV, EPERM,
 * EOPNOTSUPP (not Ethernet).
 */
export function openPacketSocket(name: string, options: { readonly promiscuous?: boolean } = {}): PacketSocket {
  return native.netPacketSocket(name, options.promiscuous ?? false);
}

/** Two descriptors that carry frames to each other. */
export function openNetPair(): [number, number] {
  return native.netPair();
}

export interface NetCounters {
  readonly received: number;
  readonly sent: number;
  /** Frames that were larger than the room for them. */
  readonly receiveDropped: number;
  /** Frames without headers, or that the kernel refused. */
  readonly sendDropped: number;
}

export type NetKind = "tap" | "packet-socket" | "pair";
const kinds: readonly NetKind[] = ["tap", "packet-socket", "pair"];

/** One device behind a granted descriptor, of whatever kind. */
export class NetDevice {
  readonly #handle: number;
  readonly kind: NetKind;
  /** The device's own descriptor: readable when frames wait, and when the device is gone. Do not close it. */
  readonly descriptor: number;

  /** Keeps a duplicate of the descriptor. Throws EOPNOTSUPP (none of the kinds) or EINVAL (frames with another header). */
  constructor(descriptor: number) {
    const facts = native.netOpen(descriptor);
    this.#handle = facts.handle;
    this.kind = kinds[facts.kind] ?? "tap";
    this.descriptor = facts.descriptor;
  }

  /** Maps a stretch of a dataspace that is sealed against shrinking; the result names it. See BlockDevice.addBuffer. */
  addBuffer(memfd: number, offset = 0, length = 0): number {
    return native.netAddBuffer(this.#handle, memfd, offset, length);
  }

  removeBuffer(index: number): void {
    native.netRemoveBuffer(this.#handle, index);
  }

  /**
   * Fills up to `count` places (at most {@link netBatch}) with frames that wait, sets their lengths, and returns how
   * many. A frame that does not fit is dropped, and places may then change their order. Throws EBADFD when the device
   * is gone, ENETDOWN once when its interface went down, EINVAL or EFAULT for a wrong buffer or place.
   */
  receive(buffer: number, frames: Uint32Array, count: number, header: NetHeader = netHeaderBytes): number {
    return native.netReceive(this.#handle, buffer, frames, count, header);
  }

  /**
   * Hands over up to `count` frames (at most {@link netBatch}) and returns how many were consumed: fewer when the
   * device's queue is full. A frame that the kernel refuses is consumed, and its length set to 0. Throws like
   * {@link receive}, and EIO while a TAP's interface is down.
   */
  send(buffer: number, frames: Uint32Array, count: number, header: NetHeader = netHeaderBytes): number {
    return native.netSend(this.#handle, buffer, frames, count, header);
  }

  /**
   * False when an interface was removed. It goes down first: whoever heard of that before it went away ({@link receive})
   * hears no more of it. Of TAPs and pairs {@link receive} always tells.
   */
  get present(): boolean {
    return native.netPresent(this.#handle);
  }

  get counters(): NetCounters {
    return native.netCounters(this.#handle);
  }

  close(): void {
    native.netClose(this.#handle);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** `up`: the interface is up and has a carrier. `gone`: removed, or moved to another namespace. */
export type LinkState = "down" | "up" | "gone";
const linkStates: readonly (LinkState | undefined)[] = [undefined, "down", "up", "gone"];

/**
 * Opens a socket on which the kernel tells of one interface's link, and of nothing else; its present state is on the
 * way at once. For whoever grants devices. The descriptor is readable when there is news. Throws ENODEV.
 */
export function openLinkMonitor(name: string): { readonly descriptor: number; readonly index: number } {
  return native.netLink(name);
}

/** The newest state that was told since the last call, or undefined without news. Works on a granted descriptor. */
export function readLinkState(descriptor: number, index: number): LinkState | undefined {
  return linkStates[native.netLinkState(descriptor, index)];
}
