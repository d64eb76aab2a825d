/** What a display shows. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { bounded, type WaitOptions } from "./deadline.js";
import type { Monitor } from "./monitor.js";

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue of each pixel, from the top left, row by row. */
  readonly pixels: Uint8Array;
}

/** Every PNG file ends so. */
const lastChunk = Buffer.from("IEND\xaeB\x60\x82", "latin1");

export class Display {
  readonly #monitor: Monitor;
  readonly #name: string;
  readonly #folder: string;
  readonly #onlyOne: boolean;

  /** `onlyOne`: it is part of the board, where the emulator knows no name for it. */
  constructor(monitor: Monitor, name: string, folder: string, onlyOne: boolean) {
    this.#monitor = monitor;
    this.#name = name;
    this.#onlyOne = onlyOne;
    this.#folder = folder;
  }

  /** What it shows now. */
  async picture(options: WaitOptions = {}): Promise<Picture> {
    const file = join(this.#folder, `${this.#name}.ppm`);
    try {
      return await this.#dump(file, "ppm", pictureOf, options);
    } finally {
      rmSync(file, { force: true });
    }
  }

  /** Writes what it shows now to a PNG file. */
  async save(file: string, options: WaitOptions = {}): Promise<void> {
    await this.#dump(file, "png", (bytes) => (bytes.subarray(-8).equals(lastChunk) ? true : undefined), options);
  }

  /** The command's answer may come before the file is whole: `whole` yields something when it is. */
  async #dump<T>(
    file: string,
    format: string,
    whole: (bytes: Buffer) => T | undefined,
    options: WaitOptions,
  ): Promise<T> {
    rmSync(file, { force: true });
    const which = this.#onlyOne ? {} : { device: this.#name, head: 0 };
    await this.#monitor.execute("screendump", { filename: file, format, ...which }, options);
    let over = false;
    const look = async (): Promise<T> => {
      for (;;) {
        const result = whole(readFileSync(file));
        if (result !== undefined) return result;
        if (over) throw new Error(`${file} was given up`);
        await delay(5);
      }
    };
    try {
      return await bounded(`the picture of "${this.#name}"`, look(), { within: "10s", ...options });
    } finally {
      over = true;
    }
  }
}

/** A PPM file's content, when it is whole. */
function pictureOf(bytes: Buffer): Picture | undefined {
  const head = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(bytes.subarray(0, 64).toString("latin1"));
  if (head === null) return undefined;
  const [width, height] = [Number(head[1]), Number(head[2])];
  const pixels = bytes.subarray(head[0].length);
  return pixels.length < width * height * 3 ? undefined : { width, height, pixels: Uint8Array.from(pixels) };
}
