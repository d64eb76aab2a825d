/** What the UART driver has to do with any line whose far end is this process. The guest's stty is the witness. */
import * as assert from "uvu/assert";
import type { Machine } from "../../bench/machine.js";
import type { Context } from "../support/suite.js";
import { guestSystem, patience } from "./guest.js";

/** The driver of one line, and a component that does with it what the far end asks. */
export function lineSystem(path: string, operator = "test/line-operator"): object {
  return {
    uart: {
      binary: "drivers/uart",
      provides: ["Uart", "Terminal"],
      grants: { line: { tty: path } },
      config: { defaultPolicy: {} },
    },
    operator: { binary: operator },
  };
}

/** What stty reads from a line of the guest. */
export function lineSettings(guest: Machine, path: string): Promise<string> {
  return guest.output(["stty", "-a", "-F", path], { within: patience });
}

/**
 * Bytes pass both ways, and what the session sets is what stty reads. `framing`: whether the line can do more than 8 bits
 * without parity and with one stop bit; one that cannot is to refuse, and to stay as it is.
 */
export async function checkLine(
  context: Context,
  guest: Machine,
  name: string,
  path: string,
  { framing = true }: { readonly framing?: boolean } = {},
): Promise<void> {
  const far = guest.serial(name);
  far.take();
  const system = guestSystem(context, guest, lineSystem(path));
  await system.said("ready:");
  assert.match(await lineSettings(guest, path), /speed 115200 baud.*-crtscts/s);

  await far.write("echo all there\n");
  await far.readUntil("all there\n", { within: patience });

  if (!framing) {
    await far.write(`set ${JSON.stringify({ parity: "even", stopBits: 2 })}\n`);
    assert.match(await system.said("failed:"), /cannot be set so/);
    assert.match(await lineSettings(guest, path), /speed 115200 baud/);
    await far.write(`set ${JSON.stringify({ baudRate: 9600 })}\n`);
    assert.match(await system.said("set:"), /"baudRate":9600/);
    assert.match(await lineSettings(guest, path), /speed 9600 baud.*\s-parenb .*cs8 .*-cstopb /s);
    return;
  }
  const wanted = { baudRate: 9600, dataBits: 7, parity: "even", stopBits: 2, flowControl: "none" };
  await far.write(`set ${JSON.stringify(wanted)}\n`);
  assert.match(await system.said("set:"), /"baudRate":9600/);
  const read = await lineSettings(guest, path);
  assert.match(read, /speed 9600 baud/);
  assert.match(read, /\sparenb -parodd.* cs7 .* cstopb /s);
}
