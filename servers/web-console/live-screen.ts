/**
 * The screen as browsers see it: one capture for all of them, as often as somebody can take a picture and no more often.
 *
 * A viewer that has not yet drawn what it was sent is passed over. It gets, when it has, what changed since then: so it
 * misses pictures, costs no memory, and nobody waits for it.
 */
import { monotonic } from "../../base/monotonic.js";
import type { CaptureConnection } from "../../sessions/capture/index.js";
import { Picture, type ScreenSize } from "./picture.js";

/** Where the pictures come from. */
export type ScreenSource = Pick<CaptureConnection, "captureAt" | "captureStopped">;

/** Who looks. */
export interface ScreenViewer {
  /** What it was sent last; 0 when that was nothing. */
  readonly version: number;
  /** Whether it can take another picture now. */
  readonly ready: boolean;
  show(frame: Uint8Array, version: number): void;
}

export class LiveScreen {
  readonly #viewers = new Set<ScreenViewer>();
  readonly #failed: (error: unknown) => void;
  #source: ScreenSource | undefined;
  #picture: Picture | undefined;
  /** Least time between two captures, in milliseconds. */
  #interval: number;
  #captured = Number.NEGATIVE_INFINITY;
  /** There is nothing new: the source will say when there is. */
  #resting = false;
  /** The source was told so, and has not been asked since. */
  #stopped = false;
  #running = false;
  #again = false;
  #timer: NodeJS.Timeout | undefined;

  /** `failed` gets what a capture failed with; the next wake-up tries again. */
  constructor(framesPerSecond: number, failed: (error: unknown) => void) {
    this.#interval = 1000 / framesPerSecond;
    this.#failed = failed;
  }

  set framesPerSecond(value: number) {
    this.#interval = 1000 / value;
  }

  get size(): ScreenSize | undefined {
    return this.#picture?.size;
  }

  /** Takes another source, or the same one when its screen has another size now: everything is drawn anew. */
  attach(source: ScreenSource, size: ScreenSize): void {
    this.#source = source;
    this.#picture = new Picture(size, (this.#picture?.version ?? 0) + 1);
    this.#stopped = false;
    this.wake();
  }

  add(viewer: ScreenViewer): () => void {
    this.#viewers.add(viewer);
    this.look();
    return () => {
      this.#viewers.delete(viewer);
      this.look();
    };
  }

  /** The source has something new. */
  wake(): void {
    this.#resting = false;
    this.look();
  }

  /** A viewer may be ready now. */
  look(): void {
    if (this.#running) this.#again = true;
    else if (this.#timer === undefined) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      do {
        this.#again = false;
        await this.#turn();
      } while (this.#again && this.#timer === undefined);
    } catch (error) {
      if (this.#source !== undefined) this.#failed(error);
    } finally {
      this.#running = false;
    }
  }

  /** One capture, where somebody can take it, and its pictures. */
  async #turn(): Promise<void> {
    const source = this.#source;
    const picture = this.#picture;
    if (source === undefined || picture === undefined) return;
    if (!this.#resting && this.#someone()) {
      const wait = this.#captured + this.#interval - monotonic();
      if (wait > 0) {
        this.#timer = setTimeout(() => {
          this.#timer = undefined;
          this.look();
        }, wait);
      } else {
        this.#captured = monotonic();
        this.#stopped = false;
        const { pixels, area, changed } = await source.captureAt();
        if (picture !== this.#picture || area.width !== picture.size.width || area.height !== picture.size.height)
          return;
        // Before anything else is awaited: the memory is ours until then.
        picture.update(new Int32Array(pixels.buffer), changed);
        if (changed.length > 0) this.#again = true;
        else await this.#stop(source);
      }
    } else if (this.#viewers.size === 0 && !this.#stopped) await this.#stop(source);
    this.#show(picture);
  }

  async #stop(source: ScreenSource): Promise<void> {
    // First, so that a wake-up which comes before the answer counts.
    this.#stopped = true;
    this.#resting = true;
    await source.captureStopped();
  }

  #someone(): boolean {
    for (const { ready } of this.#viewers) if (ready) return true;
    return false;
  }

  #show(picture: Picture): void {
    for (const viewer of this.#viewers)
      if (viewer.ready && viewer.version < picture.version)
        viewer.show(picture.changes(viewer.version), picture.version);
  }

  close(): void {
    this.#viewers.clear();
    clearTimeout(this.#timer);
    this.#source = undefined;
  }
}
