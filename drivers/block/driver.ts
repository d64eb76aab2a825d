/** The block driver: Block sessions on what the host granted. */
import { policyFor } from "../../base/policy.js";
import type { RpcServer } from "../../base/rpc-server.js";
import type { SessionRequest } from "../../base/server.js";
import type { BlockDevice } from "../../bindings/block.js";
import { type BlockArgs, BlockStatus } from "../../sessions/block/index.js";
import type { PlatformConnection } from "../../sessions/platform/index.js";
import { BlockSession, type SessionHost } from "./block-session.js";
import type { BlockConfig } from "./config.js";
import { Disk } from "./disk.js";

/** Packets that one session hands over before the next has its turn. */
const packetsPerTurn = 8;
/** Rounds over all sessions before the event loop gets its own turn. */
const roundsPerTurn = 64;

export class BlockDriver implements SessionHost, AsyncDisposable {
  #config: BlockConfig;
  readonly #platform: PlatformConnection;
  readonly #disk: Disk;
  readonly #sessions: BlockSession[] = [];
  readonly #channels = new Set<RpcServer>();
  /** Whose turn it is. */
  #turn = 0;
  #pumping = false;
  #again: NodeJS.Immediate | undefined;
  #told = false;

  private constructor(config: BlockConfig, platform: PlatformConnection, disk: Disk) {
    this.#config = config;
    this.#platform = platform;
    this.#disk = disk;
  }

  /** Acquires the grant; throws what {@link Disk.open} throws. */
  static async open(platform: PlatformConnection, config: BlockConfig): Promise<BlockDriver> {
    let driver: BlockDriver | undefined;
    const disk = await Disk.open(platform, {
      ...config,
      completed: () => driver?.moved(),
      changed: () => driver?.changed(),
    });
    return (driver = new BlockDriver(config, platform, disk));
  }

  /** Policies are for sessions from now on; the device stays. */
  configure(config: BlockConfig): void {
    this.#config = config;
  }

  get device(): BlockDevice | undefined {
    return this.#disk.device;
  }

  get facts(): BlockDevice {
    return this.#disk.facts;
  }

  /** What is served, in one line for people. */
  get description(): string {
    const { size, blockSize, engine, direct, readOnly, probe } = this.facts;
    const why = engine === "threads" && probe.uringError !== undefined ? ` (io_uring: ${probe.uringError})` : "";
    return `${this.#disk.path}: ${size / blockSize} blocks of ${blockSize} bytes${readOnly ? ", read-only" : ""}, ${engine} engine${why}, ${direct ? "direct" : "through the page cache"}`;
  }

  /** Opens a session; throws `Denied`. */
  async session(request: SessionRequest<BlockArgs>): Promise<BlockSession> {
    const policy = policyFor(this.#config, "Block", request.label);
    const session = await BlockSession.open(this, request, policy);
    this.#channels.add(request.session);
    request.session.onClosed(() => this.#channels.delete(request.session));
    this.#sessions.push(session);
    this.#tellUnregistered();
    return session;
  }

  /** Says once that transfers cost more than they need to. */
  #tellUnregistered(): void {
    const why = this.device?.registrationError;
    if (this.#told || why === undefined) return;
    this.#told = true;
    console.log(
      `${this.#disk.path}: ${this.facts.engine} engine, without registered memory (${why}, of the limit of locked memory)`,
    );
  }

  /** Takes packets and hands them to the device, fairly, as far as it has room. */
  moved(): void {
    // Completions inside of submit call back.
    if (this.#pumping) return;
    this.#pumping = true;
    let taken = true;
    for (let round = 0; taken && round < roundsPerTurn; ++round) {
      taken = false;
      for (let index = 0; index < this.#sessions.length; ++index) {
        this.#turn = (this.#turn + 1) % this.#sessions.length;
        if (this.#take(this.#sessions[this.#turn] as BlockSession)) taken = true;
      }
      this.#disk.submit();
      // What completed inside of submit is told at once: whoever waits for it works on while we take what comes next.
      for (const session of [...this.#sessions]) if (session.open) session.sink.wakeup();
    }
    this.#pumping = false;
    if (taken)
      this.#again ??= setImmediate(() => {
        this.#again = undefined;
        this.moved();
      });
  }

  /** True when the session had something. */
  #take(session: BlockSession): boolean {
    for (let count = 0; count < packetsPerTurn; ++count) {
      if (this.#disk.room === 0 && this.device !== undefined) return count > 0;
      // A descriptor that is none of the interface ends its session, which then is not ours any more.
      const packet = session.open ? session.sink.take() : undefined;
      if (packet === undefined) return count > 0;
      const status = session.check(packet);
      if (status === BlockStatus.pending) this.#disk.request(session, packet);
      else session.acknowledge(packet, status);
    }
    return true;
  }

  /** The device is there again, or gone: requests that wait are answered either way. */
  changed(): void {
    if (this.device !== undefined) for (const session of this.#sessions) session.attach();
    this.moved();
  }

  closed(session: BlockSession): void {
    const index = this.#sessions.indexOf(session);
    if (index >= 0) this.#sessions.splice(index, 1);
    // What is under way still moves its memory.
    if (session.underWay === 0) session.release();
  }

  /** Ends all sessions, as a crash would. */
  async close(): Promise<void> {
    clearImmediate(this.#again);
    for (const channel of [...this.#channels]) channel.close();
    this.#disk.close();
    await this.#platform.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
