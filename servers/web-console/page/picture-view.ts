/** Draws what the console sends of the screen; frame-format.ts says how it comes. */
import { frameHeaderBytes, mostColoursOfHalves, TileGrid, type TilePlace } from "../frame-format.js";

const opaque = 0xff000000;
const bytesOfColour = 3;

async function decompressed(packed: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  if (packed.length === 0) return packed;
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** As the canvas has it: red in the lowest byte. */
function colourAt(bytes: Uint8Array, at: number): number {
  return opaque | ((bytes[at + 2] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at] as number);
}

export class PictureView {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #resized: () => void;
  #grid = new TileGrid(0, 0);
  readonly #palette = new Int32Array(256);

  constructor(canvas: HTMLCanvasElement, resized: () => void) {
    this.#canvas = canvas;
    this.#resized = resized;
    const context = canvas.getContext("2d", { alpha: false });
    if (context === null) throw new Error("This browser cannot draw");
    this.#context = context;
  }

  async draw(frame: ArrayBuffer): Promise<void> {
    const header = new DataView(frame);
    const [width, height, packed] = [header.getUint16(4, true), header.getUint16(6, true), header.getUint32(8, true)];
    const few = await decompressed(new Uint8Array(frame, frameHeaderBytes, packed));
    if (width !== this.#grid.width || height !== this.#grid.height) {
      this.#grid = new TileGrid(width, height);
      this.#canvas.width = width;
      this.#canvas.height = height;
      this.#resized();
    }
    this.#drawFew(few);
    this.#drawMany(new Uint8Array(frame, frameHeaderBytes + packed));
  }

  #drawFew(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const place = this.#grid.place((bytes[at] as number) | ((bytes[at + 1] as number) << 8));
      const colours = (bytes[at + 2] as number) + 1;
      at += 3;
      for (let colour = 0; colour < colours; ++colour, at += bytesOfColour) this.#palette[colour] = colourAt(bytes, at);
      const { image, pixels } = this.#image(place);
      if (colours === 1) pixels.fill(this.#palette[0] as number);
      else if (colours <= mostColoursOfHalves) {
        for (let pixel = 0; pixel < pixels.length; pixel += 2) {
          const pair = bytes[at++] as number;
          pixels[pixel] = this.#palette[pair & 15] as number;
          pixels[pixel + 1] = this.#palette[pair >> 4] as number;
        }
      } else
        for (let pixel = 0; pixel < pixels.length; ++pixel)
          pixels[pixel] = this.#palette[bytes[at++] as number] as number;
      this.#context.putImageData(image, place.x, place.y);
    }
  }

  #drawMany(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const place = this.#grid.place((bytes[at] as number) | ((bytes[at + 1] as number) << 8));
      at += 2;
      const { image, pixels } = this.#image(place);
      for (let pixel = 0; pixel < pixels.length; ++pixel, at += bytesOfColour) pixels[pixel] = colourAt(bytes, at);
      this.#context.putImageData(image, place.x, place.y);
    }
  }

  #image({ width, height }: TilePlace): { readonly image: ImageData; readonly pixels: Int32Array } {
    const image = this.#context.createImageData(width, height);
    return { image, pixels: new Int32Array(image.data.buffer) };
  }
}
