/** One Block session: its packet stream, its view, and its place among the device's buffers. */
import type { Dataspace } from "../../base/dataspace.js";
import { bulkStart, PacketSink, streamBytes } from "../../base/packet-stream.js";
import type { SessionRequest } from "../../base/server.js";
import type { BlockDevice } from "../../bindings/block.js";
import {
  type BlockArgs,
  type BlockHandlers,
  type BlockInfo,
  BlockOperation,
  BlockPacket,
  BlockStatus,
  blockSlots,
} from "../../sessions/block/index.js";
import type { BlockPolicy } from "./config.js";
import { View } from "./view.js";

const geometry = { slots: blockSlots, stride: BlockPacket.stride } as const;

/** What the driver is to its sessions. */
export interface SessionHost {
  /** The device; undefined while it is gone. */
  readonly device: BlockDevice | undefined;
  /** The facts of the device, also while it is gone. */
  readonly facts: Pick<BlockDevice, "blockSize" | "size" | "memoryAlignment" | "readOnly" | "trim">;
  /** There may be packets to take. */
  moved(): void;
  closed(session: BlockSession): void;
}

export class BlockSession implements BlockHandlers {
  readonly #host: SessionHost;
  readonly #dataspace: Dataspace;
  readonly #policy: BlockPolicy;
  readonly #args: BlockArgs;
  readonly #bulkStart = bulkStart(geometry);
  readonly sink: PacketSink<BlockPacket>;
  #view: View;
  /** Where the device knows the stream's memory. */
  #buffer = -1;
  /** Requests at the device. */
  underWay = 0;
  #open = true;

  private constructor(
    host: SessionHost,
    request: SessionRequest<BlockArgs>,
    policy: BlockPolicy,
    dataspace: Dataspace,
  ) {
    this.#host = host;
    this.#dataspace = dataspace;
    this.#policy = policy;
    this.#args = request.args;
    this.sink = new PacketSink(dataspace, geometry, BlockPacket, request.session);
    this.#view = this.#currentView();
    request.session.onMoved = () => host.moved();
    this.attach();
  }

  static async open(host: SessionHost, request: SessionRequest<BlockArgs>, policy: BlockPolicy): Promise<BlockSession> {
    return new BlockSession(
      host,
      request,
      policy,
      await request.alloc(streamBytes(geometry, request.args.txBufferSize)),
    );
  }

  get open(): boolean {
    return this.#open;
  }

  get buffer(): number {
    return this.#buffer;
  }

  #currentView(): View {
    const { size, blockSize, readOnly } = this.#host.facts;
    return new View(size / blockSize, readOnly, this.#policy, this.#args);
  }

  /** Makes the stream's memory known to the device, at the start and when the device came back. */
  attach(): void {
    this.#view = this.#currentView();
    this.#buffer = this.#host.device?.addBuffer(this.#dataspace.descriptor) ?? -1;
  }

  info(): BlockInfo {
    const { blockSize, memoryAlignment, trim } = this.#host.facts;
    // The bulk area starts at a page, and no device asks for more than that.
    const alignment = Math.max(64, memoryAlignment);
    return {
      blockSize,
      blockCount: this.#view.range.count,
      alignLog2: Math.ceil(Math.log2(alignment)),
      writeable: this.#view.writeable,
      trim: trim && this.#view.writeable,
    };
  }

  stream(): ReturnType<BlockHandlers["stream"]> {
    return this.#dataspace.capability;
  }

  /** What is wrong with a request; `pending`: nothing, it is for the device. `ok`: there is nothing to do. */
  check(packet: BlockPacket): BlockStatus {
    if (this.#host.device === undefined) return BlockStatus.device_gone;
    if (packet.operation === BlockOperation.sync) return BlockStatus.pending;
    if (!this.#view.holds(packet.block, packet.count)) return BlockStatus.out_of_range;
    if (packet.operation !== BlockOperation.read && !this.#view.writeable) return BlockStatus.read_only;
    if (packet.count === 0) return BlockStatus.malformed;
    if (packet.operation === BlockOperation.trim) return this.#host.facts.trim ? BlockStatus.pending : BlockStatus.ok;
    const { blockSize, memoryAlignment } = this.#host.facts;
    const fits =
      packet.length === packet.count * blockSize && this.sink.valid(packet) && packet.offset % memoryAlignment === 0;
    return fits ? BlockStatus.pending : BlockStatus.malformed;
  }

  /** The block of the device behind a block of the view. */
  deviceBlock(block: number): number {
    return this.#view.range.first + block;
  }

  /** Where a packet's payload lies in the device's buffer. */
  address(packet: BlockPacket): number {
    return this.#bulkStart + packet.offset;
  }

  acknowledge(packet: BlockPacket, status: BlockStatus): void {
    if (this.#open) this.sink.acknowledge({ ...packet, status });
  }

  /** The last request of a closed session came back: the device forgets its memory. */
  release(): void {
    if (this.#buffer >= 0) this.#host.device?.removeBuffer(this.#buffer);
    this.#buffer = -1;
  }

  close(): void {
    this.#open = false;
    this.#host.closed(this);
  }
}
