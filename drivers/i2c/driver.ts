/** The I2C driver: sessions with one chip each, on one bus. */
import type { Env } from "../../base/env.js";
import { errorMessage, SessionError } from "../../base/errors.js";
import { policyFor } from "../../base/policy.js";
import type { RpcServer } from "../../base/rpc-server.js";
import type { SessionRequest } from "../../base/server.js";
import type { I2cSegment as BusSegment } from "../../bindings/i2c.js";
import { type I2cArgs, type I2cHandlers, type I2cSegment, mostI2cBytes } from "../../sessions/i2c/index.js";
import { Platform, type PlatformConnection } from "../../sessions/platform/index.js";
import { type Bus, kernelBus, simulatedBus } from "./bus.js";
import type { I2cConfig } from "./config.js";

/** What the kernel says where nobody answered; which of them depends on the adapter. */
const notAcknowledged = new Set(["ENXIO", "EREMOTEIO", "ENODEV"]);

export class I2cDriver implements AsyncDisposable {
  #config: I2cConfig;
  readonly #platform: PlatformConnection;
  readonly #bus: Bus;
  readonly #channels = new Set<RpcServer>();

  private constructor(config: I2cConfig, platform: PlatformConnection, bus: Bus) {
    this.#config = config;
    this.#platform = platform;
    this.#bus = bus;
  }

  /** @throws SessionError `NotFound`, `Device`: the bus cannot be opened, and nothing stands in for it */
  static async open(env: Env, config: I2cConfig): Promise<I2cDriver> {
    const platform = await env.connect(Platform);
    try {
      return new I2cDriver(config, platform, await openBus(platform, config));
    } catch (error) {
      await platform.close();
      throw error;
    }
  }

  get description(): string {
    return this.#bus.description;
  }

  /** Policies are for sessions from now on. */
  configure(config: I2cConfig): void {
    this.#config = config;
  }

  /** @throws SessionError `Denied` */
  session(request: SessionRequest<I2cArgs>): I2cHandlers {
    const { address } = policyFor(this.#config, "I2c", request.label);
    this.#channels.add(request.session);
    request.session.onClosed(() => this.#channels.delete(request.session));
    return { transact: (segments, written) => this.#transact(address, segments, written) };
  }

  #transact(address: string, segments: readonly I2cSegment[], written: Uint8Array): Uint8Array {
    const sum = (read: boolean): number =>
      segments.reduce((bytes, segment) => bytes + (segment.read === read ? segment.length : 0), 0);
    const cannot = `Cannot do a transaction with chip ${address}`;
    if (segments.length === 0) throw new SessionError("InvalidArgument", `${cannot}: it has no segments`);
    if (sum(true) > mostI2cBytes)
      throw new SessionError("InvalidArgument", `${cannot}: it reads ${sum(true)} bytes, of at most ${mostI2cBytes}`);
    if (sum(false) !== written.length)
      throw new SessionError("InvalidArgument", `${cannot}: ${written.length} bytes for ${sum(false)} to be written`);
    let at = 0;
    const parts = segments.map(({ read, length }): BusSegment => {
      if (read) return { read: length };
      at += length;
      return { write: written.subarray(at - length, at) };
    });
    try {
      return Buffer.concat(this.#bus.transact(Number(address), parts));
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      const kind = notAcknowledged.has(code) ? "NotAcknowledged" : code === "EOPNOTSUPP" ? "Unsupported" : "Device";
      throw new SessionError(kind, `${cannot} on ${this.#bus.description}: ${errorMessage(error)}`);
    }
  }

  /** Ends all sessions, as a crash would. */
  async close(): Promise<void> {
    for (const channel of [...this.#channels]) channel.close();
    this.#bus.close();
    await this.#platform.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

async function openBus(platform: PlatformConnection, { grant, timeout, simulated }: I2cConfig): Promise<Bus> {
  try {
    const opened = await platform.acquire(grant);
    try {
      return kernelBus(opened, timeout);
    } catch (error) {
      opened.close();
      throw error;
    }
  } catch (error) {
    if (simulated === undefined) throw error;
    console.log(`The simulated bus serves, since: ${errorMessage(error)}`);
    return simulatedBus(simulated.chips.map(Number));
  }
}
