/** Ethernet addresses: six bytes. */
import { SessionError } from "../base/errors.js";

export type MacAddress = readonly number[];

const expression = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;

/** Reads `02:00:00:00:00:01`. Throws `InvalidArgument` for anything else. */
export function parseMacAddress(text: string): MacAddress {
  if (!expression.test(text))
    throw new SessionError(
      "InvalidArgument",
      `${JSON.stringify(text)} is no MAC address: write six bytes such as 02:00:00:00:00:01`,
    );
  return text.split(":").map((byte) => Number.parseInt(byte, 16));
}

export function formatMacAddress(address: MacAddress): string {
  return address.map((byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** The n-th address of the locally administered ones that start with `prefix`: the last bytes count. */
export function numberedMacAddress(prefix: MacAddress, number: number): MacAddress {
  const address = [...prefix];
  let rest = number;
  for (let i = 5; i >= 0 && rest > 0; --i) {
    rest += address[i] as number;
    address[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return address;
}
