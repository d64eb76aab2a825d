/**
 * Screens by the kernel's frame buffer interface: everything works on a descriptor of `/dev/fbN` that was granted.
 * Functions throw errors with code ENOTTY for what is no screen. No function sets a mode.
 */
import { native as addon, type NativeMapping } from "./native.js";
import { flag, number, PackedRecord } from "./packed-record.js";
import type { PixelForm } from "./pixel.js";

interface FramebufferAddon {
  screenFacts(screen: number, out: Uint32Array): string;
  screenPan(screen: number, line: number): void;
  screenHasConsole(screen: number, console: number): boolean;
  screenMap(device: number, offset: number, bytes: number): NativeMapping;
}

const native = addon as unknown as FramebufferAddon;

interface Words {
  width: number;
  height: number;
  virtualHeight: number;
  panStep: number;
  bytes: number;
  stride: number;
  bitsPerPixel: number;
  direct: boolean;
  redOffset: number;
  redLength: number;
  greenOffset: number;
  greenLength: number;
  blueOffset: number;
  blueLength: number;
  widthMillimeters: number;
  heightMillimeters: number;
}

const record = new PackedRecord<Words>({
  width: number,
  height: number,
  virtualHeight: number,
  panStep: number,
  bytes: number,
  stride: number,
  bitsPerPixel: number,
  direct: flag,
  redOffset: number,
  redLength: number,
  greenOffset: number,
  greenLength: number,
  blueOffset: number,
  blueLength: number,
  widthMillimeters: number,
  heightMillimeters: number,
});

export interface FramebufferFacts {
  /** What its driver calls itself. */
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Lines that there is memory for. */
  readonly virtualHeight: number;
  /** Steps by which the first line can be moved; 0: it cannot. */
  readonly panStep: number;
  /** Of memory. */
  readonly bytes: number;
  /** Bytes from one line to the next. */
  readonly stride: number;
  /** Undefined where pixels are numbers of a palette. */
  readonly form: PixelForm | undefined;
  /** 0 where nobody knows. */
  readonly widthMillimeters: number;
  readonly heightMillimeters: number;
}

export function framebufferFacts(screen: number): FramebufferFacts {
  let name = "";
  const words = record.filledBy((target) => {
    name = native.screenFacts(screen, target);
  });
  const form: PixelForm = {
    bytes: words.bitsPerPixel / 8,
    red: { offset: words.redOffset, length: words.redLength },
    green: { offset: words.greenOffset, length: words.greenLength },
    blue: { offset: words.blueOffset, length: words.blueLength },
  };
  const { width, height, virtualHeight, panStep, bytes, stride, widthMillimeters, heightMillimeters } = words;
  return {
    name,
    width,
    height,
    virtualHeight,
    panStep,
    bytes,
    stride,
    form: words.direct && Number.isInteger(form.bytes) ? form : undefined,
    widthMillimeters,
    heightMillimeters,
  };
}

/** Shows the lines from this one on. Throws EINVAL where there are none. */
export function panFramebuffer(screen: number, line: number): void {
  native.screenPan(screen, line);
}

/** Whether the kernel's console of this number is on the screen. */
export function framebufferHasConsole(screen: number, console: number): boolean {
  return native.screenHasConsole(screen, console);
}

/** Maps memory of a screen, or of a graphics card, until `unmapDataspace`. */
export function mapScreen(device: number, offset: number, bytes: number): NativeMapping {
  return native.screenMap(device, offset, bytes);
}
