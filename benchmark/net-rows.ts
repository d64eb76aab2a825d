/** Frames through the network driver, on a TAP of a network namespace that ends with the row. */
import { existsSync } from "node:fs";
import { Contender, limits } from "./processes.js";
import { interleave, type Row } from "./row.js";
import { command, missingTools } from "./tools.js";

export const netRows: readonly Row[] = [
  {
    name: "nic-tap",
    title: "frames of 64 bytes from a Nic client through the driver into a TAP, as the kernel counts them there",
    unit: "frames/s",
    better: "higher",
    limitName: "C, one write a frame into a TAP beside it",
    goal: { ofLimit: 0.4 },
    obstacle: () =>
      existsSync("/dev/net/tun") ? missingTools("unshare", "nsenter", "ip") : "there is no /dev/net/tun",
    async measure({ rounds, milliseconds }) {
      await using system = await Contender.start("tap-system", [], { under: ["unshare", "--net"] });
      const inside = (...words: string[]): string => command("nsenter", `--net=/proc/${system.pid}/ns/net`, ...words);
      inside("ip", "tuntap", "add", "limit", "mode", "tap");
      inside("ip", "link", "set", "limit", "up");
      return await interleave(rounds, {
        ours: () => system.measure(milliseconds),
        limit: async () => {
          const text = inside(`${limits}limit-tap`, "--name", "limit", "--milliseconds", String(milliseconds));
          return (JSON.parse(text) as { framesPerSecond: number }).framesPerSecond;
        },
      });
    },
  },
];
