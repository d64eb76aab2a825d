/** The part of the device that a session sees, and what it may do there. */
import type { BlockArgs } from "../../sessions/block/index.js";
import type { BlockPolicy } from "./config.js";

/** A range of blocks of something larger. */
export interface Range {
  readonly first: number;
  readonly count: number;
}

/** The part of `outer` that starts `offset` blocks into it; `count` 0 means up to the end. Never leaves `outer`. */
function within(outer: Range, offset: number, count: number): Range {
  const skipped = Math.min(offset, outer.count);
  const left = outer.count - skipped;
  return { first: outer.first + skipped, count: count === 0 ? left : Math.min(count, left) };
}

export class View {
  readonly range: Range;
  readonly writeable: boolean;

  /** The policy narrows the device, the session's arguments narrow the policy. */
  constructor(deviceBlocks: number, readOnly: boolean, policy: BlockPolicy, args: BlockArgs) {
    const granted = within({ first: 0, count: deviceBlocks }, policy.offset, policy.blockCount);
    this.range = within(granted, args.offset, args.blockCount);
    this.writeable = policy.writeable && args.writeable && !readOnly;
  }

  /** Whether `count` blocks from `block` on lie in the view. By subtraction: a sum of two numbers of a client could lose its low bits. */
  holds(block: number, count: number): boolean {
    return block <= this.range.count && count <= this.range.count - block;
  }
}
