/** What an ordinary Node program does instead of a Block session: `file-reads.js PATH DEPTH`; 4 KiB reads a second, direct. */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { Dataspace } from "../../base/dataspace.js";
import { native } from "../../bindings/native.js";
import { measured } from "./measured.js";

const bytes = 4096;
const [, , path = "", depth = "1"] = process.argv;
const file = await open(path, constants.O_RDONLY | constants.O_DIRECT);
// Direct reads need memory that starts at a page.
const memory = new Uint8Array(
  Dataspace.map(native.createDataspace("reads", Number(depth) * bytes), { writable: true }).buffer,
);
const places = 16_384;

measured(async (milliseconds) => {
  const start = performance.now();
  let reads = 0;
  const lane = async (index: number): Promise<void> => {
    const buffer = memory.subarray(index * bytes, (index + 1) * bytes);
    while (performance.now() - start < milliseconds) {
      await file.read(buffer, 0, bytes, Math.floor(Math.random() * places) * bytes);
      reads += 1;
    }
  };
  await Promise.all(Array.from({ length: Number(depth) }, (_, index) => lane(index)));
  return (reads / (performance.now() - start)) * 1000;
});
