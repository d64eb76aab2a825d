/** A source and a sink of ring packets, driven by their session's bell, as drivers and their clients drive theirs. */
import type { PacketSink, PacketSource } from "../../base/packet-stream.js";
import { checksum, failedChecksum, fill, type RingPacket } from "./ring-packet.js";

export interface SourceOptions {
  readonly count: number;
  /** Packets submitted before each wake-up at most. */
  readonly batch: number;
  /** Called after each batch; a promise is waited for. */
  readonly pause?: () => Promise<void> | undefined;
}

/** Submits `count` packets of all lengths and checks each acknowledgement. Resolves with the number of batches. */
export async function drive(
  source: PacketSource<RingPacket>,
  moved: Moved,
  { count, batch, pause }: SourceOptions,
): Promise<number> {
  const buffer = Math.floor(source.bulk.length / 256);
  const free = Array.from({ length: 256 }, (_, i) => i * buffer);
  const longest = Math.min(buffer, 1500) + 1;
  let submitted = 0;
  let acknowledged = 0;
  let batches = 0;
  while (acknowledged < count) {
    const seen = moved.count;
    acknowledged += source.acknowledged((packet) => {
      if (packet.checksum !== checksum(source.content(packet)))
        throw new Error(`Packet ${packet.sequence} came back with checksum ${packet.checksum}`);
      free.push(packet.offset);
    });
    let now = 0;
    while (now < batch && submitted < count && free.length > 0 && source.readyToSubmit) {
      const packet = { offset: free.pop() as number, length: submitted % longest, sequence: submitted, checksum: 0 };
      fill(source.content(packet), submitted);
      source.submit(packet);
      submitted += 1;
      now += 1;
    }
    source.wakeup();
    if (now > 0) batches += 1;
    const paused = pause?.();
    if (paused !== undefined) await paused;
    // Nothing to do until something moves: a bell that is lost here would be waited for in vain.
    if (now === 0 && acknowledged < count) await moved.since(seen);
  }
  return batches;
}

/** Acknowledges all packets that there are; returns how many, and publishes them at once. */
export function drain(sink: PacketSink<RingPacket>): number {
  let count = 0;
  for (let packet = sink.take(); packet !== undefined; packet = sink.take()) {
    const sum = sink.valid(packet) ? checksum(sink.content(packet)) : failedChecksum;
    sink.acknowledge({ ...packet, checksum: sum });
    count += 1;
  }
  sink.wakeup();
  return count;
}

/** Counts a session's bells and lets a loop wait for the next. */
export class Moved {
  count = 0;
  #wake: (() => void) | undefined;

  readonly handler = (): void => {
    this.count += 1;
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  };

  async since(seen: number): Promise<void> {
    if (this.count !== seen) return;
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }
}
