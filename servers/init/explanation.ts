/** The way of a session request through every init that looks at it, as far as system files say; for people. */
import { SessionError } from "../../base/errors.js";
import { prefixed } from "../../base/label.js";
import { suggestion } from "../../base/nearest.js";
import { type StartNode, type SystemModel, systemModel } from "./config.js";
import { type Explanation, explain, type Resolution, resolveExport, type Step } from "./routing.js";

/** What one init does with the request. */
export interface Stage extends Explanation {
  /** Label of the init; empty for the root. */
  readonly init: string;
}

/** An answer to "where does it go, and why?". */
export interface Way {
  readonly component: string;
  readonly service: string;
  readonly label: string;
  /** Where it ends. */
  readonly resolution: Resolution;
  readonly steps: readonly (Step & { readonly init: string })[];
  readonly text: string;
}

interface Level {
  readonly init: string;
  readonly model: SystemModel;
}

/** The system of a component that is a nested init; undefined for any other, and where the file does not hold it. */
function nestedModel(node: StartNode | undefined): SystemModel | undefined {
  if (node?.config === undefined || !/^(servers\/)?init$/.test(node.binary)) return undefined;
  return systemModel(node.config, []);
}

function below({ init, model }: Level, name: string): Level | undefined {
  const inner = nestedModel(model.start.get(name));
  return inner && { init: prefixed(init, name), model: inner };
}

/** The inits above a component, the root first. @throws SessionError `NotFound` */
function levels(root: SystemModel, names: readonly string[]): Level[] {
  const found: Level[] = [{ init: "", model: root }];
  for (const [depth, name] of names.entries()) {
    const level = found[depth] as Level;
    const { init, model } = level;
    const where = init === "" ? "" : ` in "${init}"`;
    if (!model.start.has(name))
      throw new SessionError(
        "NotFound",
        `There is no component "${name}"${where}${suggestion(name, model.start.keys())}`,
      );
    if (depth === names.length - 1) break;
    const next = below(level, name);
    if (next === undefined)
      throw new SessionError(
        "NotFound",
        `Cannot look into "${name}"${where}: it is no init whose system stands in this one's file`,
      );
    found.push(next);
  }
  return found;
}

/** An export as an explanation of one step. */
function exportStage({ init, model }: Level, service: string, label: string): Stage {
  const resolution = resolveExport(model, service, label);
  const { path } = resolution;
  const step: Step =
    resolution.kind === "route"
      ? { rule: resolution.rule, path, outcome: "taken", reason: "what this init offers to its parent", targets: [] }
      : { rule: `services.${service}`, path, outcome: "denied", reason: resolution.reason, targets: [] };
  return { init, component: init, service, label, resolution, steps: [step] };
}

/** Every init on the way, beginning with the component's own. */
function stages(root: SystemModel, names: readonly string[], service: string, asked: string): Stage[] {
  const above = levels(root, names);
  const found: Stage[] = [];
  let label = asked;
  for (let depth = above.length - 1; depth >= 0; --depth) {
    let level = above[depth] as Level;
    let stage: Stage = { init: level.init, ...explain(level.model, names[depth] as string, service, label) };
    found.push(stage);
    // A child that is an init itself hands it on to one of its own.
    while (stage.resolution.kind === "route" && stage.resolution.provider.kind === "child") {
      const inner = below(level, stage.resolution.provider.name);
      if (inner === undefined) break;
      level = inner;
      stage = exportStage(level, service, stage.resolution.label);
      found.push(stage);
    }
    if (stage.resolution.kind === "denied" || stage.resolution.provider.kind !== "parent") break;
    label = stage.resolution.label;
  }
  return found;
}

const marks = { skipped: " ", taken: "+", failed: "-", denied: "!" } as const;

function resolutionText(resolution: Resolution): string {
  if (resolution.kind === "denied") return `denied: ${resolution.reason}`;
  const { provider, label } = resolution;
  const server =
    provider.kind === "child" ? `child "${provider.name}"` : provider.kind === "parent" ? "parent" : "init itself";
  return `goes to ${server} with the label "${label}"`;
}

/** A decision as people read it, one line a step. */
export function explanationText({ service, label, steps, resolution }: Explanation): string {
  const lines = [`${service} "${label}"`];
  for (const step of steps) {
    lines.push(`${marks[step.outcome]} ${step.rule}`, `    ${step.outcome}: ${step.reason}`);
    for (const target of step.targets) lines.push(`    ${target.taken ? "+" : "-"} ${target.target}: ${target.reason}`);
  }
  return `${[...lines, resolutionText(resolution)].join("\n")}\n`;
}

/**
 * Where a request goes, through nested inits whose systems stand in the file.
 * @param component A component, or a path to one inside nested inits: `lab/probe`, or its label `lab -> probe`.
 * @param label What the component asked for, without its own name.
 * @throws SessionError `NotFound`
 */
export function explainWay(root: SystemModel, component: string, service: string, label: string): Way {
  const names = component.split(/\s*->\s*|\//);
  const found = stages(root, names, service, label);
  const texts = found.map((stage) =>
    found.length === 1
      ? explanationText(stage)
      : `in ${stage.init === "" ? "the root" : `init "${stage.init}"`}:\n${explanationText(stage)}`,
  );
  return {
    component: names.join(" -> "),
    service,
    label: prefixed(names.join(" -> "), label),
    resolution: (found.at(-1) as Stage).resolution,
    steps: found.flatMap(({ init, steps }) => steps.map((step) => ({ init, ...step }))),
    text: texts.join("\n"),
  };
}
