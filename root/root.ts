/**
 * The root of a system: an init in this process, on the native layer and the spawner, with the services that only the
 * host can give: ROM modules, LOG, Platform.
 */
import { type FSWatcher, readFileSync, watch } from "node:fs";
import { totalmem } from "node:os";
import { basename, dirname, resolve } from "node:path";
import { errorMessage, SessionError } from "../base/errors.js";
import { labelPrefix, lastElement } from "../base/label.js";
import { componentTree } from "../lib/component-tree.js";
import { Document } from "../lib/document.js";
import { Watchers } from "../lib/watchers.js";
import type { IsolationLevel, SystemModel } from "../servers/init/config.js";
import { wholeState } from "../servers/init/facts.js";
import { Init } from "../servers/init/init.js";
import { LocalSide, ServicesSide } from "../servers/init/parent-side.js";
import type { ChildDocument } from "../servers/init/state-report.js";
import { type Diagnostic, readSystemFile, type SystemFile } from "../servers/init/system-file.js";
import { romService } from "../sessions/rom/rom-server.js";
import { CodeStore } from "./code-store.js";
import { configParser } from "./config-parsers.js";
import { Console } from "./console.js";
import { driverRules, driverRulesModule } from "./driver-rules.js";
import { freeScreen, type ScreenFinding } from "./free-screen.js";
import { RootGrants } from "./grants.js";
import { type LocalComponent, LocalCore, localModule } from "./local-core.js";
import { Modules } from "./modules.js";
import { SpawnCore } from "./spawn-core.js";
import { type SpawnedProcess, type SpawnedProcesses, spawnerService } from "./spawner-service.js";
import { StateRom, stateModule } from "./state-rom.js";
import { systemService } from "./system-service.js";

export interface RootOptions {
  /** Path of the system file. */
  readonly file: string;
  /** Folder to which relative paths of grants belong; that of the system file when absent. */
  readonly folder?: string;
  readonly isolation: IsolationLevel;
  /** Parked processes. */
  readonly parked: number;
  readonly write: (text: string) => void;
  /**
   * The root ended by itself: a component with `exit: { propagate: true }` did, or, with a reason, something that it
   * cannot do without.
   */
  readonly exit: (value: number, reason?: string) => void;
  readonly environment: Readonly<Record<string, string>>;
  /** Components that run in this process, by the name of their binary. */
  readonly local?: ReadonlyMap<string, LocalComponent>;
}

/** A system file that cannot be used, with what is wrong and where. */
export class SystemFileError extends Error {
  override readonly name = "SystemFileError";
  readonly diagnostics: readonly Diagnostic[];

  constructor(file: string, diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((one) => `${file}:${one.line}:${one.column}: ${one.severity}: ${one.message}`).join("\n"));
    this.diagnostics = diagnostics;
  }
}

/** Reads a system file with everything that is wrong with it. @throws SessionError `NotFound` */
export function readSystem(file: string): SystemFile {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new SessionError("NotFound", `Cannot read the system file "${file}": ${errorMessage(error)}`);
  }
  return readSystemFile(text, { configParser });
}

/** The system of a file without mistakes. @throws SystemFileError, and what {@link readSystem} throws */
export function loadSystem(file: string): { model: SystemModel; warnings: readonly Diagnostic[] } {
  const { model, diagnostics } = readSystem(file);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (model === undefined || errors.length > 0) throw new SystemFileError(file, errors);
  return { model, warnings: diagnostics };
}

export class Root implements AsyncDisposable {
  readonly file: string;
  readonly console: Console;
  readonly init: Init;
  readonly core: SpawnCore;
  readonly modules: Modules;
  readonly isolation: IsolationLevel;
  readonly startedAt = Date.now();
  readonly #grants: RootGrants;
  readonly #code: CodeStore;
  readonly #state = new StateRom(() => this.init);
  readonly #watcher: FSWatcher;
  readonly #stateWatchers = new Watchers();
  #reload: NodeJS.Timeout | undefined;
  readonly #spawned: SpawnedProcesses = new Map();
  /** Found once: later this very system may have the screen. */
  #screen: ScreenFinding | undefined;

