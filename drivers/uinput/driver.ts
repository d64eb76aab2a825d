/** The uinput driver: an Event service whose events drive the rest of Linux. */
import type { Env } from "../../base/env.js";
import type { SessionRequest } from "../../base/server.js";
import { type EventArgs, EventSession } from "../../sessions/event/index.js";
import { Platform } from "../../sessions/platform/index.js";
import type { DeviceName, UinputConfig } from "./config.js";
import { LinuxDevice } from "./linux-device.js";
import { Player } from "./player.js";

export class UinputDriver implements Disposable {
  readonly #devices: ReadonlyMap<DeviceName, LinuxDevice>;
  readonly #player: Player;

  private constructor(devices: ReadonlyMap<DeviceName, LinuxDevice>) {
    this.#devices = devices;
    this.#player = new Player(devices);
  }

  /** @throws SessionError `NotFound`, `Device` (there is no /dev/uinput, or the host may not open it) */
  static async open(env: Env, { grant, name, devices: wanted }: UinputConfig): Promise<UinputDriver> {
    await using platform = await env.connect(Platform);
    const devices = new Map<DeviceName, LinuxDevice>();
    try {
      // A device for each opening: the descriptors stay, whatever the host keeps.
      for (const kind of new Set(wanted))
        devices.set(kind, new LinuxDevice(await platform.acquire(grant, { kind: "character_device" }), kind, name));
    } catch (error) {
      for (const device of devices.values()) device.close();
      throw error;
    }
    return new UinputDriver(devices);
  }

  /** What Linux calls its devices. */
  get description(): string {
    return [...this.#devices].map(([kind, { place }]) => `${kind} ${place}`).join(", ");
  }

  session(request: SessionRequest<EventArgs>): Promise<EventSession> {
    const source = {};
    return EventSession.open(request, { submit: (events) => this.#player.play(source, events) });
  }

  [Symbol.dispose](): void {
    for (const device of this.#devices.values()) device.close();
  }
}
