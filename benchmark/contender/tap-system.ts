/**
 * A system whose network driver has a TAP: `tap-system.js`, to be run in a network namespace of its own. Frames a second
 * that the kernel counted there; between measurements the sender stands still.
 */
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { BenchmarkSystem } from "../systems.js";
import { measured } from "./measured.js";

const tap = "ours";

const system = new BenchmarkSystem({
  system: {
    parentProvides: ["ROM", "LOG", "Platform"],
    defaultRoute: { Nic: "nic", "*": "parent" },
    start: {
      nic: {
        provides: ["Nic"],
        ram: "16M",
        grants: { net: { tap } },
        config: { serve: "nic", defaultPolicy: {} },
      },
      sender: { binary: "benchmark/frame-sender", ram: "16M" },
    },
  },
  parked: 0,
});
await system.line("sending frames");
const sender = system.processes.get("sender") as number;
process.kill(sender, "SIGSTOP");

/** Frames that the kernel received from the TAP, of this namespace: /sys shows those of another. */
function framesTaken(): number {
  const line = readFileSync("/proc/net/dev", "utf8")
    .split("\n")
    .find((each) => each.trim().startsWith(`${tap}:`));
  return Number(line?.trim().split(/\s+/)[2]);
}

measured(
  async (milliseconds) => {
    process.kill(sender, "SIGCONT");
    // What woke up first sends into an empty stream.
    await pause(20);
    const [framesBefore, before] = [framesTaken(), performance.now()];
    await pause(milliseconds);
    const [frames, seconds] = [framesTaken() - framesBefore, (performance.now() - before) / 1000];
    process.kill(sender, "SIGSTOP");
    return frames / seconds;
  },
  () => system[Symbol.asyncDispose](),
);
