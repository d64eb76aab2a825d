/** Reads 4 KiB at random from a disk, and says every half second how fast. */
import { component } from "../../base/index.js";
import { s } from "../../base/schema.js";
import { ConfigFile } from "../../lib/config.js";
import { Block, type BlockJob, BlockStatus } from "../../sessions/block/index.js";
import { Tally } from "../tally.js";

const bytes = 4096;

component(async (env) => {
  const schema = s.object({ depth: s.integer({ min: 1, max: 256, default: 1, doc: "Reads under way." }) });
  const { depth } = (await ConfigFile.open(env, schema)).current;
  const disk = await env.connect(Block, { txBufferSize: "4M" });
  const { blockSize, blockCount } = await disk.info();
  const count = Math.max(1, bytes / blockSize);
  const places = Math.floor(blockCount / count);
  const tally = new Tally();
  let due: BlockJob[] = [];
  // What completed together is asked for again together, which costs one wake-up.
  const again = (job: BlockJob): void => {
    if (due.push(job) > 1) return;
    queueMicrotask(() => {
      const jobs = due;
      due = [];
      disk.submit(jobs);
    });
  };
  const request = (): void => {
    const before = performance.now();
    again({
      operation: "read",
      block: Math.floor(Math.random() * places) * count,
      count,
      completed: (status) => {
        if (status !== BlockStatus.ok) throw new Error(`A read failed with status ${status}`);
        tally.add(before, performance.now());
        request();
      },
    });
  };
  for (let i = 0; i < depth; ++i) request();
});
