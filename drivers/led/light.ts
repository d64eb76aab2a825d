/** A light of the kernel's class "leds", on the files of its directory, or the stand-in for one. */
import { AttributeFile } from "../../lib/attribute-file.js";
import type { PlatformConnection } from "../../sessions/platform/index.js";

export interface Light {
  /** What it is on the host, for people. */
  readonly path: string;
  readonly maxBrightness: number;
  brightness(): number;
  /** A trigger changes it again: set that to "none" first. */
  setBrightness(value: number): void;
  trigger(): string;
  /** Those of the kernel; empty where none are known. */
  triggers(): readonly string[];
  /** Throws EINVAL where the kernel has no such trigger. */
  setTrigger(name: string): void;
  close(): void;
}

class KernelLight implements Light {
  readonly path: string;
  readonly maxBrightness: number;
  readonly #brightness: AttributeFile;
  readonly #trigger: AttributeFile;

  constructor(path: string, maxBrightness: number, brightness: AttributeFile, trigger: AttributeFile) {
    this.path = path;
    this.maxBrightness = maxBrightness;
    this.#brightness = brightness;
    this.#trigger = trigger;
  }

  brightness(): number {
    return this.#brightness.number();
  }

  setBrightness(value: number): void {
    this.#brightness.write(value);
  }

  /** The one in force stands in brackets. */
  trigger(): string {
    return /\[([^\]]+)\]/.exec(this.#trigger.text())?.[1] ?? "none";
  }

  triggers(): readonly string[] {
    return this.#trigger.text().replace(/[[\]]/g, "").split(/\s+/);
  }

  setTrigger(name: string): void {
    this.#trigger.write(name);
  }

  close(): void {
    this.#brightness.close();
    this.#trigger.close();
  }
}

/** Acquires the grant. @throws SessionError `NotFound`, `Device`, `InvalidArgument` (it is no directory) */
export async function openLight(platform: PlatformConnection, name: string): Promise<Light> {
  using directory = await platform.acquire(name, { kind: "directory" });
  const opened: AttributeFile[] = [];
  const open = async (file: string, write: boolean): Promise<AttributeFile> => {
    const attribute = await AttributeFile.open(platform, name, file, { write });
    opened.push(attribute);
    return attribute;
  };
  try {
    const most = await open("max_brightness", false);
    const light = new KernelLight(
      directory.path,
      most.number(),
      await open("brightness", true),
      await open("trigger", true),
    );
    most.close();
    return light;
  } catch (error) {
    for (const attribute of opened) attribute.close();
    throw error;
  }
}

/** A light in memory. It has no triggers but "none". */
export function simulatedLight(): Light {
  const maxBrightness = 255;
  let brightness = 0;
  return {
    path: "simulated",
    maxBrightness,
    brightness: () => brightness,
    setBrightness: (value) => {
      brightness = value;
    },
    trigger: () => "none",
    triggers: () => ["none"],
    setTrigger(name) {
      if (name !== "none")
        throw Object.assign(new Error(`Cannot set the trigger "${name}": a simulated light has none`), {
          code: "EINVAL",
        });
    },
    close() {},
  };
}
