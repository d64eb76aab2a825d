/**
 * Writes versions of blocks at random, reads them back, and knows in its own memory which version of each block was
 * acknowledged. Its config: `{ first, blocks, workers }`, and `stop: true` to end. It prints the `blockSize`; at the end it reads every block once more and
 * prints what it knows, as JSON lines: `{ first, versions }` for each stretch of blocks, and a summary with `done`.
 */
import { component } from "../../base/component.js";
import { SessionError } from "../../base/errors.js";
import { Block, type BlockConnection } from "../../sessions/block/index.js";
import { Rom } from "../../sessions/rom/index.js";
import { Timer, type TimerConnection } from "../../sessions/timer/index.js";
import { blockVersion, versionOf } from "../support/block-version.js";

interface Config {
  readonly first: number;
  readonly blocks: number;
  readonly workers: number;
  readonly stop?: boolean;
}

interface Known {
  acknowledged: number;
  /** Versions whose write was refused since: any of them may be there, as a whole. */
  readonly refused: number[];
  busy: boolean;
}

const stretch = 64;
/** A request that keeps failing is repeated after this time: its device may return. */
const pause = "20ms";

class BlockLoad {
  readonly #disk: BlockConnection;
  readonly #timer: TimerConnection;
  readonly #config: Config;
  readonly #known: Known[];
  readonly #summary = {
    writes: 0,
    reads: 0,
    syncs: 0,
    slowest: 0,
    errors: {} as Record<string, number>,
    wrong: [] as string[],
  };
  readonly #blockSize: number;
  #stopped = false;

  constructor(disk: BlockConnection, timer: TimerConnection, config: Config, blockSize: number) {
    this.#disk = disk;
    this.#timer = timer;
    this.#config = config;
    this.#blockSize = blockSize;
    this.#known = Array.from({ length: config.blocks }, () => ({ acknowledged: 0, refused: [], busy: false }));
  }

  stop(): void {
    this.#stopped = true;
  }

  async run(): Promise<void> {
    await Promise.all(Array.from({ length: this.#config.workers }, () => this.#work()));
    for (let index = 0; index < this.#known.length; ++index) await this.#read(index);
    for (let first = 0; first < this.#known.length; first += stretch) {
      console.log(
        JSON.stringify({
          first,
          versions: this.#known.slice(first, first + stretch).map(({ acknowledged }) => acknowledged),
        }),
      );
    }
    console.log(JSON.stringify({ done: true, ...this.#summary }));
  }

  async #work(): Promise<void> {
    while (!this.#stopped) {
      const index = Math.floor(Math.random() * this.#known.length);
      const known = this.#known[index] as Known;
      const chance = Math.random();
      if (chance < 0.02) await this.#until("sync", () => this.#disk.sync().then(() => void (this.#summary.syncs += 1)));
      else if (!known.busy) {
        known.busy = true;
        await (chance < 0.3 ? this.#read(index) : this.#write(index));
        known.busy = false;
      }
      await this.#timer.sleep("1ms");
    }
  }

  /** Repeats what is refused until it is done, since the device may come back. */
  async #until(what: string, act: () => Promise<void>): Promise<void> {
    const start = performance.now();
    for (;;) {
      try {
        await act();
        this.#summary.slowest = Math.max(this.#summary.slowest, performance.now() - start);
        return;
      } catch (error) {
        const status =
          error instanceof SessionError ? `${error.code} ${JSON.stringify(error.detail ?? {})}` : String(error);
        const key = `${what}: ${status}`;
        if (this.#summary.errors[key] === undefined)
          console.log(JSON.stringify({ refused: key, message: (error as Error).message }));
        this.#summary.errors[key] = (this.#summary.errors[key] ?? 0) + 1;
        await this.#timer.sleep(pause);
      }
    }
  }

  async #write(index: number): Promise<void> {
    const known = this.#known[index] as Known;
    const block = this.#config.first + index;
    let version = known.acknowledged;
    await this.#until("write", async () => {
      version += 1;
      known.refused.push(version);
      await this.#disk.write({ block, data: blockVersion(block, version, this.#blockSize) });
    });
    known.acknowledged = version;
    known.refused.length = 0;
    this.#summary.writes += 1;
  }

  async #read(index: number): Promise<void> {
    const known = this.#known[index] as Known;
    const block = this.#config.first + index;
    let data = new Uint8Array(0);
    await this.#until("read", async () => void (data = new Uint8Array(await this.#disk.read({ block, count: 1 }))));
    const found = versionOf(data, block);
    this.#summary.reads += 1;
    if (found !== undefined && (found === known.acknowledged || known.refused.includes(found))) return;
    this.#summary.wrong.push(`block ${block} holds ${found ?? "a mixture"}, acknowledged was ${known.acknowledged}`);
  }
}

component(async (env) => {
  const rom = await env.connect(Rom, { label: "config" });
  const config = (await rom.json()) as Config;
  const timer = await env.connect(Timer);
  const disk = await env.connect(Block, { label: "disk" });
  const { blockSize } = await disk.info();
  const load = new BlockLoad(disk, timer, config, blockSize);
  const changed = async (): Promise<void> => {
    if (((await rom.json()) as Config).stop === true) load.stop();
  };
  rom.onChange(() => void changed());
  console.log(JSON.stringify({ blockSize }));
  await load.run();
});
