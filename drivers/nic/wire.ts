/** The device behind the driver, while it is there: acquired, lost when it is removed, and looked for until it is back. */

import { errorMessage, SessionError } from "../../base/errors.js";
import { NetDevice, setTapOffloads } from "../../bindings/net.js";
import { type MacAddress, parseMacAddress } from "../../lib/mac-address.js";
import type { HostGrant, PlatformConnection } from "../../sessions/platform/index.js";

/** How often a device that was removed is looked for when nobody tells of its return, in milliseconds. */
const searchPeriod = 1000;

/** Of pairs, which have no address of their own. */
const pairAddress: MacAddress = [2, 0, 0, 0, 0, 1];

export class Wire {
  readonly #platform: PlatformConnection;
  readonly #name: string;
  readonly #changed: () => void;
  #grant: HostGrant | undefined;
  #device: NetDevice | undefined;
  #searching: NodeJS.Timeout | undefined;
  #acquiring = false;
  #closed = false;

  /** `changed` is called when the device came or went. */
  constructor(platform: PlatformConnection, name: string, changed: () => void) {
    this.#platform = platform;
    this.#name = name;
    this.#changed = changed;
    platform.onChange(() => void this.search());
  }

  /** Undefined while it is gone. */
  get device(): NetDevice | undefined {
    return this.#device;
  }

  /** In one line, for people. */
  get description(): string {
    return this.#grant === undefined ? `"${this.#name}" is not there` : `${this.#grant.path} (${this.#grant.kind})`;
  }

  /** The address of our side. The address that a TAP has is the host's, so ours is the one beside it. */
  get macAddress(): MacAddress {
    const text = this.#grant?.facts["macAddress"];
    if (typeof text !== "string") return pairAddress;
    const address = parseMacAddress(text);
    if (this.#grant?.kind !== "tap") return address;
    const [first = 0, ...rest] = address;
    return [(first | 2) & 0xfe, ...rest.slice(0, 4), (rest[4] ?? 0) ^ 1];
  }

  /** Asks for, or forbids, whole segments and open checksums from the device; whether it hands them over. */
  offload(wanted: boolean): boolean {
    if (this.#device?.kind === "tap") return setTapOffloads(this.#device.descriptor, wanted) !== 0;
    // Packet sockets show what their interface has; what a plain session cannot take is completed or dropped natively.
    return wanted;
  }

  /** Opens the device if it is there; throws what only the system file can mend. */
  async open(): Promise<void> {
    await this.#acquire();
  }

  /** The device was found to be gone. */
  lost(): void {
    if (this.#device === undefined) return;
    console.error(`${this.description} is gone; waiting for its return`);
    this.#release();
    this.#changed();
    void this.search();
  }

  /** Looks for a device that is gone, until it is back. */
  async search(): Promise<void> {
    if (this.#device !== undefined || this.#closed || this.#acquiring) return;
    clearTimeout(this.#searching);
    this.#searching = setTimeout(() => void this.search(), searchPeriod);
    try {
      await this.#acquire();
    } catch (error) {
      if (!(error instanceof SessionError) || error.code !== "Device")
        console.error(`Cannot use "${this.#name}": ${errorMessage(error)}`);
      return;
    }
    if (this.#device === undefined) return;
    clearTimeout(this.#searching);
    console.log(`${this.description} is back`);
    this.#changed();
  }

  async #acquire(): Promise<void> {
    this.#acquiring = true;
    try {
      const grant = await this.#platform.acquire(this.#name);
      try {
        if (this.#closed) throw new SessionError("Aborted", "The driver ends");
        this.#device = new NetDevice(grant.descriptor);
        this.#grant = grant;
      } catch (error) {
        grant.close();
        throw error;
      }
    } finally {
      this.#acquiring = false;
    }
  }

  #release(): void {
    this.#device?.close();
    this.#device = undefined;
    // The kernel keeps a TAP as long as one descriptor of it is open.
    this.#grant?.close();
    this.#grant = undefined;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#searching);
    this.#release();
  }
}
