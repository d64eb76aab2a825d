/** A network port in a test: frames out, frames in, all of them captured from the beginning. */
import { parseDuration } from "../base/quantity.js";
import type { FrameMatcher } from "./frame-matchers.js";
import { captureFrame, captureHead, type Direction } from "./pcapng.js";
import type { RunFolder } from "./run-folder.js";
import { slowness } from "./slowness.js";

/** Frames in both directions: a session, or the far end of a wire. */
export interface FramePort {
  /** False when the frame was dropped. */
  send(frame: Uint8Array): boolean;
  onFrame(handler: (frame: Uint8Array) => void): void;
  close(): void | Promise<void>;
}

export interface CapturedFrame {
  readonly frame: Uint8Array;
  readonly direction: Direction;
  /** Milliseconds since 1970. */
  readonly time: number;
}

export interface FrameWait {
  /** How long to wait, such as "2s"; 5 s when absent. */
  readonly within?: string | number;
  /** Where to begin; after the last match when absent. See {@link Network.mark}. */
  readonly since?: number;
}

const defaultPatience = `${5 * slowness}s`;
/** Frames that a failure lists. */
const shownFrames = 10;

export class Network<Session extends FramePort = FramePort> implements AsyncDisposable {
  readonly name: string;
  readonly session: Session;
  /** The other end of the wire, where the bench has it. */
  readonly far: Network | undefined;
  readonly #files: RunFolder;
  readonly #frames: CapturedFrame[] = [];
  readonly #waiting = new Set<() => void>();
  #cursor = 0;

  constructor(name: string, session: Session, files: RunFolder, far?: Network) {
    this.name = name;
    this.session = session;
    this.far = far;
    this.#files = files;
    files.write(`${name}.pcapng`, captureHead(name));
    session.onFrame((frame) => this.#keep(frame, "in"));
  }

  #keep(frame: Uint8Array, direction: Direction): void {
    const captured = { frame, direction, time: performance.timeOrigin + performance.now() };
    this.#frames.push(captured);
    this.#files.append(`${this.name}.pcapng`, captureFrame(frame, direction, captured.time));
    for (const wake of [...this.#waiting]) wake();
  }

  /** All frames so far, in both directions, oldest first. */
  get frames(): readonly CapturedFrame[] {
    return this.#frames;
  }

  /** The capture as a pcapng file, which Wireshark and tcpdump read. */
  capture(): Uint8Array {
    return Buffer.concat([
      captureHead(this.name),
      ...this.#frames.map(({ frame, direction, time }) => captureFrame(frame, direction, time)),
    ]);
  }

  /** Sends an Ethernet frame; false when it was dropped for want of room. */
  send(frame: Uint8Array): boolean {
    const taken = this.session.send(frame);
    if (taken) this.#keep(frame.slice(), "out");
    return taken;
  }

  /** The place up to which all frames have come; the next `expect` looks behind it. */
  mark(): number {
    return (this.#cursor = this.#frames.length);
  }

  /** Waits for a frame that came since the last match, or since a mark. What came before this call counts. */
  async expect(
    matcher: FrameMatcher,
    { within = defaultPatience, since = this.#cursor }: FrameWait = {},
  ): Promise<CapturedFrame> {
    const end = performance.now() + parseDuration(within);
    for (let at = since; ; ) {
      for (; at < this.#frames.length; at += 1) {
        const captured = this.#frames[at] as CapturedFrame;
        if (captured.direction !== "in" || !matcher.matches(captured.frame)) continue;
        this.#cursor = at + 1;
        return captured;
      }
      const left = end - performance.now();
      if (left <= 0) throw this.#failure(matcher, since, within);
      await this.#change(left);
    }
  }

  #change(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.#waiting.add(done);
    });
  }

  #failure(matcher: FrameMatcher, since: number, within: string | number): Error {
    const came = this.#frames.slice(since).filter(({ direction }) => direction === "in");
    const shown = came
      .slice(-shownFrames)
      .map(({ frame }) => `  ${frame.length} bytes: ${Buffer.from(frame.subarray(0, 34)).toString("hex")}`);
    const text = came.length === 0 ? "No frame came" : `${came.length} others came, the last:\n${shown.join("\n")}`;
    return new Error(`Expected ${matcher.description} on ${this.name} within ${String(within)}. ${text}`);
  }

  async close(): Promise<void> {
    await this.session.close();
    await this.far?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
