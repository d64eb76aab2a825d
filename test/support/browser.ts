/** A headless Chromium, driven by its own protocol through a pipe. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { slowness } from "./slowness.js";
import type { Context } from "./suite.js";

const programs = ["chromium", "chromium-browser", "google-chrome"];
/** For whatever a busy machine delays. */
const patience = 20_000 * slowness;

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function program(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return programs.flatMap((name) => folders.map((folder) => join(folder, name))).find(executable);
}

/** The environment of a process that finds its files in one folder, and puts them there. */
function surroundings(folder: string): NodeJS.ProcessEnv {
  const names = ["HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "TMPDIR"];
  return { ...process.env, ...Object.fromEntries(names.map((name) => [name, folder])) };
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** Size and kind of the window that shows a page. */
export interface Window {
  readonly width: number;
  readonly height: number;
  /** A phone, with fingers instead of a mouse. */
  readonly phone?: boolean;
  readonly theme?: "dark" | "light";
}

export class Browser implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #answers = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  #nextId = 1;
  #rest = "";

  private constructor(process: ChildProcess, folder: string) {
    this.#process = process;
    this.#folder = folder;
    const output = process.stdio[4] as Readable;
    output.setEncoding("utf8");
    output.on("data", (text: string) => this.#received(text));
  }

  /** Starts one for a test, which skips where there is none. */
  static start(context: Context, options: readonly string[] = []): Browser {
    const path = program();
    if (path === undefined) context.skip('needs Chromium: Debian package "chromium"');
    const folder = mkdtempSync(join(tmpdir(), "browser-"));
    const child = spawn(
      path as string,
      [
        "--headless=new",
        "--remote-debugging-pipe",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        `--user-data-dir=${folder}`,
        ...options,
        "about:blank",
      ],
      { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"], env: surroundings(folder) },
    );
    return context.use(new Browser(child, folder));
  }

  #received(text: string): void {
    const messages = (this.#rest + text).split("\0");
    this.#rest = messages.pop() as string;
    for (const message of messages) {
      const { id, result, error } = JSON.parse(message) as Answer;
      const waiting = id === undefined ? undefined : this.#answers.get(id);
      if (id === undefined || waiting === undefined) continue;
      this.#answers.delete(id);
      if (error === undefined) waiting.resolve(result);
      else waiting.reject(new Error(`The browser refused: ${error.message}`));
    }
  }

  send<Result>(method: string, params: object = {}, sessionId?: string): Promise<Result> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#answers.set(id, { resolve: resolve as (result: unknown) => void, reject });
      const input = this.#process.stdio[3] as Writable;
      input.write(`${JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) })}\0`);
    });
  }

  /** Opens a page in a window of its own. */
  async open(url: string, { width, height, phone = false, theme = "dark" }: Window): Promise<Page> {
    const { targetId } = await this.send<{ targetId: string }>("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send<{ sessionId: string }>("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page(this, sessionId);
    await page.send("Emulation.setDeviceMetricsOverride", {
      width,
      height,
      deviceScaleFactor: phone ? 2 : 1,
      mobile: phone,
    });
    await page.send("Emulation.setTouchEmulationEnabled", { enabled: phone, maxTouchPoints: 5 });
    await page.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: theme }] });
    await page.send("Page.navigate", { url });
    await page.until("document.readyState === 'complete'");
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = this.#process.exitCode === null ? once(this.#process, "exit") : undefined;
    this.send("Browser.close").catch(() => {});
    const late = setTimeout(() => this.#process.kill("SIGKILL"), patience);
    await exited;
    clearTimeout(late);
    // Its helpers write there until they end, a little later.
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

export class Page {
  readonly #browser: Browser;
  readonly #session: string;

  constructor(browser: Browser, session: string) {
    this.#browser = browser;
    this.#session = session;
  }

  send<Result>(method: string, params: object = {}): Promise<Result> {
    return this.#browser.send<Result>(method, params, this.#session);
  }

  /** The value of an expression in the page, awaited. */
  async evaluate<Value>(expression: string): Promise<Value> {
    const { result, exceptionDetails } = await this.send<{
      result: { value: Value };
      exceptionDetails?: { exception?: { description?: string } };
    }>("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails !== undefined)
      throw new Error(`The page failed at ${expression}: ${exceptionDetails.exception?.description}`);
    return result.value;
  }

  /** Waits until an expression has a value that is not false, and returns it. */
  async until<Value>(expression: string): Promise<Value> {
    const end = performance.now() + patience;
    for (;;) {
      const value = await this.evaluate<Value | false | null | undefined>(expression);
      if (value) return value;
      if (performance.now() > end) {
        const text = await this.evaluate<string>("document.body.innerText");
        throw new Error(`Waited in vain until ${expression}. The page shows:\n${text.slice(0, 2000)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  /** A picture of the window, as PNG. */
  async picture(): Promise<Buffer> {
    const { data } = await this.send<{ data: string }>("Page.captureScreenshot", { format: "png" });
    return Buffer.from(data, "base64");
  }

  /** Presses and releases a key, as `KeyboardEvent.code` and `key` name it. */
  async type(code: string, key: string): Promise<void> {
    await this.send("Input.dispatchKeyEvent", { type: "keyDown", code, key, ...(key.length === 1 && { text: key }) });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", code, key });
  }

  mouse(
    type: "mousePressed" | "mouseReleased" | "mouseMoved" | "mouseWheel",
    x: number,
    y: number,
    more: object = {},
  ): Promise<void> {
    return this.send("Input.dispatchMouseEvent", { type, x, y, button: "none", ...more });
  }

  touch(
    type: "touchStart" | "touchMove" | "touchEnd",
    points: readonly { x: number; y: number; id: number }[],
  ): Promise<void> {
    return this.send("Input.dispatchTouchEvent", { type, touchPoints: points });
  }

  /** The middle of an element, in the window. */
  middle(selector: string): Promise<{ x: number; y: number }> {
    return this.evaluate(
      `(() => { const { left, top, width, height } = document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect(); return { x: left + width / 2, y: top + height / 2 }; })()`,
    );
  }

  async click(selector: string): Promise<void> {
    const { x, y } = await this.middle(selector);
    await this.mouse("mousePressed", x, y, { button: "left", buttons: 1, clickCount: 1 });
    await this.mouse("mouseReleased", x, y, { button: "left", buttons: 0, clickCount: 1 });
  }
}
