/** The network driver: a TAP, an interface or a pair, as Uplink client or as Nic server. */
import { isDeepStrictEqual } from "node:util";
import type { Env } from "../../base/env.js";
import { SessionError } from "../../base/errors.js";
import { policyFor } from "../../base/policy.js";
import type { RpcServer } from "../../base/rpc-server.js";
import type { SessionRequest } from "../../base/server.js";
import { type MacAddress, parseMacAddress } from "../../lib/mac-address.js";
import type { NicArgs } from "../../sessions/nic/index.js";
import type { PlatformConnection } from "../../sessions/platform/index.js";
import type { NicConfig } from "./config.js";
import { NicPort } from "./nic-port.js";
import { UplinkPort } from "./uplink-port.js";
import { Wire } from "./wire.js";

export class NicDriver implements AsyncDisposable {
  #config: NicConfig;
  readonly #platform: PlatformConnection;
  readonly #wire: Wire;
  readonly #uplink: UplinkPort | undefined;
  /** The client that has the device. */
  #taken: RpcServer | undefined;
  #port: NicPort | undefined;

  private constructor(env: Env, config: NicConfig, platform: PlatformConnection) {
    this.#config = config;
    this.#platform = platform;
    this.#wire = new Wire(platform, config.grant, () => this.#changed());
    if (config.serve === "uplink")
      this.#uplink = new UplinkPort(env, this.#wire, () => ({ ...this.#config, macAddress: this.#macAddress }));
  }

  /** Acquires the grant; throws what {@link Wire.open} throws. */
  static async open(env: Env, platform: PlatformConnection, config: NicConfig): Promise<NicDriver> {
    const driver = new NicDriver(env, config, platform);
    await driver.#wire.open();
    // The server may come later; nobody needs to wait for it.
    void driver.#uplink?.changed();
    return driver;
  }

  /** For sessions from now on; an Uplink session that would be another now is opened anew. */
  configure(config: NicConfig): void {
    const shown = ({ macAddress, offloads, bufferSize }: NicConfig): unknown[] => [macAddress, offloads, bufferSize];
    const another = !isDeepStrictEqual(shown(config), shown(this.#config));
    this.#config = config;
    if (another) void this.#uplink?.changed();
  }

  get description(): string {
    return this.#wire.description;
  }

  get #macAddress(): MacAddress {
    return this.#config.macAddress === undefined ? this.#wire.macAddress : parseMacAddress(this.#config.macAddress);
  }

  #changed(): void {
    void this.#uplink?.changed();
    this.#port?.changed();
  }

  /** Opens the one Nic session; throws `Denied`. */
  async session(request: SessionRequest<NicArgs>): Promise<NicPort> {
    policyFor(this.#config, "Nic", request.label);
    if (this.#taken !== undefined)
      throw new SessionError("Denied", `${this.#wire.description} has a client already; a NIC router serves several`);
    this.#taken = request.session;
    request.session.onClosed(() => {
      this.#taken = undefined;
      this.#port = undefined;
    });
    const port = await NicPort.open(request, this.#wire, {
      macAddress: this.#macAddress,
      offloads: this.#config.offloads,
    });
    this.#port = port;
    return port;
  }

  /** Ends all sessions, as a crash would. */
  async close(): Promise<void> {
    this.#taken?.close();
    await this.#uplink?.close();
    this.#wire.close();
    await this.#platform.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
