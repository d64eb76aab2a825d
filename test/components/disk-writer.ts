/** Writes numbered blocks for as long as it runs, and says which were acknowledged, then that all could be read back. */
import { component } from "../../base/index.js";
import { Block } from "../../sessions/block/index.js";

const blocks = 64;
const rounds = 400;

component(async (env) => {
  await using disk = await env.connect(Block, { txBufferSize: "1M" });
  const { blockSize } = await disk.info();
  console.log(`disk: ${JSON.stringify(await disk.info())}`);
  for (let round = 1; round <= rounds; ++round) {
    await Promise.all(
      Array.from({ length: blocks }, async (_, block) => {
        const data = new Uint8Array(blockSize).fill(round & 0xff);
        new DataView(data.buffer).setUint32(0, round, true);
        await disk.write({ block, data });
      }),
    );
    await disk.sync();
    if (round % 50 === 0) console.log(`round ${round}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const content = await disk.read({ block: 0, count: blocks });
  const numbers = new DataView(content.buffer);
  for (let block = 0; block < blocks; ++block) {
    if (numbers.getUint32(block * blockSize, true) !== rounds) throw new Error(`Block ${block} lost its last write`);
  }
  console.log("all there");
});
