/** The kernel's frame buffer: memory that is the picture, in the mode that it has. */
import { SessionError } from "../../base/errors.js";
import { type FramebufferFacts, framebufferFacts, panFramebuffer } from "../../bindings/framebuffer.js";
import type { PixelForm } from "../../bindings/pixel.js";
import type { Captured } from "../../sessions/capture/index.js";
import type { Area } from "../../sessions/geometry/geometry.generated.js";
import type { HostGrant } from "../../sessions/platform/index.js";
import type { Display } from "./display.js";
import { DoublePicture, type PixelTarget, ScreenMemory } from "./pixel-target.js";

/** Whether there is memory for a second picture below the first, and the kernel would show it. */
function pans({ height, virtualHeight, panStep, stride, bytes }: FramebufferFacts): boolean {
  return panStep > 0 && height % panStep === 0 && virtualHeight >= 2 * height && 2 * height * stride <= bytes;
}

export class FramebufferDisplay implements Display {
  readonly name: string;
  readonly area: Area;
  readonly millimeters: Area;
  readonly description: string;
  readonly #grant: HostGrant;
  readonly #memory: ScreenMemory;
  readonly #picture: PixelTarget | DoublePicture;

  /**
   * Takes over the grant, which is closed when this fails.
   * @throws SessionError `Unsupported` (a form of pixels that nobody knows how to fill), and what the kernel answers
   */
  constructor(grant: HostGrant, name: string) {
    this.#grant = grant;
    this.name = name;
    try {
      const facts = framebufferFacts(grant.descriptor);
      const { width, height, stride, bytes, form, widthMillimeters, heightMillimeters } = facts;
      if (form === undefined)
        throw new SessionError(
          "Unsupported",
          `Cannot show pictures on ${grant.path}: its pixels are numbers of a palette`,
        );
      this.area = { width, height };
      this.millimeters = { width: widthMillimeters, height: heightMillimeters };
      this.#memory = new ScreenMemory(grant.descriptor, { offset: 0, bytes });
      const target = (line: number): PixelTarget =>
        this.#memory.target(line * stride, { area: this.area, stride, form: form as PixelForm });
      const double = this.#shown(0) && pans(facts);
      this.#picture = double ? new DoublePicture([target(0), target(height)]) : target(0);
      this.description = `${grant.path} (${facts.name}), ${width} by ${height} pixels of ${8 * form.bytes} bits${double ? ", two pictures" : ""}`;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Also makes a screen that is no console show itself at all. Not every driver can. */
  #shown(line: number): boolean {
    try {
      panFramebuffer(this.#grant.descriptor, line);
      return true;
    } catch {
      return false;
    }
  }

  show(captured: Captured): void {
    if (this.#picture instanceof DoublePicture)
      panFramebuffer(this.#grant.descriptor, this.#picture.draw(captured) * this.area.height);
    else this.#picture.copy(captured, captured.changed);
  }

  close(): void {
    this.#memory?.close();
    this.#grant.close();
  }
}
