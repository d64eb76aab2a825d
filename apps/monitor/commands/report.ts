/** The command on reports: any ROM module that the monitor is routed to. */
import { Rom } from "../../../sessions/rom/index.js";
import { type MonitorCommand, required } from "../command.js";

/** JSON is shown as people read it. */
function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}

const report: MonitorCommand = {
  name: "report",
  arguments: "NAME",
  summary: "a report, or any other ROM module",
  async run(desk, [name]) {
    await using rom = await desk.env.connect(Rom, {
      label: required(name, "which report"),
      within: "5s",
      signal: desk.signal,
    });
    const text = await rom.text();
    await desk.print(text === "" ? "(empty)" : readable(text));
  },
};

export const reportCommands: readonly MonitorCommand[] = [report];
