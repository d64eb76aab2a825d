/** A driver: acquires what the host grants, and reports what it reads there. */
import { readme, type Template, testProgram } from "./template.js";

export const driverTemplate: Template = {
  summary: "reads a number from what the host grants, and reports it",
  files: (subject) => ({
    "main.ts": `import { readSync } from "node:fs";
import { component, s } from "bulkhead";
import { ConfigFile } from "bulkhead/config";
import { Platform } from "bulkhead/sessions/platform";
import { Report } from "bulkhead/sessions/report";
import { Timer } from "bulkhead/sessions/timer";

const largestReading = 64;

/** The number in the file, from its start: files of sysfs answer anew each time. */
function reading(descriptor: number): number {
  const buffer = Buffer.alloc(largestReading);
  return Number.parseInt(buffer.toString("latin1", 0, readSync(descriptor, buffer, 0, largestReading, 0)), 10);
}

const configSchema = s.object({ period: s.duration({ min: 1, default: "1s", doc: "Time between two readings." }) });

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  config.follow();
  const platform = await env.connect(Platform);
  using sensor = await platform.acquire("sensor");
  const timer = await env.connect(Timer);
  const state = await env.connect(Report, { label: "state" });
  for (;;) {
    await state.publish({ value: reading(sensor.descriptor) });
    await timer.sleep(config.current.period);
  }
});
`,
    // Reading at an offset is not among what every component may do.
    "sandbox.json": `{ "filter": ["file-io"] }
`,
    "README.md": readme(
      subject,
      "Reads the number in the granted file `sensor` again and again, and reports it as `state`. The file is opened outside of its sandbox.",
      `"start": {
  "timer": { "provides": ["Timer"] },
  "report-rom": { "provides": ["Report", "ROM"] },
  "${subject.name}": {
    "binary": "./${subject.name}/main.ts",
    "grants": { "sensor": { "file": "/sys/class/thermal/thermal_zone0/temp" } },
    "config": { "period": "1s" }
  }
}`,
    ),
    [`${subject.name}.test.mjs`]: testProgram(subject),
    "test/sensor.txt": `21500
`,
    "test/check.ts": `import { component } from "bulkhead";
import { Rom } from "bulkhead/sessions/rom";

component(async (env) => {
  setTimeout(() => void env.exit(1), 10_000);
  const state = await env.connect(Rom, { label: "state" });
  const look = async (): Promise<void> => {
    const { value } = ((await state.json()) ?? {}) as { value?: number };
    if (value !== undefined) await env.exit(value === 21500 ? 0 : 1);
  };
  state.onChange(() => void look());
  await look();
});
`,
    "test/system.jsonc": `{
  "parentProvides": ["ROM", "LOG", "Platform"],
  "defaultRoute": { "ROM": "parent", "LOG": "parent", "*": "any-child" },
  "start": {
    "timer": { "provides": ["Timer"] },
    "report-rom": {
      "provides": ["Report", "ROM"],
      "config": { "policies": [{ "label": "check -> state", "report": "${subject.name} -> state" }] }
    },
    "${subject.name}": {
      "binary": "../main.ts",
      "grants": { "sensor": { "file": "sensor.txt" } },
      "config": { "period": "20ms" },
      "route": { "Platform": "parent", "*": "default" }
    },
    "check": {
      "binary": "./check.ts",
      "route": { "ROM state": "report-rom", "*": "default" },
      "exit": { "propagate": true }
    }
  }
}
`,
  }),
};
