/**
 * Uses one session of each small server, prints what came of it, and then uses all of them on and on. To `progress` on its
 * remote terminal it answers how often each did something; other lines it sends back.
 */
import { setTimeout as pause } from "node:timers/promises";
import { component } from "../../base/index.js";
import { Log } from "../../sessions/log/index.js";
import { Nic } from "../../sessions/nic/index.js";
import { Report } from "../../sessions/report/index.js";
import { Rom } from "../../sessions/rom/index.js";
import { Terminal, type TerminalConnection } from "../../sessions/terminal/index.js";
import { Timer } from "../../sessions/timer/index.js";

async function linked(left: TerminalConnection, right: TerminalConnection, bytes: number): Promise<number> {
  const writing = left.write(new Uint8Array(bytes));
  let received = 0;
  while (received < bytes) received += (await right.read()).length;
  await writing;
  return received;
}

component(async (env) => {
  const timer = await env.connect(Timer);
  const start = performance.now();
  for (let i = 0; i < 10; ++i) await timer.sleep("2.5ms");
  console.log(`slept ${Math.floor(performance.now() - start)} ms`);

  const log = await env.connect(Log, { label: "diary" });
  await log.write("dear diary");

  const report = await env.connect(Report, { label: "state" });
  await report.publish({ text: "x".repeat(9000) });
  const rom = await env.connect(Rom, { label: "state" });
  console.log(`reported ${((await rom.json()) as { text: string }).text.length} characters`);

  const left = await env.connect(Terminal, { label: "left" });
  const right = await env.connect(Terminal, { label: "right" });
  console.log(`linked ${await linked(left, right, 100_000)} bytes`);

  const nic = await env.connect(Nic);
  let frames = 0;
  const returned = new Promise<void>((resolve) =>
    nic.onFrame(() => {
      if (++frames === 100) resolve();
    }),
  );
  for (let i = 0; i < 100; ++i) nic.send(new Uint8Array(1000));
  await returned;
  console.log(`looped ${frames} frames`);

  const remote = await env.connect(Terminal, { label: "remote" });
  console.log("ready");
  const progress = { timer: 0, log: 0, report: 0, terminal: 0, nic: 0 };
  const forever = async (step: () => Promise<unknown>): Promise<never> => {
    for (;;) {
      await step();
      await pause(2);
    }
  };
  void forever(async () => {
    await timer.sleep("1ms");
    progress.timer += 1;
  });
  void forever(async () => {
    await log.write(`entry ${progress.log}`);
    progress.log += 1;
  });
  void forever(async () => {
    const text = `state ${progress.report}`;
    await report.publish({ text });
    if (((await rom.json()) as { text: string } | undefined)?.text === text) progress.report += 1;
  });
  void forever(() => left.write(new Uint8Array(10_000)));
  void forever(async () => {
    progress.terminal += (await right.read()).length;
  });
  nic.onFrame(() => {
    progress.nic += 1;
  });
  void forever(async () => nic.send(new Uint8Array(1000)));
  for await (const line of remote.lines())
    await remote.write(line === "progress" ? `${JSON.stringify(progress)}\r\n` : `${line}!\r\n`);
});
