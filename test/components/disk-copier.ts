/** Copies one disk to another, each through its driver, and says how much; then reads some sectors and says what came of each. Config: `{ read: [sector] }`. */
import { component } from "../../base/component.js";
import { SessionError } from "../../base/errors.js";
import { Block } from "../../sessions/block/index.js";
import { Rom } from "../../sessions/rom/index.js";

const pieceBytes = 1 << 20;

component(async (env) => {
  const rom = await env.connect(Rom, { label: "config" });
  const { read } = (await rom.json()) as { readonly read: readonly number[] };
  const from = await env.connect(Block, { label: "from", txBufferSize: "2M" });
  const to = await env.connect(Block, { label: "to", txBufferSize: "2M" });
  const source = await from.info();
  const target = await to.info();
  const bytes = source.blockSize * source.blockCount;
  if (target.blockSize * target.blockCount < bytes) throw new Error("The target is smaller than the source");
  for (let at = 0; at < bytes; at += pieceBytes) {
    const length = Math.min(pieceBytes, bytes - at);
    const data = await from.read({ block: at / source.blockSize, count: length / source.blockSize });
    await to.write({ block: at / target.blockSize, data: Uint8Array.from(data) });
  }
  await to.sync();
  console.log(`copied ${bytes} bytes`);
  for (const block of read) {
    try {
      await to.read({ block, count: 1 });
      console.log(`sector ${block}: read`);
    } catch (error) {
      console.log(`sector ${block}: ${error instanceof SessionError ? error.code : String(error)}`);
    }
  }
  console.log("done");
});
