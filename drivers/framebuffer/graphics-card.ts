/** A graphics card of the kernel: which screens are plugged in, and their pictures. */
import { errorMessage, SessionError } from "../../base/errors.js";
import { watchDescriptor } from "../../base/event-loop.js";
import {
  type DrmBuffer,
  type DrmConnector,
  type DrmMode,
  drmConnectors,
  dropDrmBuffer,
  flipDrm,
  makeDrmBuffer,
  setDrmMode,
  stopDrm,
  takeDrmFlips,
  tellDrmDamage,
} from "../../bindings/drm.js";
import type { Captured } from "../../sessions/capture/index.js";
import type { Area } from "../../sessions/geometry/geometry.generated.js";
import type { HostGrant } from "../../sessions/platform/index.js";
import type { ConnectorConfig } from "./config.js";
import type { Display } from "./display.js";
import { DoublePicture, ownForm, type PixelTarget, ScreenMemory } from "./pixel-target.js";

/** How long the hardware may take for one picture, in milliseconds. One that says nothing is not waited for. */
const longestFlip = 1000;

/** The mode of that name, as `1024x768` or `1920x1080@60`; else the one that the screen prefers. */
function chosenMode({ name, modes }: DrmConnector, wanted: string | undefined): DrmMode {
  const named = modes.find((mode) => mode.name === wanted || `${mode.width}x${mode.height}@${mode.refresh}` === wanted);
  if (wanted !== undefined && named === undefined)
    console.error(`"${name}" has no mode "${wanted}", but ${[...new Set(modes.map((mode) => mode.name))].join(", ")}`);
  const mode = named ?? modes.find(({ preferred }) => preferred) ?? modes[0];
  if (mode === undefined) throw new SessionError("Device", `The screen at "${name}" names no modes`);
  return mode;
}

export class GraphicsCard {
  readonly #grant: HostGrant;
  #endWatch: (() => void) | undefined;
  /** Who waits for its picture to be shown, by CRTC. */
  readonly #awaited = new Map<number, () => void>();
  readonly #displays = new Set<CardDisplay>();

  /** Takes over the grant, which is closed when the device is no graphics card with screens. */
  constructor(grant: HostGrant) {
    this.#grant = grant;
    try {
      drmConnectors(grant.descriptor, { probe: false });
    } catch (error) {
      grant.close();
      throw error;
    }
    this.#endWatch = watchDescriptor(grant.descriptor, "readable", () => this.#flipped());
  }

  get descriptor(): number {
    return this.#grant.descriptor;
  }

  /** What it is on the host. */
  get path(): string {
    return this.#grant.path;
  }

  /** Where screens are plugged in. Throws what the kernel answers. */
  connected(): DrmConnector[] {
    return drmConnectors(this.descriptor, { probe: true }).filter(
      ({ connected, modes }) => connected && modes.length > 0,
    );
  }

  /** @throws SessionError `Device` (all CRTCs that could serve it are taken), and what the kernel answers */
  open(connector: DrmConnector, config: ConnectorConfig): Display {
    const taken = new Set([...this.#displays].map(({ crtc }) => crtc));
    const crtc = connector.crtcs.find((one) => !taken.has(one));
    if (crtc === undefined)
      throw new SessionError(
        "Device",
        `${this.path} has nothing left that could show a picture at "${connector.name}"`,
      );
    const display = new CardDisplay(this, connector, crtc, config);
    this.#displays.add(display);
    return display;
  }

  /** Resolves when the picture is shown, or too late. */
  flip(crtc: number, picture: number): Promise<void> {
    flipDrm(this.descriptor, crtc, picture);
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#awaited.delete(crtc);
        resolve();
      };
      const timer = setTimeout(done, longestFlip);
      this.#awaited.set(crtc, done);
    });
  }

  #flipped(): void {
    try {
      for (const crtc of takeDrmFlips(this.descriptor)) this.#awaited.get(crtc)?.();
    } catch (error) {
      // It was taken away; whoever shows the next picture learns of it.
      console.error(errorMessage(error));
      this.#unwatch();
    }
  }

  #unwatch(): void {
    this.#endWatch?.();
    this.#endWatch = undefined;
  }

  closed(display: CardDisplay): void {
    this.#displays.delete(display);
  }

  close(): void {
    for (const display of [...this.#displays]) display.close();
    for (const done of [...this.#awaited.values()]) done();
    this.#unwatch();
    this.#grant.close();
  }
}

interface CardPicture {
  readonly buffer: DrmBuffer;
  readonly memory: ScreenMemory;
  readonly target: PixelTarget;
}

class CardDisplay implements Display {
  readonly name: string;
  readonly area: Area;
  readonly millimeters: Area;
  readonly description: string;
  readonly crtc: number;
  readonly #card: GraphicsCard;
  readonly #pictures: CardPicture[] = [];
  readonly #double: DoublePicture | undefined;

  constructor(
    card: GraphicsCard,
    connector: DrmConnector,
    crtc: number,
    { mode: wanted, doubleBuffer }: ConnectorConfig,
  ) {
    const mode = chosenMode(connector, wanted);
    this.#card = card;
    this.crtc = crtc;
    this.name = connector.name;
    this.area = { width: mode.width, height: mode.height };
    this.millimeters = { width: connector.widthMillimeters, height: connector.heightMillimeters };
    this.description = `${card.path} ${connector.name}, ${mode.width} by ${mode.height} pixels, ${mode.refresh} a second`;
    try {
      const first = this.#makePicture();
      setDrmMode(card.descriptor, crtc, connector.number, first.buffer.picture, mode);
      this.#double = doubleBuffer ? new DoublePicture([first.target, this.#makePicture().target]) : undefined;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  #makePicture(): CardPicture {
    const { descriptor } = this.#card;
    const { area } = this;
    const buffer = makeDrmBuffer(descriptor, area.width, area.height);
    try {
      const memory = new ScreenMemory(descriptor, buffer);
      const target = memory.target(0, { area, stride: buffer.stride, form: ownForm });
      const picture = { buffer, memory, target };
      this.#pictures.push(picture);
      return picture;
    } catch (error) {
      dropDrmBuffer(descriptor, buffer);
      throw error;
    }
  }

  show(captured: Captured): void | Promise<void> {
    if (this.#double !== undefined) {
      const { buffer } = this.#pictures[this.#double.draw(captured)] as CardPicture;
      return this.#card.flip(this.crtc, buffer.picture);
    }
    const { buffer, target } = this.#pictures[0] as CardPicture;
    target.copy(captured, captured.changed);
    tellDrmDamage(this.#card.descriptor, buffer.picture, captured.changed);
    return undefined;
  }

  /** The kernel's console has its screen again when the card is closed. */
  close(): void {
    this.#card.closed(this);
    const { descriptor } = this.#card;
    try {
      stopDrm(descriptor, this.crtc);
    } catch {
      // The screen, or the card, is gone.
    }
    for (const { buffer, memory } of this.#pictures.splice(0)) {
      memory.close();
      dropDrmBuffer(descriptor, buffer);
    }
  }
}
