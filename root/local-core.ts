/** A core that runs some of its components in this process: whoever holds a root can be a component of its system. */
import { Dataspace } from "../base/dataspace.js";
import { Env } from "../base/env.js";
import { Document } from "../lib/document.js";
import type { Core, Process, ProcessExit, ProcessRequest } from "../servers/init/core.js";

/** Gets the env of a component that runs here, each time its parent starts it. */
export type LocalComponent = (env: Env) => void;

/** The ROM module of such a component: it has to hold something. */
export const localModule = new Document(Buffer.from("// This component runs in the process of its root.\n"));

export class LocalCore implements Core {
  readonly #below: Core;
  readonly #components: ReadonlyMap<string, LocalComponent>;

  /** `components` by the name of their binary; all others start below. */
  constructor(below: Core, components: ReadonlyMap<string, LocalComponent>) {
    this.#below = below;
    this.#components = components;
  }

  dataspace(...order: Parameters<Core["dataspace"]>): ReturnType<Core["dataspace"]> {
    return this.#below.dataspace(...order);
  }

  channel(): ReturnType<Core["channel"]> {
    return this.#below.channel();
  }

  async start(request: ProcessRequest): Promise<Process> {
    const component = this.#components.get(request.binary);
    if (component === undefined) return this.#below.start(request);
    Dataspace.closeDescriptors(request.code);
    let end: (exit: ProcessExit) => void = () => {};
    const exited = new Promise<ProcessExit>((resolve) => {
      end = resolve;
    });
    // Its parent is this very process, so its end is not the end of anything else.
    component(
      new Env({ message: { ...request.start, file: "" }, parent: request.channel }, { onParentGone: () => {} }),
    );
    return {
      pid: undefined,
      isolation: "seccomp",
      measures: [],
      missing: ["it runs in the process of its root"],
      exited,
      kill: () => end({ value: undefined, signal: "SIGKILL", outOfMemory: false }),
      usage: async () => ({ memory: undefined, cpuTime: 0n }),
      debugged: async () => false,
    };
  }
}
