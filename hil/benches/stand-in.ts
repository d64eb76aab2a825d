/** The bench of stand-ins: software for every device, which runs anywhere and needs no rights. */
import type { Bench } from "../bench.js";
import { provider } from "../bench.js";
import { LineEnd } from "../line-end.js";
import {
  blockProvision,
  nicProvision,
  pairFar,
  pinsProvision,
  terminalPath,
  uartProvision,
  uplinkProvision,
} from "./devices.js";
import { sessionProviders } from "./sessions.js";

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

export const wiredPins = provider({
  need: "pins",
  name: "simulated chip",
  acquire: () => pinsProvision({ output: 0, input: 1, config: { simulated: { wires: [[0, 1]] } } }),
});

export const standInProviders = [
  pseudoTerminal,
  provider({ need: "block", name: "RAM", acquire: () => blockProvision({ grant: { ram: "16M" }, forgets: true }) }),
  nicPair,
  uplinkPair,
  wiredPins,
  ...sessionProviders,
];

export function standInBench(): Bench {
  return { name: "stand-in", properties: {}, providers: standInProviders, async [Symbol.asyncDispose]() {} };
}
