/**
 * The smallest host on an Ethernet port: has one IPv4 address, answers ARP and echo requests, resolves its neighbours
 * and pings them. No fragments, no routes.
 */
import { SessionError } from "../../base/errors.js";
import { monotonic } from "../../base/monotonic.js";
import { type ArpPacket, arpOperations, arpPacket, parseArp } from "./arp.js";
import { broadcast, ethernetFrame, etherTypes, type HardwareAddress, parseEthernet } from "./ethernet.js";
import { echoMessage, echoTypes, type IcmpEcho, parseEcho } from "./icmp.js";
import { formatIpv4Address, type Ipv4Address, type Ipv4Packet, ipv4Packet, parseIpv4, protocols } from "./ipv4.js";

/** Where frames go out; false when one was dropped. A Nic connection is one. */
export interface FramePort {
  send(frame: Uint8Array): boolean;
}

export interface Echo {
  /** Milliseconds from request to reply. */
  readonly time: number;
  /** Bytes of the reply's IPv4 payload. */
  readonly bytes: number;
}

/** How long a neighbour may take to say its hardware address, in milliseconds, before it is asked again. */
const askAgain = 1000;
const mostNeighbours = 64;
const echoData = 56;

export class NetworkHost {
  readonly #port: FramePort;
  readonly #hardware: HardwareAddress;
  readonly address: Ipv4Address;
  readonly #identifier = Math.floor(Math.random() * 0x1_0000);
  #sequence = 0;
  readonly #neighbours = new Map<Ipv4Address, HardwareAddress>();
  readonly #asking = new Map<Ipv4Address, Set<(found: HardwareAddress) => void>>();
  readonly #echoes = new Map<number, (bytes: number) => void>();
  readonly counters = { arpAnswered: 0, echoAnswered: 0, ignored: 0 };

  constructor(port: FramePort, hardware: HardwareAddress, address: Ipv4Address) {
    this.#port = port;
    this.#hardware = hardware;
    this.address = address;
  }

  /**
   * Tells everybody which hardware address the IPv4 address has (RFC 5227, 2.3). Whoever spoke with a host that had
   * another one there goes on speaking to that otherwise, until its memory fades.
   */
  announce(): void {
    this.#sendArp(arpOperations.request, broadcast, this.address);
  }

  /** Takes a frame that came: a private copy. */
  accept(bytes: Uint8Array): void {
    const frame = parseEthernet(bytes);
    // Our own frames come back on a loopback.
    if (frame === undefined || sameBytes(frame.source, this.#hardware)) return;
    if (frame.type === etherTypes.arp) {
      const packet = parseArp(frame.payload);
      if (packet !== undefined) return this.#arp(packet);
    } else if (frame.type === etherTypes.ipv4 && sameBytes(frame.destination, this.#hardware)) {
      const packet = parseIpv4(frame.payload);
      if (packet !== undefined && packet.destination === this.address && packet.protocol === protocols.icmp) {
        const echo = parseEcho(packet.payload);
        if (echo !== undefined) return this.#echo(frame.source, packet, echo);
      }
    }
    this.counters.ignored += 1;
  }

  #arp(packet: ArpPacket): void {
    // Whom we speak with may tell everybody that its hardware address is another one now.
    if (this.#neighbours.has(packet.sender) || packet.target === this.address)
      this.#learn(packet.sender, packet.senderHardware);
    if (packet.target !== this.address) return;
    if (packet.operation !== arpOperations.request) return;
    this.counters.arpAnswered += 1;
    this.#sendArp(arpOperations.reply, packet.senderHardware.slice(), packet.sender);
  }

  #sendArp(operation: number, hardware: HardwareAddress, target: Ipv4Address): void {
    const asked = operation === arpOperations.request;
    const payload = arpPacket({
      operation,
      senderHardware: this.#hardware,
      sender: this.address,
      targetHardware: asked ? new Uint8Array(6) : hardware,
      target,
    });
    this.#port.send(ethernetFrame({ destination: hardware, source: this.#hardware, type: etherTypes.arp, payload }));
  }

  #learn(address: Ipv4Address, hardware: HardwareAddress): void {
    this.#neighbours.delete(address);
    this.#neighbours.set(address, hardware.slice());
    // The oldest goes: whoever floods us with names keeps no memory of ours.
    if (this.#neighbours.size > mostNeighbours) this.#neighbours.delete(this.#neighbours.keys().next().value as number);
    for (const found of this.#asking.get(address) ?? []) found(hardware.slice());
    this.#asking.delete(address);
  }

  #echo(source: HardwareAddress, packet: Ipv4Packet, echo: IcmpEcho): void {
    if (echo.type === echoTypes.request) {
      this.counters.echoAnswered += 1;
      this.#sendEcho(source.slice(), packet.source, { ...echo, type: echoTypes.reply });
    } else if (echo.identifier === this.#identifier) {
      this.#echoes.get(echo.sequence)?.(packet.payload.length);
    }
  }

  #sendEcho(hardware: HardwareAddress, destination: Ipv4Address, echo: IcmpEcho): void {
    const payload = ipv4Packet({
      source: this.address,
      destination,
      protocol: protocols.icmp,
      payload: echoMessage(echo),
    });
    this.#port.send(ethernetFrame({ destination: hardware, source: this.#hardware, type: etherTypes.ipv4, payload }));
  }

  /** The hardware address of a neighbour. Asks until it answers, or `signal` fires: then `DeadlineExceeded`. */
  resolve(address: Ipv4Address, signal: AbortSignal): Promise<HardwareAddress> {
    const known = this.#neighbours.get(address);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      const asking = this.#asking.get(address) ?? new Set();
      this.#asking.set(address, asking);
      const ask = (): void => this.#sendArp(arpOperations.request, broadcast, address);
      const timer = setInterval(ask, askAgain);
      const stop = (): void => {
        clearInterval(timer);
        signal.removeEventListener("abort", abort);
        asking.delete(found);
      };
      const found = (hardware: HardwareAddress): void => {
        stop();
        resolve(hardware);
      };
      const abort = (): void => {
        stop();
        reject(new SessionError("DeadlineExceeded", `Nobody answers for ${formatIpv4Address(address)}`));
      };
      asking.add(found);
      signal.addEventListener("abort", abort);
      if (signal.aborted) abort();
      else ask();
    });
  }

  /** Sends one echo request; rejects with `DeadlineExceeded` when `within` milliseconds pass or `signal` fires first. */
  async ping(address: Ipv4Address, within: number, signal?: AbortSignal): Promise<Echo> {
    const end = new AbortController();
    const abort = (): void => end.abort();
    const timer = setTimeout(abort, within);
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) abort();
    try {
      return await this.#ping(address, end.signal);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }

  async #ping(address: Ipv4Address, signal: AbortSignal): Promise<Echo> {
    const hardware = await this.resolve(address, signal);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    const sequence = this.#sequence;
    const data = Uint8Array.from({ length: echoData }, (_, index) => index);
    return new Promise((resolve, reject) => {
      const start = monotonic();
      const abort = (): void => {
        this.#echoes.delete(sequence);
        // It may have another hardware address by now, as after a restart.
        this.#neighbours.delete(address);
        reject(new SessionError("DeadlineExceeded", `No answer from ${formatIpv4Address(address)}`));
      };
      signal.addEventListener("abort", abort);
      this.#echoes.set(sequence, (bytes) => {
        this.#echoes.delete(sequence);
        signal.removeEventListener("abort", abort);
        resolve({ time: monotonic() - start, bytes });
      });
      this.#sendEcho(hardware, address, { type: echoTypes.request, identifier: this.#identifier, sequence, data });
    });
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
