/** A versioned document in memory: what ROM sessions show and reports replace. */
import { Watchers } from "./watchers.js";

const encoder = new TextEncoder();

export class Document {
  #content: Uint8Array;
  #version = 0;
  readonly #watchers = new Watchers();

  constructor(content: Uint8Array = new Uint8Array(0)) {
    this.#content = content;
  }

  get content(): Uint8Array {
    return this.#content;
  }

  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  /** Replaces the content; equal content is no change. */
  replace(content: Uint8Array): void {
    if (content.length === this.#content.length && Buffer.compare(content, this.#content) === 0) return;
    this.#content = content;
    this.#version += 1;
    this.#watchers.tell();
  }

  /** Replaces the content by a JSON value's text; undefined empties it. */
  publish(value: unknown): void {
    this.replace(value === undefined ? new Uint8Array(0) : encoder.encode(JSON.stringify(value)));
  }

  /** Calls `watcher` after each change. Returns the function that ends it. */
  watch(watcher: () => void): () => void {
    return this.#watchers.add(watcher);
  }
}
