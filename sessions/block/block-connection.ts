/** The client half of Block. */
import { Dataspace } from "../../base/dataspace.js";
import type { Env } from "../../base/env.js";
import { SessionError } from "../../base/errors.js";
import type { CallOptions } from "../../base/interface.js";
import { PacketSource, streamBytes } from "../../base/packet-stream.js";
import { parseDuration, parseSize } from "../../base/quantity.js";
import type { Session, SessionOptions, SessionType } from "../../base/session.js";
import { untilAnswered } from "../../lib/repetition.js";
import {
  type BlockArgs,
  type BlockClient,
  type BlockHandlers,
  type BlockInfo,
  Block as BlockInterface,
  BlockPacket,
  BlockStatus,
  blockSlots,
} from "./block.generated.js";
import { type BlockJob, BlockQueue } from "./block-queue.js";

export type { BlockJob } from "./block-queue.js";

export interface BlockOptions extends SessionOptions {
  /** Room for payload under way, such as "4M". At least one block; requests larger than a quarter travel in pieces. */
  readonly txBufferSize?: number | string;
  /** First block of the view. */
  readonly offset?: number;
  /** Blocks of the view; 0, the default, means up to the end. */
  readonly blockCount?: number;
  /** Asks for a view that may be written; the server's policy decides. Default true. */
  readonly writeable?: boolean;
}

const geometry = { slots: blockSlots, stride: BlockPacket.stride } as const;

const failures: Readonly<Record<number, readonly [code: string, reason: string]>> = {
  [BlockStatus.out_of_range]: ["InvalidArgument", "the range is not within the session's view"],
  [BlockStatus.read_only]: ["Denied", "the session may not write"],
  [BlockStatus.malformed]: ["InvalidArgument", "the server does not take requests of this shape"],
  [BlockStatus.io_error]: ["Device", "the device failed"],
  [BlockStatus.device_gone]: ["Unavailable", "the device is gone; try again when it is back"],
  [BlockStatus.no_space]: ["Device", "there is no space left where the blocks are kept"],
};

/**
 * A storage device, or the part of it that the server shows. When the server restarts, the session is opened anew, and
 * everything that was not acknowledged is submitted again, in order: calls just take longer.
 *
 * Requests run side by side and complete in any order, except around {@link sync}: it covers every request made before
 * it, and those made after it wait for it.
 */
export class BlockConnection implements AsyncDisposable {
  readonly #session: Session<BlockClient, BlockHandlers, BlockArgs>;
  readonly #queue = new BlockQueue();
  #info: BlockInfo;
  #dataspace: Dataspace | undefined;
  /** Why no request can succeed any more. */
  #ended: SessionError | undefined;

