/** The oldest Node.js that everything here runs on. */
import { Failure } from "./process.mjs";

const lowest = [20, 11];

/** Ends the script on an older one, before a module is loaded that it cannot even parse. */
export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > lowest[0] || (major === lowest[0] && minor >= lowest[1])) return;
  throw new Failure(
    `Cannot run on Node.js ${process.versions.node}: ${lowest.join(".")} or later is needed. ` +
      "Debian 13 and Raspberry Pi OS have it as nodejs; elsewhere run: npm install --global n && n 22",
    5,
  );
}
