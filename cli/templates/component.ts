/** A component that uses a timer and reports. */
import { readme, type Template, testProgram } from "./template.js";

export const componentTemplate: Template = {
  summary: "uses a timer, and reports how often it ticked",
  files: (subject) => ({
    "main.ts": `import { component, s } from "bulkhead";
import { ConfigFile } from "bulkhead/config";
import { Report } from "bulkhead/sessions/report";
import { Timer } from "bulkhead/sessions/timer";

const configSchema = s.object({ period: s.duration({ min: 1, default: "1s", doc: "Time between two ticks." }) });

component(async (env) => {
  const config = await ConfigFile.open(env, configSchema);
  config.follow();
  const timer = await env.connect(Timer);
  const state = await env.connect(Report, { label: "state" });
  for (let tick = 1; ; ++tick) {
    await timer.sleep(config.current.period);
    await state.publish({ tick });
  }
});
`,
    "README.md": readme(
      subject,
      "Counts the ticks of a timer, and reports the count as `state`.",
      `"start": {
  "timer": { "provides": ["Timer"] },
  "report-rom": { "provides": ["Report", "ROM"] },
  "${subject.name}": { "binary": "./${subject.name}/main.ts", "config": { "period": "1s" } }
}`,
    ),
    [`${subject.name}.test.mjs`]: testProgram(subject),
    "test/check.ts": `import { component } from "bulkhead";
import { Rom } from "bulkhead/sessions/rom";

component(async (env) => {
  setTimeout(() => void env.exit(1), 10_000);
  const state = await env.connect(Rom, { label: "state" });
  const look = async (): Promise<void> => {
    const { tick = 0 } = ((await state.json()) ?? {}) as { tick?: number };
    if (tick >= 3) await env.exit(0);
  };
  state.onChange(() => void look());
  await look();
});
`,
    "test/system.jsonc": `{
  "parentProvides": ["ROM", "LOG"],
  "defaultRoute": { "ROM": "parent", "LOG": "parent", "*": "any-child" },
  "start": {
    "timer": { "provides": ["Timer"] },
    "report-rom": {
      "provides": ["Report", "ROM"],
      "config": { "policies": [{ "label": "check -> state", "report": "${subject.name} -> state" }] }
    },
    "${subject.name}": { "binary": "../main.ts", "config": { "period": "20ms" } },
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
