/**
 * Writes ever newer versions of one page, one at a time, until one write took long: then it writes a few more, says
 * which was the last one acknowledged, and ends.
 */
import { component } from "../../base/index.js";
import { Block } from "../../sessions/block/index.js";

const pageBytes = 4096;
/** Longer than a write takes unless its driver is held up. */
const slowMilliseconds = 400;
const versionsAfterwards = 20;

component(async (env) => {
  await using disk = await env.connect(Block);
  const page = new Uint8Array(pageBytes);
  const view = new DataView(page.buffer);
  let slowest = 0;
  let afterwards = 0;
  let version = 0;
  while (afterwards < versionsAfterwards) {
    version += 1;
    for (let at = 0; at < pageBytes; at += 4) view.setUint32(at, version, true);
    const began = performance.now();
    await disk.write({ block: 0, data: page });
    slowest = Math.max(slowest, performance.now() - began);
    if (slowest > slowMilliseconds) afterwards += 1;
    if (version === 50) console.log("under way");
  }
  console.log(JSON.stringify({ last: version, slowest: Math.round(slowest) }));
});
