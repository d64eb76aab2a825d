/** Commands on the Block session. */
import { SessionError } from "../../../base/errors.js";
import { monotonic } from "../../../base/monotonic.js";
import { sizeText } from "../../../lib/readable.js";
import { count, type Desk, type MonitorCommand, required } from "../command.js";

/** Blocks that one command shows, or a benchmark reads at once. */
const mostBlocks = 64;
const benchmarkMilliseconds = 1000;
const benchmarkBlocks = 32;

/** Sixteen bytes a line, as hexadecimal numbers and as text; equal lines once. */
export function dump(bytes: Uint8Array, base: number): string {
  const lines: string[] = [];
  let last = "";
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16);
    const numbers = [...row].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    if (numbers === last && at + 16 < bytes.length) {
      if (lines.at(-1) !== "*") lines.push("*");
      continue;
    }
    last = numbers;
    const text = [...row].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    lines.push(`${(base + at).toString(16).padStart(8, "0")}  ${numbers.padEnd(47)}  ${text}`);
  }
  return lines.join("\n");
}

async function info(desk: Desk): Promise<void> {
  const { blockSize, blockCount, writeable, trim } = await (await desk.block()).info();
  await desk.print(
    `${blockCount} blocks of ${blockSize} bytes: ${sizeText(blockCount * blockSize)}, ${writeable ? "writeable" : "read only"}${trim ? ", trims" : ""}`,
  );
}

async function read(desk: Desk, first: string | undefined, blocks: string | undefined): Promise<void> {
  const block = count(first, "a block");
  const wanted = count(blocks, "how many blocks", 1);
  if (wanted < 1 || wanted > mostBlocks)
    throw new SessionError("InvalidArgument", `From 1 to ${mostBlocks} blocks at once`);
  const disk = await desk.block();
  const { blockSize } = await disk.info();
  await desk.print(dump(await disk.read({ block, count: wanted }, { signal: desk.signal }), block * blockSize));
}

async function write(desk: Desk, first: string | undefined, words: readonly string[]): Promise<void> {
  const block = count(first, "a block");
  const text = Buffer.from(required(words.join(" ") || undefined, "a text to write"));
  const disk = await desk.block();
  const { blockSize } = await disk.info();
  const data = new Uint8Array(Math.ceil(text.length / blockSize) * blockSize);
  data.set(text);
  await disk.write({ block, data }, { signal: desk.signal });
  await disk.sync({ signal: desk.signal });
  await desk.print(`wrote ${text.length} bytes to block ${block}`);
}

/** Reads one range again and again: how fast requests go through, more than how fast the medium is. */
async function benchmark(desk: Desk): Promise<void> {
  const disk = await desk.block();
  const { blockSize, blockCount } = await disk.info();
  const blocks = Math.min(benchmarkBlocks, blockCount);
  const start = monotonic();
  let requests = 0;
  let milliseconds = 0;
  while (milliseconds < benchmarkMilliseconds) {
    await Promise.all(Array.from({ length: 8 }, () => disk.read({ block: 0, count: blocks }, { signal: desk.signal })));
    requests += 8;
    milliseconds = monotonic() - start;
  }
  const rate = (requests * 1000) / milliseconds;
  await desk.print(
    `${Math.round(rate)} reads of ${sizeText(blocks * blockSize)} a second: ${sizeText(Math.round(rate * blocks * blockSize))}/s`,
  );
}

const blk: MonitorCommand = {
  name: "blk",
  arguments: "info | read BLOCK [COUNT] | write BLOCK TEXT | bench",
  summary: "blocks of the disk",
  run(desk, [action, first, ...rest]) {
    if (action === undefined || action === "info") return info(desk);
    if (action === "read") return read(desk, first, rest[0]);
    if (action === "write") return write(desk, first, rest);
    if (action === "bench") return benchmark(desk);
    throw new SessionError("InvalidArgument", `blk takes info, read, write or bench, not "${action}"`);
  },
};

export const blockCommands: readonly MonitorCommand[] = [blk];
