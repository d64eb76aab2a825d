/** What is below a disk: its content as a file, and accesses that fail on demand. */
import type { DeviceConfig, InjectedError } from "./bench-file.js";
import { faultyNode } from "./device-plan.js";
import type { Monitor } from "./monitor.js";

export class DiskEnd {
  /** Its content. What the guest has flushed is there. */
  readonly file: string;
  readonly #monitor: Monitor;
  readonly #name: string;
  readonly #config: DeviceConfig<"disk">;
  #layer: string | undefined;
  #layers = 0;

  constructor(monitor: Monitor, name: string, config: DeviceConfig<"disk">, file: string) {
    this.#monitor = monitor;
    this.#name = name;
    this.#config = config;
    this.file = file;
  }

  /** From now on these accesses fail, and no others; with none, all succeed. Not on USB and SD, where the disk holds its content itself. */
  async fail(...errors: readonly (Omit<InjectedError, "error" | "once"> & Partial<InjectedError>)[]): Promise<void> {
    if (this.#config.bus === "usb" || this.#config.bus === "sd")
      throw new Error(
        `Failures of "${this.#name}" are given in the bench file: its bus (${this.#config.bus}) takes none later`,
      );
    const before = this.#layer;
    const base = `${this.#name}-node`;
    this.#layer = undefined;
    if (errors.length > 0) {
      this.#layers += 1;
      this.#layer = `${this.#name}-faults${this.#layers}`;
      const whole = errors.map((error) => ({ error: "EIO" as const, once: false, ...error }));
      await this.#monitor.execute("blockdev-add", faultyNode(this.#layer, base, whole));
    }
    const path = `/machine/peripheral/${this.#name}`;
    await this.#monitor.execute("qom-set", { path, property: "drive", value: this.#layer ?? base });
    if (before !== undefined) await this.#monitor.execute("blockdev-del", { "node-name": before });
  }

  /** Changes its size, in bytes; the guest is told. */
  async resize(size: number): Promise<void> {
    await this.#monitor.execute("block_resize", { "node-name": this.#layer ?? `${this.#name}-node`, size });
  }
}
