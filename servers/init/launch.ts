/** Turns a start node into a process request: label, CPUs, priority. */
import { prefixed } from "../../base/label.js";
import type { Capability } from "../../base/message.js";
import type { Child } from "./child.js";
import type { Code } from "./code.js";
import type { StartNode, SystemModel } from "./config.js";
import type { Process } from "./core.js";
import type { Init } from "./init.js";

/** The CPUs of a rectangle of the affinity space, row by row; all when the node names none, or one outside of it. */
export function processors(model: SystemModel, node: StartNode, warn: (text: string) => void): number[] {
  const { affinity } = node;
  const space = model.affinitySpace;
  if (affinity === undefined) return [];
  if (space === undefined) {
    warn(`"${node.name}" runs on all CPUs: it has an "affinity", but the system has no "affinitySpace"`);
    return [];
  }
  if (affinity.x + affinity.width > space.width || affinity.y + affinity.height > space.height) {
    warn(
      `"${node.name}" runs on all CPUs: its "affinity" ends at column ${affinity.x + affinity.width} and row ${affinity.y + affinity.height}, outside of the affinity space of ${space.width} x ${space.height}`,
    );
    return [];
  }
  const result: number[] = [];
  for (let y = affinity.y; y < affinity.y + affinity.height; ++y)
    for (let x = affinity.x; x < affinity.x + affinity.width; ++x) result.push(y * space.width + x);
  return result;
}

export function launch(init: Init, node: StartNode, child: Child, channel: Capability, code: Code): Promise<Process> {
  const label = prefixed(init.options.label, child.name);
  return init.options.core.start({
    label,
    binary: node.binary,
    start: { name: child.name, label, codeBytes: code.bytes, compiledBytes: code.compiledBytes },
    channel,
    code: code.dataspace,
    isolation: node.isolation,
    memory: node.memory,
    processors: processors(init.model, node, init.options.log),
    priority: node.priority,
    levels: init.model.prioLevels,
    pool: node.pool,
    grants: Object.values(node.grants).flat(),
    output: (line) => {
      child.lastOutput.push(line);
      if (child.lastOutput.length > 8) child.lastOutput.shift();
      init.options.output(label, line);
    },
  });
}
