/** The chips that the host granted, or the stand-in for them; finds the line of a pin. */
import { errorMessage, SessionError } from "../../base/errors.js";
import type { PlatformConnection } from "../../sessions/platform/index.js";
import type { Chip } from "./chip.js";
import type { PinConfig, SimulatedConfig } from "./config.js";
import { KernelChip } from "./kernel-chip.js";
import { SimulatedChip } from "./simulated-chip.js";

export interface Place {
  readonly chip: Chip;
  readonly line: number;
}

export class Chips {
  readonly #platform: PlatformConnection;
  readonly #simulated: SimulatedChip | undefined;
  /** By the name of the grant. */
  readonly #open = new Map<string, Chip>();
  /** Why a granted chip could not be opened, by the name of its grant. */
  readonly #reasons = new Map<string, string>();

  private constructor(platform: PlatformConnection, simulated: SimulatedChip | undefined) {
    this.#platform = platform;
    this.#simulated = simulated;
  }

  /** Opens what is granted and there. */
  static async open(platform: PlatformConnection, simulated: SimulatedConfig | undefined): Promise<Chips> {
    const chips = new Chips(platform, simulated && new SimulatedChip(simulated));
    await chips.#look();
    return chips;
  }

  /** Opens the chips that are not open, such as one that was plugged in again. */
  async #look(): Promise<void> {
    for (const name of await this.#platform.granted()) {
      if (this.#open.has(name)) continue;
      try {
        this.#open.set(name, await this.#acquire(name));
        this.#reasons.delete(name);
      } catch (error) {
        this.#reasons.set(name, errorMessage(error));
      }
    }
  }

  async #acquire(name: string): Promise<Chip> {
    const grant = await this.#platform.acquire(name);
    try {
      return new KernelChip(grant);
    } catch (error) {
      grant.close();
      throw error;
    }
  }

  get #all(): ReadonlyMap<string, Chip> {
    if (this.#open.size > 0 || this.#simulated === undefined) return this.#open;
    return new Map([[this.#simulated.label, this.#simulated]]);
  }

  /** What serves, and what does not, for people. */
  get description(): readonly string[] {
    return [...[...this.#all.values()].map(({ description }) => description), ...this.#reasons.values()];
  }

  /** @throws SessionError `Unavailable`: no chip has the line */
  async find(pin: string, config: PinConfig): Promise<Place> {
    const found = this.#place(config);
    if (found.length === 0) await this.#look();
    const [place, other] = found.length > 0 ? found : this.#place(config);
    if (place !== undefined && other === undefined) return place;
    const chips = this.description.join("; ");
    throw new SessionError(
      "Unavailable",
      place === undefined
        ? `Cannot find line ${JSON.stringify(config.line)} of pin "${pin}": the chips are: ${chips || "none, since none is granted"}`
        : `Cannot choose line ${JSON.stringify(config.line)} of pin "${pin}": several chips have it; set "chip" of the pin to one of: ${chips}`,
    );
  }

  #place({ line, chip: wanted }: PinConfig): Place[] {
    return [...this.#all].flatMap(([name, chip]) => {
      if (wanted !== undefined && wanted !== name && wanted !== chip.label) return [];
      const number = typeof line === "number" ? line : chip.lineNamed(line);
      return number === undefined ? [] : [{ chip, line: number }];
    });
  }

  /** A chip was unplugged: it is looked for again when somebody needs it. */
  async gone(chip: Chip): Promise<void> {
    for (const [name, open] of this.#open) {
      if (open !== chip) continue;
      this.#open.delete(name);
      chip.close();
      await this.#platform.release(name);
    }
  }

  close(): void {
    for (const chip of this.#open.values()) chip.close();
    this.#open.clear();
  }
}
