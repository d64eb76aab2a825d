/** What an ordinary Node program does instead of a packet stream: messages on a unix socket. `socket-packets.js source|sink PATH ROW [corked]`. */
import net from "node:net";
import { measured, present } from "./measured.js";
import { fillWhole, sumWhole, type Traffic, traffics } from "./payload.js";

const [, , role, path = "", row = "", corked = ""] = process.argv;
const { touching, bytes, slots, batch } = traffics[row] as Traffic;
const own = new Uint8Array(bytes).fill(7);

let kept = 0;

/** Looks at the messages of a chunk, whose first `skip` bytes belong to a message that began before; returns what the last one lacks. */
function sink(chunk: Buffer, skip: number): number {
  if (touching === "whole") {
    const first = (8 - (chunk.byteOffset & 7)) & 7;
    const count = (chunk.length - first) >>> 3;
    kept += sumWhole(new Float64Array(chunk.buffer, chunk.byteOffset + first, count), 0, count);
    return 0;
  }
  let at = skip;
  for (; at + bytes <= chunk.length; at += bytes) {
    kept ^= chunk.readInt32LE(at);
    if (touching === "copy") own.set(chunk.subarray(at, at + bytes));
    else kept ^= chunk.readInt32LE(at + 4);
  }
  return at >= chunk.length ? at - chunk.length : bytes - (chunk.length - at);
}

if (role === "sink") {
  net
    .createServer((socket) => {
      let lacking = 0;
      socket.on("data", (chunk: Buffer) => {
        lacking = sink(chunk, lacking);
      });
    })
    .listen(path, present);
} else {
  // A message must stay as it is until the kernel has it, so there are as many as may be under way.
  const messages = Array.from({ length: slots }, () => Buffer.from(new ArrayBuffer(bytes)));
  const words = messages.map((message) => new Float64Array(message.buffer, 0, bytes >>> 3));
  let next = 0;
  const socket = net.connect(path, () =>
    measured(
      (milliseconds) =>
        new Promise<number>((resolve) => {
          const start = performance.now();
          let count = 0;
          const turn = (): void => {
            const now = performance.now();
            if (now - start >= milliseconds) return resolve((count / (now - start)) * 1000);
            if (corked !== "") socket.cork();
            for (let i = 0; i < batch; ++i) {
              const at = next++ & (slots - 1);
              const message = messages[at] as Buffer;
              if (touching === "whole") fillWhole(words[at] as Float64Array, 0, bytes >>> 3, next);
              else {
                if (touching === "copy") message.set(own);
                message.writeInt32LE(next | 0);
              }
              socket.write(message);
            }
            count += batch;
            if (corked !== "") socket.uncork();
            if (socket.writableNeedDrain) socket.once("drain", turn);
            else setImmediate(turn);
          };
          turn();
        }),
    ),
  );
}
