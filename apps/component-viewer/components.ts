/** What the viewer knows of the system: components, how busy they were, and who uses whom. */
import { componentTree, type ListedComponent } from "../../lib/component-tree.js";
import { type UsageRate, UsageRates } from "../../lib/usage-rates.js";
import type { Usage } from "../../sessions/system/index.js";

interface Child {
  readonly state: string;
  readonly restarts?: number;
  readonly ram?: { readonly quota: number; readonly used: number };
  readonly requested?: readonly {
    readonly service: string;
    readonly label: string;
    readonly state: string;
    readonly peer?: string;
  }[];
  /** Of a nested init. */
  readonly children?: Readonly<Record<string, Child>>;
}

/** What it reads of the state report; docs/state.schema.json has all of it. */
export interface StateDocument {
  readonly children: Readonly<Record<string, Child>>;
}

/** Measurements that are kept of each component. */
export const historyLength = 90;

const idle: UsageRate = { processor: 0, memory: 0, sessions: 0 };

export interface Component {
  /** Its full label. */
  readonly name: string;
  /** How many nested inits it is inside of. */
  readonly depth: number;
  readonly state: string;
  readonly restarts: number;
  /** Bytes. */
  readonly quota: number;
  readonly quotaUsed: number;
  readonly rate: UsageRate;
  /** Shares of one processor, oldest first. */
  readonly history: readonly number[];
}

/** Sessions of one component at another. */
export interface Link {
  readonly client: string;
  readonly server: string;
  readonly services: readonly string[];
}

export class Components {
  readonly #rates = new UsageRates();
  #tree: readonly ListedComponent<Child>[] = [];
  #newest: ReadonlyMap<string, UsageRate> = new Map();
  readonly #histories = new Map<string, number[]>();

  /** The system is in this state. */
  changed(state: StateDocument): void {
    this.#tree = componentTree<Child>(state.children);
    const names = new Set(this.#tree.map(({ name }) => name));
    for (const name of this.#histories.keys()) if (!names.has(name)) this.#histories.delete(name);
  }

  measured(usage: Usage): void {
    this.#newest = this.#rates.take(usage);
    for (const { name } of this.#tree) {
      const history = this.#histories.get(name) ?? [];
      history.push(this.#newest.get(name)?.processor ?? 0);
      if (history.length > historyLength) history.shift();
      this.#histories.set(name, history);
    }
  }

  get all(): readonly Component[] {
    return this.#tree.map(({ name, depth, child: { state, restarts = 0, ram } }) => ({
      name,
      depth,
      state,
      restarts,
      quota: ram?.quota ?? 0,
      quotaUsed: ram?.used ?? 0,
      rate: this.#newest.get(name) ?? idle,
      history: this.#histories.get(name) ?? [],
    }));
  }

  /** Between components; sessions at the parent are none. */
  get links(): readonly Link[] {
    const links = new Map<string, { client: string; server: string; services: string[] }>();
    for (const { name: client, child } of this.#tree)
      for (const { service, state, peer } of child.requested ?? []) {
        if (peer === undefined || state !== "OPEN") continue;
        const key = JSON.stringify([client, peer]);
        const link = links.get(key) ?? { client, server: peer, services: [] };
        link.services.push(service);
        links.set(key, link);
      }
    return [...links.values()];
  }
}
