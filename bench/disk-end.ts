/** What is below a disk: its content as a file, and accesses that fail on demand. */
import type { InjectedError } from "./bench-file.js";
import { faultyNode } from "./device-plan.js";
import type { Devices } from "./devices.js";

export class DiskEnd {
  /** Its content. What the guest has flushed is there. */
  readonly file: string;
  readonly #devices: Devices;
  readonly #name: string;

  constructor(devices: Devices, name: string, file: string) {
    this.#devices = devices;
    this.#name = name;
    this.file = file;
  }

  /**
   * From now on these accesses fail, and no others; with none, all succeed. Not on USB and SD, where the disk holds its
   * content itself.
   */
  async fail(...errors: readonly (Omit<InjectedError, "error" | "once"> & Partial<InjectedError>)[]): Promise<void> {
    const { bus } = this.#devices.config(this.#name, "disk");
    if (bus === "usb" || bus === "sd")
      throw new Error(`Failures of "${this.#name}" are given in the bench file: its bus (${bus}) takes none later`);
    const { monitor } = this.#devices;
    const before = this.#devices.layer(this.#name);
    const base = `${this.#name}-node`;
    let layer: string | undefined;
    if (errors.length > 0) {
      layer = `${this.#name}-faults${before?.endsWith("1") === true ? 2 : 1}`;
      const whole = errors.map((error) => ({ error: "EIO" as const, once: false, ...error }));
      await monitor.execute("blockdev-add", faultyNode(layer, base, whole));
    }
    const path = `/machine/peripheral/${this.#name}`;
    await monitor.execute("qom-set", { path, property: "drive", value: layer ?? base });
    this.#devices.setLayer(this.#name, layer);
    if (before !== undefined) await monitor.execute("blockdev-del", { "node-name": before });
  }

  /** Changes its size, in bytes, while the guest uses it; the guest is told. Only virtio and scsi have words for that. */
  async resize(size: number): Promise<void> {
    const { bus } = this.#devices.config(this.#name, "disk");
    if (bus !== "virtio" && bus !== "scsi")
      throw new Error(
        `"${this.#name}" keeps its size: its bus (${bus}) tells no guest of another one; use virtio or scsi`,
      );
    const node = this.#devices.layer(this.#name) ?? `${this.#name}-node`;
    await this.#devices.monitor.execute("block_resize", { "node-name": node, size });
  }
}
