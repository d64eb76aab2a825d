/** The bench of stand-ins: software for every device, which runs anywhere and needs no rights. */
import type { Bench } from "../bench.js";
import { provider, type TargetSide } from "../bench.js";
import { LineEnd } from "../line-end.js";
import { blockProvision, nicProvision, pairFar, uartProvision, uplinkProvision } from "./devices.js";
import { sessionProviders } from "./sessions.js";

/** Where the root said that the driver's pseudo-terminal is. */
export function terminalPath({ log }: TargetSide): string {
  for (const { text } of log()) {
    const path = /^Serial line "line" of "uart" is at (\S+)$/.exec(text)?.[1];
    if (path !== undefined) return path;
  }
  throw new Error("The driver has no pseudo-terminal");
}

export const pseudoTerminal = provider({
  need: "uart",
  name: "pseudo-terminal",
  acquire: () => uartProvision({ grant: { pty: true }, far: (side) => LineEnd.open(terminalPath(side)) }),
});

export const nicPair = provider({
  need: "nic",
  name: "pair",
  acquire: () => nicProvision({ grant: { pair: true }, ...pairFar }),
});

export const uplinkPair = provider({
  need: "uplink",
  name: "pair",
  acquire: () => uplinkProvision({ grant: { pair: true }, ...pairFar }),
});

export const standInProviders = [
  pseudoTerminal,
  provider({ need: "block", name: "RAM", acquire: () => blockProvision({ grant: { ram: "16M" }, forgets: true }) }),
  nicPair,
  uplinkPair,
  ...sessionProviders,
];

export function standInBench(): Bench {
  return { name: "stand-in", properties: {}, providers: standInProviders, async [Symbol.asyncDispose]() {} };
}
