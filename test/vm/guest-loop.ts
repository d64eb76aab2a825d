/** In the guest: `guest-loop PATH MILLISECONDS` connects a serial port's outputs with its inputs for a while. */
import { closeSync, constants, openSync } from "node:fs";
import { changeModemLines } from "../../bindings/tty.js";

/** TIOCM_LOOP of the kernel. */
const loop = 0x8000;

const [path = "", milliseconds = "1000"] = process.argv.slice(2);
const descriptor = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
changeModemLines(descriptor, loop, 0);
console.log("looped");
setTimeout(() => {
  changeModemLines(descriptor, 0, loop);
  closeSync(descriptor);
}, Number(milliseconds));
