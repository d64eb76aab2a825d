/**
 * Screens by the kernel's mode-setting interface: everything works on a descriptor of `/dev/dri/cardN` that was granted.
 * A connector is where a screen is plugged in, a CRTC what reads a picture and sends it there. Functions throw errors
 * with code EACCES while another program is the card's master, such as a display server, and ENODEV once it is gone.
 */
import { native as addon } from "./native.js";

/** A form of a screen's picture. */
export interface DrmMode {
  /** Such as `1920x1080`. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Pictures a second. */
  readonly refresh: number;
  /** The screen itself prefers it. */
  readonly preferred: boolean;
  /** The kernel's own description. */
  readonly description: Uint8Array;
}

interface RawConnector {
  readonly type: number;
  readonly typeNumber: number;
  readonly connected: boolean;
  readonly widthMillimeters: number;
  readonly heightMillimeters: number;
  readonly crtcs: number;
  readonly modes: readonly DrmMode[];
}

/** The memory of a picture: 32 bits a pixel, as everywhere here. */
export interface DrmBuffer {
  readonly memory: number;
  /** What shows it. */
  readonly picture: number;
  /** Bytes from one line to the next. */
  readonly stride: number;
  readonly bytes: number;
  /** Where it is to be mapped from the card. */
  readonly offset: number;
}

interface DrmAddon {
  drmResources(card: number): [crtcs: number[], connectors: number[]];
  drmConnector(card: number, connector: number, probe: boolean): RawConnector;
  drmMakeBuffer(card: number, width: number, height: number): DrmBuffer;
  drmDropBuffer(card: number, memory: number, picture: number): void;
  drmSetMode(card: number, crtc: number, connector: number, picture: number, description: Uint8Array): void;
  drmStop(card: number, crtc: number): void;
  drmFlip(card: number, crtc: number, picture: number): void;
  drmTakeFlips(card: number): number[];
  drmTellDamage(card: number, picture: number, rectangles: Uint16Array): boolean;
}

const native = addon as unknown as DrmAddon;

/** By the kernel's numbers. */
const connectorTypes = [
  "Unknown",
  "VGA",
  "DVI-I",
  "DVI-D",
  "DVI-A",
  "Composite",
  "SVIDEO",
  "LVDS",
  "Component",
  "DIN",
  "DP",
  "HDMI-A",
  "HDMI-B",
  "TV",
  "eDP",
  "Virtual",
  "DSI",
  "DPI",
  "Writeback",
  "SPI",
  "USB",
];

export interface DrmConnector {
  readonly number: number;
  /** As the kernel has it below /sys/class/drm, such as `HDMI-A-1`. */
  readonly name: string;
  readonly connected: boolean;
  /** 0 where nobody knows. */
  readonly widthMillimeters: number;
  readonly heightMillimeters: number;
  /** The CRTCs that can serve it. */
  readonly crtcs: readonly number[];
  readonly modes: readonly DrmMode[];
}

/** What a card has. `probe` asks the hardware, which takes a while; else what is known of it. */
export function drmConnectors(card: number, { probe }: { readonly probe: boolean }): DrmConnector[] {
  const [crtcs, connectors] = native.drmResources(card);
  return connectors.map((connector) => {
    const { type, typeNumber, crtcs: mask, ...facts } = native.drmConnector(card, connector, probe);
    return {
      ...facts,
      number: connector,
      name: `${connectorTypes[type] ?? "Unknown"}-${typeNumber}`,
      crtcs: crtcs.filter((_, place) => ((mask >>> place) & 1) === 1),
    };
  });
}

export function makeDrmBuffer(card: number, width: number, height: number): DrmBuffer {
  return native.drmMakeBuffer(card, width, height);
}

/** One that is shown is shown no longer. */
export function dropDrmBuffer(card: number, { memory, picture }: DrmBuffer): void {
  native.drmDropBuffer(card, memory, picture);
}

/** Shows a picture at once, in that mode. */
export function setDrmMode(card: number, crtc: number, connector: number, picture: number, mode: DrmMode): void {
  native.drmSetMode(card, crtc, connector, picture, mode.description);
}

/** Turns a CRTC off. */
export function stopDrm(card: number, crtc: number): void {
  native.drmStop(card, crtc);
}

/** Shows another picture from the next frame on, which makes the card readable. Throws EBUSY while one is awaited. */
export function flipDrm(card: number, crtc: number, picture: number): void {
  native.drmFlip(card, crtc, picture);
}

/** The CRTCs that have flipped. */
export function takeDrmFlips(card: number): readonly number[] {
  return native.drmTakeFlips(card);
}

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Tells that a picture has changed while it is shown. False: nobody needs to know. */
export function tellDrmDamage(card: number, picture: number, rectangles: readonly Rectangle[]): boolean {
  const corners = rectangles.flatMap(({ x, y, width, height }) => [x, y, x + width, y + height]);
  return native.drmTellDamage(card, picture, Uint16Array.from(corners));
}
