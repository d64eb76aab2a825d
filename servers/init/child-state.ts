/** What init knows of one component, across its restarts. */
import { Document } from "../../lib/document.js";
import type { Child } from "./child.js";
import type { StartNode } from "./config.js";
import type { Destination, Request } from "./difference.js";
import { Restarts } from "./restarts.js";
import type { ChildFacts, ChildState as ChildPhase } from "./state-report.js";

export class ChildState {
  node: StartNode;
  phase: ChildPhase = "starting";
  instance: Child | undefined;
  /** Number of the newest instance; 0 before the first. */
  lastId = 0;
  /** How often it was stopped: a start that finds another number than at its beginning is not wanted any more. */
  stops = 0;
  /** Where its binary came from. */
  binary: Destination | undefined;
  missing: readonly Request[] = [];
  /** How the last instance ended; undefined while one runs. */
  end: ChildFacts["end"] | undefined;
  /** Why it ended the last time it crashed, with its last words. */
  lastFault: string | undefined;
  /** It was asked to yield resources and has not reached its quota yet. */
  yieldAsked = false;
  readonly restarts = new Restarts();
  /** Its inline config, served as the ROM `config`. */
  readonly config = new Document();

  constructor(node: StartNode) {
    this.node = node;
  }

  get name(): string {
    return this.node.name;
  }
}
