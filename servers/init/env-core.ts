/** The core of a nested init: memory and channels from its parent, processes from the root's spawner service. */
import { Dataspace } from "../../base/dataspace.js";
import type { Env } from "../../base/env.js";
import type { Capability } from "../../base/message.js";
import type { Session } from "../../base/session.js";
import {
  Spawner,
  type SpawnerArgs,
  type SpawnerClient,
  type SpawnerHandlers,
} from "../../sessions/spawner/spawner.generated.js";
import type { IsolationLevel } from "./config.js";
import type { Core, Made, Process, ProcessRequest } from "./core.js";

export class EnvCore implements Core {
  readonly #env: Env;
  readonly #spawner: Session<SpawnerClient, SpawnerHandlers, SpawnerArgs>;

  private constructor(env: Env, spawner: Session<SpawnerClient, SpawnerHandlers, SpawnerArgs>) {
    this.#env = env;
    this.#spawner = spawner;
  }

  static async open(env: Env): Promise<EnvCore> {
    return new EnvCore(env, await env.session(Spawner, {}, {}));
  }

  async dataspace(_name: string, bytes: number, payer = 0): Promise<Made<{ dataspace: Capability }>> {
    const { dataspace, id } = await this.#env.parent.alloc(bytes, payer);
    return { dataspace, free: () => this.#free(id) };
  }

  async channel(): Promise<Made<{ client: Capability; server: Capability }>> {
    const { client, server, id } = await this.#env.parent.channel();
    return { client, server, free: () => this.#free(id) };
  }

  #free(id: number): void {
    this.#env.parent.free(id).catch(() => {});
  }

  async start(request: ProcessRequest): Promise<Process> {
    const { client } = this.#spawner;
    const order = {
      name: request.start.name,
      label: request.label,
      binary: request.binary,
      codeBytes: request.start.codeBytes,
      isolation: request.isolation ?? "",
      memory: request.memory ?? 0,
      processors: [...request.processors],
      priority: request.priority,
      levels: request.levels,
      pool: request.pool,
      channel: request.channel,
      code: request.code,
    };
    let started: Awaited<ReturnType<SpawnerClient["start"]>>;
    try {
      started = await client.start(order);
    } finally {
      Dataspace.closeDescriptors(request.channel);
      Dataspace.closeDescriptors(request.code);
    }
    const { process, pid, isolation, measures, missing } = started;
    return {
      pid,
      isolation: isolation as IsolationLevel,
      measures: measures.split(","),
      missing: missing === "" ? [] : missing.split("\n"),
      exited: client.wait(process).then(({ value, signal, outOfMemory }) => ({
        value: signal === "" ? value : undefined,
        signal: signal === "" ? undefined : signal,
        outOfMemory,
      })),
      kill: () => void client.kill(process).catch(() => {}),
      usage: async () => {
        const { memory, cpuTime } = await client.usage(process);
        return { memory: memory === 0 ? undefined : BigInt(memory), cpuTime: BigInt(cpuTime) };
      },
      debugged: () => client.debugged(process),
    };
  }
}
