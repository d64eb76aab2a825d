/** What every Block does. */
import assert from "node:assert/strict";
import { Block } from "../../sessions/block/index.js";
import { pattern, refusal, type Suite, sameBytes } from "./case.js";

const largeBlocks = 2048;

export const block: Suite<"block"> = {
  need: "block",
  cases: [
    {
      name: "what was written is read, from the first block to the last",
      async run(disk) {
        const { blockSize, blockCount } = disk.info;
        for (const at of [0, 1, blockCount >> 1, blockCount - 1]) {
          const data = pattern(blockSize, at + 1);
          await disk.write(at, data);
          sameBytes(await disk.read(at), data, `block ${at}`);
        }
      },
    },
    {
      name: "a request that is larger than the buffer travels in pieces",
      async run(disk) {
        const data = pattern(largeBlocks * disk.info.blockSize);
        await disk.write(3, data);
        sameBytes(await disk.read(3, largeBlocks), data);
      },
    },
    {
      name: "requests run side by side, each with its own data",
      async run(disk) {
        const { blockSize } = disk.info;
        const places = Array.from({ length: 300 }, (_, index) => (index * 7) % 1000);
        await Promise.all(places.map((at) => disk.write(at, pattern(blockSize, at + 1))));
        const read = await Promise.all(places.map((at) => disk.read(at)));
        for (const [index, data] of read.entries()) sameBytes(data, pattern(blockSize, (places[index] as number) + 1));
      },
    },
    {
      name: "the medium holds what was synced",
      async run(disk, { skip }) {
        const medium = disk.medium ?? skip("the bench has no second way to the medium");
        const { blockSize } = disk.info;
        const data = pattern(16 * blockSize, 5);
        await disk.write(32, data);
        await disk.sync();
        sameBytes(medium(32 * blockSize, data.length), data);
      },
    },
    {
      name: "what lies outside of the disk is refused",
      async run(disk) {
        const { blockSize, blockCount } = disk.info;
        assert.equal(await refusal(disk.read(blockCount, 1)), "InvalidArgument");
        assert.equal(await refusal(disk.read(blockCount - 1, 2)), "InvalidArgument");
        assert.equal(await refusal(disk.write(blockCount, new Uint8Array(blockSize))), "InvalidArgument");
      },
    },
    {
      name: "a view shows its range and no more",
      async run(disk, { target }) {
        const { blockSize } = disk.info;
        const data = pattern(blockSize, 9);
        await disk.write(100, data);
        const view = await target.connect(Block, { label: "view", offset: 96, blockCount: 8 });
        assert.equal((await view.info()).blockCount, 8);
        sameBytes(await view.read({ block: 4, count: 1 }), data);
        assert.equal(await refusal(view.read({ block: 8, count: 1 })), "InvalidArgument");
      },
    },
    {
      name: "a view without the right to write does not",
      async run(disk, { target }) {
        const view = await target.connect(Block, { label: "reader", writeable: false });
        assert.equal((await view.info()).writeable, false);
        assert.equal(await refusal(view.write({ block: 0, data: new Uint8Array(disk.info.blockSize) })), "Denied");
      },
    },
    {
      name: "what is trimmed may be forgotten, and its neighbours are not",
      async run(disk, { skip }) {
        const { blockSize, trim } = disk.info;
        if (!trim) skip("the medium cannot forget");
        const data = pattern(blockSize * 24, 3);
        await disk.write(0, data);
        await disk.session.trim({ block: 8, count: 8 });
        sameBytes(await disk.read(0, 8), data.subarray(0, 8 * blockSize));
        sameBytes(await disk.read(16, 8), data.subarray(16 * blockSize));
      },
    },
    {
      name: "no acknowledged write is lost when the driver is killed under load",
      async run(disk, { restart, skip }) {
        if (disk.forgets) skip("the medium is memory, which goes with its driver");
        const { blockSize } = disk.info;
        const acknowledged: number[] = [];
        let stop = false;
        const lane = async (first: number): Promise<void> => {
          for (let turn = 1; !stop; ++turn) {
            const at = first + 8 * (turn % 32);
            await disk.write(at, pattern(blockSize, turn));
            acknowledged[at] = turn;
          }
        };
        const lanes = Array.from({ length: 8 }, (_, number) => lane(number));
        for (let death = 0; death < 3; ++death) await restart();
        stop = true;
        await Promise.all(lanes);
        for (const [at, turn] of acknowledged.entries())
          if (turn !== undefined) sameBytes(await disk.read(at), pattern(blockSize, turn), `block ${at}`);
      },
    },
  ],
};