  private constructor(session: Session<BlockClient, BlockHandlers, BlockArgs>, info: BlockInfo) {
    this.#session = session;
    this.#info = info;
    session.onLost(() => this.#lost());
    session.onReopened(() => this.#attach());
  }

  static async open(
    env: Env,
    { txBufferSize, offset, blockCount, writeable, ...options }: BlockOptions,
  ): Promise<BlockConnection> {
    const bulk = parseSize(txBufferSize ?? 128 << 10);
    const args = {
      txBufferSize: bulk,
      ...(offset !== undefined && { offset }),
      ...(blockCount !== undefined && { blockCount }),
      ...(writeable !== undefined && { writeable }),
    };
    const ram = Math.max(parseSize(options.ram ?? 0), BlockInterface.ramQuota + streamBytes(geometry, bulk));
    const session = await env.session(BlockInterface, args, { ...options, ram });
    try {
      const connection = new BlockConnection(session, await untilAnswered(session, () => session.client.info()));
      await connection.#attach();
      if (connection.#ended !== undefined) throw connection.#ended;
      return connection;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  async #attach(): Promise<void> {
    try {
      const { client, rpc } = this.#session;
      const [info, capability] = await Promise.all([client.info(), client.stream()]);
      const dataspace = Dataspace.of(capability, { writable: true });
      // The server may have died again meanwhile: then the next one is attached.
      if (!rpc.open || this.#ended !== undefined) return dataspace.close();
      this.#dataspace = dataspace;
      const source = new PacketSource(dataspace, geometry, BlockPacket, rpc);
      if (info.blockSize !== this.#info.blockSize)
        throw new SessionError(
          "Unavailable",
          `The blocks of ${this.#session.name} have ${info.blockSize} bytes now, and had ${this.#info.blockSize}: open a new session`,
        );
      if (source.bulk.length < info.blockSize)
        throw new SessionError(
          "InvalidArgument",
          `A buffer of ${source.bulk.length} bytes holds no block of ${info.blockSize}: raise txBufferSize`,
        );
      this.#info = info;
      rpc.onMoved = () => this.#queue.acknowledge();
      this.#queue.attach(source, info, (why) => rpc.fail(why));
    } catch (error) {
      // When this server died too, its loss is reported, and the next one attached.
      if (error instanceof SessionError && error.code === "Disconnected") return;
      await this.#end(error as Error);
    }
  }

  #lost(): void {
    this.#queue.detach();
    this.#dataspace?.close();
    this.#dataspace = undefined;
    // The session begins to reopen when all who wanted to know of its loss do; a refusal then is final.
    queueMicrotask(() => {
      Promise.resolve()
        .then(() => this.#session.ready())
        .catch((error: Error) => this.#end(error));
    });
  }

  async #end(reason: Error): Promise<void> {
    this.#ended ??= reason instanceof SessionError ? reason : new SessionError("Internal", reason.message);
    this.#queue.fail(BlockStatus.device_gone);
    this.#dataspace?.close();
    this.#dataspace = undefined;
    await this.#session.close();
  }

  /** Size and rights of the view, as they are now. */
  async info(): Promise<BlockInfo> {
    if (this.#ended !== undefined) throw this.#ended;
    return (this.#info = await untilAnswered(this.#session, () => this.#session.client.info()));
  }

  /**
   * Reads `count` blocks from `block` on.
   * @throws SessionError `InvalidArgument` (outside of the view), `Device`, `Unavailable` (the device is gone)
   */
  async read(
    { block, count }: { readonly block: number; readonly count: number },
    options?: CallOptions,
  ): Promise<Uint8Array> {
    const data = new Uint8Array(count * this.#info.blockSize);
    await this.#run({ operation: "read", block, count, consume: (payload, at) => data.set(payload, at) }, options);
    return data;
  }

  /**
   * Writes whole blocks; resolves when the device has taken them. Do not change `data` meanwhile. {@link sync} makes them
   * last beyond a loss of power.
   * @throws like {@link read}, and `Denied` when the view is read-only
   */
  async write(
    { block, data }: { readonly block: number; readonly data: Uint8Array },
    options?: CallOptions,
  ): Promise<void> {
    const { blockSize } = this.#info;
    if (data.length % blockSize !== 0)
      throw new SessionError(
        "InvalidArgument",
        `Cannot write ${data.length} bytes: only whole blocks can be written, and these have ${blockSize} bytes`,
      );
    await this.#run(
      {
        operation: "write",
        block,
        count: data.length / blockSize,
        produce: (payload, at) => payload.set(data.subarray(at, at + payload.length)),
      },
      options,
    );
  }

  /** Resolves when everything written before is on the medium. */
  sync(options?: CallOptions): Promise<void> {
    return this.#run({ operation: "sync" }, options);
  }

  /** Says that the contents of these blocks do not matter any more. */
  trim({ block, count }: { readonly block: number; readonly count: number }, options?: CallOptions): Promise<void> {
    return this.#run({ operation: "trim", block, count }, options);
  }

  /**
   * Hands over requests that work where the payload lies, without a copy, and cost one wake-up together. Any number: what
   * does not fit waits for its turn.
   */
  submit(jobs: Iterable<BlockJob>): void {
    if (this.#ended === undefined) return this.#queue.pushAll(jobs);
    for (const job of jobs) job.completed(BlockStatus.device_gone);
  }

  #run(job: Omit<BlockJob, "completed">, { signal, within }: CallOptions = {}): Promise<void> {
    const { operation, block = 0, count = 0 } = job;
    if (
      operation !== "sync" &&
      !(Number.isSafeInteger(block) && Number.isSafeInteger(count) && block >= 0 && count > 0 && count <= 0xffff_ffff)
    ) {
      return Promise.reject(
        new SessionError("InvalidArgument", `Cannot ${operation} ${count} blocks from block ${block}`),
      );
    }
    return new Promise((resolve, reject) => {
      const subject = `${operation} ${operation === "sync" ? "" : `of ${count} blocks from block ${block} `}on ${this.#session.name}`;
      if (signal?.aborted) return reject(new SessionError("Aborted", `A ${subject} was aborted`));
      // A request under way cannot be taken back: giving up drops its answer.
      const onAbort = (): void => settle(new SessionError("Aborted", `A ${subject} was aborted`));
      const timer =
        within === undefined
          ? undefined
          : setTimeout(
              () => settle(new SessionError("DeadlineExceeded", `A ${subject} took longer than ${within}`)),
              parseDuration(within),
            );
      const settle = (error?: SessionError): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        if (error === undefined) resolve();
        else reject(error);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      const completed = (status: BlockStatus): void => {
        if (status === BlockStatus.ok) return settle();
        const [code, reason] = failures[status] ?? ["Internal", `the server answered with status ${status}`];
        settle(this.#ended ?? new SessionError(code, `A ${subject} failed: ${reason}`, { status }));
      };
      this.submit([{ ...job, completed }]);
    });
  }

  async close(): Promise<void> {
    await this.#end(new SessionError("Disconnected", `${this.#session.name} was closed`));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Blocks of a storage device. */
export const Block: SessionType<BlockOptions, BlockConnection> = {
  interface: BlockInterface,
  open: (env, options) => BlockConnection.open(env, options),
};