  constructor(options: RootOptions) {
    this.file = resolve(options.file);
    const { model, warnings } = loadSystem(this.file);
    const folder = dirname(this.file);
    const modules = new Modules(folder);
    const { local = new Map<string, LocalComponent>() } = options;
    this.#code = new CodeStore(async (name) => (local.has(name) ? { document: localModule } : modules.find(name)));
    this.modules = modules;
    this.isolation = options.isolation;
    this.console = new Console(options.write);
    for (const { line, column, message } of warnings)
      this.console.line("init", `${this.file}:${line}:${column}: warning: ${message}`);
    this.core = new SpawnCore({
      modules,
      isolation: options.isolation,
      parked: options.parked,
      environment: options.environment,
      lost: (how) => void this.#spawnerLost(how, options.exit),
    });
    this.#grants = new RootGrants({
      folder: options.folder ?? folder,
      model: () => this.init.model,
      log: (text) => this.console.line("init", text),
      deathsOver: (component) => this.core.deaths.over(component),
      keepConsole: (descriptor) => this.core.keepConsole(descriptor),
    });
    // A component without an inline config, and without a route for it, has an empty one.
    const rom = romService(async (name) => {
      if (name === "config") return new Document();
      if (name === driverRulesModule) return driverRules();
      if (name === stateModule && this.init.model.report !== undefined) return this.#state.document;
      return (await modules.find(name)).document;
    });
    this.init = new Init(this.#decided(model), {
      label: "",
      core: new LocalCore(this.core, local),
      parentSide: new LocalSide(
        new ServicesSide(
          [
            rom,
            this.console.service,
            this.#grants.service,
            spawnerService(this.core, this.#spawned, (label, line) => this.console.line(label, line)),
            systemService(this),
          ],
          (label) => this.#code.find(lastElement(label)),
        ),
      ),
      quota: { ram: Math.floor(totalmem() / 2), caps: 100_000 },
      log: (text) => this.console.line("init", text),
      output: (label, text) => this.console.line(label, text),
      exit: options.exit,
      stateChanged: () => {
        this.#state.changed();
        this.#stateWatchers.tell();
      },
    });
    // The folder, not the file: editors replace files.
    this.#watcher = watch(folder, (_event, name) => {
      if (name === basename(this.file)) this.#fileChanged();
    });
  }

  /** The model with what only this machine can say. */
  #decided(model: SystemModel): SystemModel {
    const asking = [...model.start.values()].filter(({ enabled }) => enabled === "free-screen");
    if (asking.length === 0) return model;
    if (this.#screen === undefined) {
      this.#screen = freeScreen();
      const { free, reason } = this.#screen;
      const names = asking.map(({ name }) => `"${name}"`).join(", ");
      this.console.line("init", `${free ? "The screen is used" : "No screen is used"} by ${names}: ${reason}`);
    }
    const { free } = this.#screen;
    const start = [...model.start].map(
      ([name, node]) => [name, node.enabled === "free-screen" ? { ...node, enabled: free } : node] as const,
    );
    return { ...model, start: new Map(start) };
  }

  async #spawnerLost(how: Promise<string>, exit: RootOptions["exit"]): Promise<void> {
    // First, so that init takes no component's death for a crash.
    const ended = this.init.end();
    const reason = `The spawner ${await how}, and every component with it: the system ends`;
    this.console.line("init", reason);
    await ended;
    exit(1, reason);
  }

  #fileChanged(): void {
    clearTimeout(this.#reload);
    // Editors write in several steps; apply what is there when they are done.
    this.#reload = setTimeout(() => void this.reload().catch(() => {}), 50);
  }

  /** Applies the system file as it is now; a file with errors changes nothing. */
  async reload(): Promise<void> {
    try {
      const { model } = loadSystem(this.file);
      await this.init.apply(this.#decided(model));
      this.#grants.prune();
    } catch (error) {
      this.console.line("init", `The system stays as it is: ${errorMessage(error)}`);
      throw error;
    }
  }

  /** What the components hold of the host now, by component and grant, for people. */
  get granted(): Readonly<Record<string, Readonly<Record<string, string>>>> {
    return this.#grants.held;
  }

  /** Components of nested inits that run, by full label. */
  get spawned(): ReadonlyMap<string, SpawnedProcess> {
    return this.#spawned;
  }

  /** Starts a component anew, and forgets its earlier crashes. @throws SessionError `NotFound`, `Unavailable` */
  async restart(name: string): Promise<void> {
    if (this.#isInside(name)) {
      const parent = labelPrefix(name);
      throw new SessionError(
        "Unavailable",
        `Cannot restart "${name}": it belongs to "${parent}". Kill it, and "${parent}" starts it as its own rules say, or restart "${parent}"`,
      );
    }
    await this.init.restart(name);
  }

  /** Ends a component's process, of a nested init too. @throws SessionError `NotFound`, `Unavailable` */
  kill(name: string): void {
    const inside = this.#spawned.get(name);
    if (inside !== undefined) inside.process.kill();
    else if (this.#isInside(name)) throw new SessionError("Unavailable", `Cannot kill "${name}": it is not running`);
    else this.init.kill(name);
  }

  /** Whether a nested init has told of this component. */
  #isInside(name: string): boolean {
    const tree = componentTree<ChildDocument>(wholeState(this.init).children);
    return tree.some((one) => one.depth > 0 && one.name === name);
  }

  onStateChanged(watcher: () => void): () => void {
    return this.#stateWatchers.add(watcher);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#reload);
    this.#watcher.close();
    await this.init.end();
    this.#state[Symbol.dispose]();
    this.#grants.close();
    this.#code[Symbol.dispose]();
    await this.core[Symbol.asyncDispose]();
  }
}
