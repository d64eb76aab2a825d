/** What an ordinary Node program does instead of RPC: 64 bytes there and back on a unix socket. `socket-rpc.js client|server PATH`. */
import net from "node:net";
import { measured, present, roundTrip } from "./measured.js";

const bytes = 64;
const [, , role, path = ""] = process.argv;

/** Calls `message` with each whole message. */
function onMessage(socket: net.Socket, message: (message: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    let data: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (; data.length >= bytes; data = data.subarray(bytes)) message(data.subarray(0, bytes));
    rest = data;
  });
}

if (role === "server") {
  net
    .createServer((socket) => {
      onMessage(socket, (message) => {
        const answer = Buffer.allocUnsafe(bytes);
        message.copy(answer);
        socket.write(answer);
      });
    })
    .listen(path, present);
} else {
  const request = Buffer.alloc(bytes, 7);
  let answered: (message: Buffer) => void = () => {};
  const socket = net.connect(path, () =>
    measured((milliseconds) =>
      roundTrip(milliseconds, async (number) => {
        request.writeInt32LE(number | 0);
        const answer = await new Promise<Buffer>((resolve) => {
          answered = resolve;
          socket.write(request);
        });
        if (answer.readInt32LE() !== (number | 0)) throw new Error("The answer is not the request");
      }),
    ),
  );
  onMessage(socket, (message) => answered(message));
}
