/**
 * Sets its serial line to 57600 baud, then writes a mebibyte while it reads one, and prints the hash of what it read.
 * From then on it writes back what it reads. It prints whether the line is connected each time that this changes.
 */
import { createHash } from "node:crypto";
import { component } from "../../base/index.js";
import { Uart } from "../../sessions/uart/index.js";
import { mebibyte } from "../support/mebibyte.js";

component(async (env) => {
  const uart = await env.connect(Uart);
  uart.onConnectedChange(
    () => void uart.connected().then((connected) => console.log(`connected: ${String(connected)}`)),
  );
  await uart.setLine({ baudRate: 57_600 });
  console.log("line is set");
  const exchange = async (): Promise<void> => {
    const writing = uart.write(mebibyte);
    const hash = createHash("sha256");
    let rest = mebibyte.length;
    for await (const bytes of uart) {
      if (rest === 0) {
        await uart.write(bytes);
        continue;
      }
      hash.update(bytes);
      rest -= bytes.length;
      if (rest > 0) continue;
      await writing;
      console.log(`read: ${hash.digest("hex")}`);
    }
  };
  void exchange();
});
