/** What of the default system is seen, as a system of its own: a machine without hardware acceleration has no time for more. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "jsonc-parser";
import { packageRoot } from "../../bindings/prebuilt.js";

export interface DesktopComponent {
  binary?: string;
  provides?: readonly string[];
  ram?: string;
  config?: object;
  route?: Record<string, string>;
}

export interface DesktopSystem {
  readonly start: Record<string, DesktopComponent>;
}

const parts = [
  ...["log", "timer", "report-rom", "gui", "wm", "event-filter", "status-bar", "terminal", "shell"],
  ...["platform", "driver-manager", "drivers"],
];

/** Of the default system as it is in its file. Nobody else has it. */
export function defaultDesktop(): DesktopSystem {
  const text = readFileSync(join(packageRoot(), "systems/default.jsonc"), "utf8");
  const {
    $schema: _,
    services: _services,
    start: all,
    ...rest
  } = parse(text) as DesktopSystem & Record<string, unknown>;
  const start = Object.fromEntries(
    parts.map((name): [string, DesktopComponent] => {
      const component = all[name];
      if (component === undefined) throw new Error(`The default system has no "${name}" any more`);
      return [name, component];
    }),
  );
  const { terminal, shell } = start as { terminal: DesktopComponent; shell: DesktopComponent };
  terminal.config = { ...terminal.config, clipboard: false };
  terminal.route = { Gui: "wm", "*": "default" };
  shell.route = { Terminal: "terminal", System: "parent", "*": "default" };
  return { ...rest, start };
}

/** The same on a plain frame buffer: what serves a graphics card as one is taken for one. */
export function plainDesktop(): DesktopSystem {
  const desktop = defaultDesktop();
  const manager = desktop.start["driver-manager"] as DesktopComponent;
  manager.config = { ...manager.config, instances: {}, except: [] };
  return desktop;
}
