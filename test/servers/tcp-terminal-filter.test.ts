import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import * as assert from "uvu/assert";
import { suite } from "../support/suite.js";

const test = suite("tcp terminal under the filter");

test("accepts, reads, writes and closes with the system calls that its sandbox leaves", async (context) => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const listener = (server as unknown as { _handle: { fd: number } })._handle.fd;
  const child = spawn(process.execPath, [fileURLToPath(new URL("../support/filtered-echo.js", import.meta.url))], {
    stdio: ["ignore", "inherit", "inherit", listener],
  });
  const exited = once(child, "exit");
  context.defer(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  // From here on the socket is the child's alone.
  server.close();
  for (let round = 0; round < 3; ++round) {
    const socket = connect(port, "127.0.0.1");
    const received: Buffer[] = [];
    socket.on("data", (piece: Buffer) => {
      received.push(piece);
      if (Buffer.concat(received).length >= 5) socket.end();
    });
    socket.write(`turn${round}`);
    await once(socket, "close");
    assert.is(Buffer.concat(received).toString("latin1"), `turn${round}`);
  }
  assert.is(child.exitCode, null);
});

test.run();
