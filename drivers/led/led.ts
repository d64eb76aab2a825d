/** A light with at most one session, which has it until it ends. */
import { errorMessage, SessionError } from "../../base/errors.js";
import type { PinControlHandlers } from "../../sessions/pin-control/index.js";
import type { LedConfig } from "./config.js";
import type { Light } from "./light.js";

export interface LedState {
  readonly name: string;
  readonly path: string;
  readonly brightness: number;
  readonly maxBrightness: number;
  readonly trigger: string;
  readonly triggers: readonly string[];
}

/** Of a light that does not answer. */
export interface LedFailure extends Pick<LedState, "name" | "path"> {
  readonly error: string;
}

export interface LedWatcher {
  /** Something that {@link Led.state} tells is another now. */
  changed(): void;
  /** The light was unplugged. */
  gone(): void;
}

export class Led {
  readonly name: string;
  readonly #light: Light;
  readonly #watcher: LedWatcher;
  #config: LedConfig;
  /** As it was before the driver, or a configuration, changed it. */
  readonly #found: { readonly trigger: string; readonly brightness: number };
  #taken = false;
  #open = true;
  #active: boolean | undefined;

  /** Takes over the light. @throws what it answers */
  constructor(name: string, light: Light, config: LedConfig, watcher: LedWatcher) {
    this.name = name;
    this.#light = light;
    this.#watcher = watcher;
    this.#config = config;
    this.#found = { trigger: light.trigger(), brightness: light.brightness() };
    if (config.trigger !== undefined) this.#apply();
  }

  get state(): LedState | LedFailure {
    const light = this.#light;
    const { name } = this;
    const { path, maxBrightness } = light;
    try {
      const trigger = light.trigger();
      return { name, path, brightness: light.brightness(), maxBrightness, trigger, triggers: light.triggers() };
    } catch (error) {
      return { name, path, error: errorMessage(error) };
    }
  }

  configure(config: LedConfig): void {
    this.#config = config;
    this.#apply();
  }

  /** Brings the light into the state that session and configuration want. @throws SessionError `Device` */
  #apply(): void {
    const { brightness: wanted, trigger: idle = this.#found.trigger } = this.#config;
    const light = this.#light;
    const trigger = this.#active === undefined ? idle : "none";
    const bright = Math.min(wanted ?? light.maxBrightness, light.maxBrightness);
    try {
      if (light.trigger() !== trigger) light.setTrigger(trigger);
      if (this.#active !== undefined) light.setBrightness(this.#active ? bright : 0);
      else if (trigger === "none") light.setBrightness(this.#found.trigger === "none" ? this.#found.brightness : 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENODEV") this.#watcher.gone();
      throw new SessionError(
        "Device",
        `Cannot switch the light "${this.name}" (${light.path}) with the trigger "${trigger}": ${errorMessage(error)}`,
      );
    } finally {
      this.#watcher.changed();
    }
  }

  /** @throws SessionError `Denied` while another session has it */
  session(): PinControlHandlers & { close(): void } {
    if (this.#taken)
      throw new SessionError("Denied", `Cannot switch the light "${this.name}": another PinControl session has it`);
    this.#taken = true;
    const drive = (active: boolean | undefined): void => {
      this.#active = active;
      this.#apply();
    };
    return {
      state: (active) => drive(active),
      yield: () => drive(undefined),
      close: () => {
        this.#taken = false;
        if (!this.#open) return;
        try {
          drive(undefined);
        } catch (error) {
          console.error(errorMessage(error));
        }
      },
    };
  }

  close(): void {
    if (this.#open) this.#light.close();
    this.#open = false;
  }
}
