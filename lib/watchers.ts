/** Those who want to know when something happens. `News` is what they are told of it. */
export class Watchers<News extends readonly unknown[] = []> {
  readonly #watchers = new Set<(...news: News) => void>();

  /** Returns the function that takes the watcher away again. */
  add(watcher: (...news: News) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Calls all who are there now; one that it adds or takes away changes the next call. */
  tell(...news: News): void {
    for (const watcher of [...this.#watchers]) watcher(...news);
  }
}
