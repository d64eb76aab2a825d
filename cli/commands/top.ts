/** `bulkhead top`: what the components use. */
import { sizeText } from "../../lib/readable.js";
import type { ComponentUsage, UsageReport } from "../../root/control-protocol.js";
import { Client } from "../client.js";
import { type Command, exitCodes, Failure, numberOption } from "../command.js";
import { interrupted } from "../interruption.js";
import type { Output } from "../output.js";

interface Line extends ComponentUsage {
  /** Per cent of one CPU, and wake-ups a second, between two looks. */
  readonly cpu: number;
  readonly wakeupRate: number | undefined;
}

function lines(before: UsageReport, now: UsageReport): Line[] {
  const milliseconds = Math.max(1, now.time - before.time);
  return now.components
    .map((usage): Line => {
      const old = before.components.find(({ name, pid }) => name === usage.name && pid === usage.pid);
      const woken =
        old?.wakeups === undefined || usage.wakeups === undefined
          ? undefined
          : ((usage.wakeups - old.wakeups) * 1000) / milliseconds;
      return {
        ...usage,
        cpu: old === undefined ? 0 : (usage.cpuTime - old.cpuTime) / 1e4 / milliseconds,
        wakeupRate: woken,
      };
    })
    .sort((a, b) => b.cpu - a.cpu || (b.memory ?? 0) - (a.memory ?? 0));
}

function text(output: Output, found: readonly Line[]): string {
  return output.table(
    ["COMPONENT", "PID", "CPU %", "CPU TIME", "MEMORY", "WAKE-UPS/s", "THREADS", "SESSIONS", "RAM QUOTA", "RESTARTS"],
    found.map((one) => [
      one.name,
      String(one.pid ?? ""),
      one.cpu.toFixed(1),
      `${(one.cpuTime / 1e9).toFixed(2)} s`,
      one.memory === undefined ? "?" : sizeText(one.memory),
      one.wakeupRate === undefined ? "?" : one.wakeupRate.toFixed(0),
      String(one.threads ?? "?"),
      String(one.sessions),
      `${sizeText(one.ramUsed)} of ${sizeText(one.ramQuota)}`,
      String(one.restarts),
    ]),
  );
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

export const top: Command = {
  name: "top",
  summary: "Show what the components use of CPU and memory",
  count: [0, 0],
  options: {
    once: { type: "boolean", doc: "One look, over one interval." },
    interval: { type: "string", value: "MS", doc: "Milliseconds between two looks; 1000 by default." },
  },
  examples: [
    ["bulkhead top", "until Ctrl-C"],
    ["bulkhead top --once --json", "for programs"],
  ],
  async run(invocation) {
    const { output, options } = invocation;
    const interval = numberOption(invocation, "interval", 1000);
    if (interval < 10) throw new Failure("--interval is at least 10 milliseconds", exitCodes.usage);
    using client = await Client.of(invocation);
    const look = (): Promise<UsageReport> => client.request<UsageReport>("top");
    let before = await look();
    const show = async (): Promise<void> => {
      await pause(interval);
      const now = await look();
      const found = lines(before, now);
      before = now;
      output.result(
        { version: now.version, interval, components: found },
        () => `${process.stdout.isTTY && options["once"] !== true ? "\u001b[H\u001b[2J" : ""}${text(output, found)}`,
      );
    };
    if (options["once"] === true) {
      await show();
      return exitCodes.ok;
    }
    return await interrupted(
      (async () => {
        for (;;) await show();
      })(),
    );
  },
};
