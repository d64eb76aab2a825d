/** `bulkhead screenshot`: what the screen shows now, as a file. */
import { writeFileSync } from "node:fs";
import { errorMessage } from "../../base/errors.js";
import { Client } from "../client.js";
import { type Command, exitCodes, Failure } from "../command.js";

export const screenshot: Command = {
  name: "screenshot",
  summary: "Write what the screen shows to a PNG file",
  arguments: "FILE",
  count: [1, 1],
  examples: [["bulkhead screenshot screen.png", "the whole screen, all displays"]],
  async run(invocation) {
    const [file = ""] = invocation.positionals;
    using client = await Client.of(invocation);
    const { version, png } = await client.request<{ version: number; png: string }>("screenshot");
    const bytes = Buffer.from(png, "base64");
    try {
      writeFileSync(file, bytes);
    } catch (error) {
      throw new Failure(`Cannot write "${file}": ${errorMessage(error)}`, exitCodes.device);
    }
    // The header of every PNG file is where it is, with the size at these places.
    const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
    invocation.output.result(
      { version, file, width, height, bytes: bytes.length },
      () => `Wrote "${file}": ${width} x ${height} pixels`,
    );
  },
};
