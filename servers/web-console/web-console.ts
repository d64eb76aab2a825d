/** The console as a whole: its sessions, its web server, and its viewers. */
import type { Env } from "../../base/env.js";
import { errorMessage } from "../../base/errors.js";
import type { PlatformConnection } from "../../sessions/platform/index.js";
import { Rom } from "../../sessions/rom/index.js";
import { System } from "../../sessions/system/index.js";
import type { WebConsoleConfig } from "./config.js";
import { connectIfRouted, passEvents, showCapture } from "./console-sources.js";
import { Desk } from "./desk.js";
import { Gate } from "./gate.js";
import { LiveScreen } from "./live-screen.js";
import { encryptionOf, tokenOf } from "./secrets.js";
import { SharedInput } from "./shared-input.js";
import { Viewer } from "./viewer.js";
import { type PageFiles, WebServer } from "./web-server.js";

/** How long a report may take to come: its server may be starting. */
const reportPatience = "5s";

interface CurrentConfig {
  current: WebConsoleConfig;
}

export class WebConsole {
  readonly #server: WebServer;
  readonly #screen: LiveScreen | undefined;
  readonly #config: CurrentConfig;

  private constructor(server: WebServer, screen: LiveScreen | undefined, config: CurrentConfig) {
    this.#server = server;
    this.#screen = screen;
    this.#config = config;
  }

  static async start(
    env: Env,
    platform: PlatformConnection,
    first: WebConsoleConfig,
    files: PageFiles,
  ): Promise<WebConsole> {
    const config: CurrentConfig = { current: first };
    const encryption = await encryptionOf(platform, first);
    const gate = new Gate({
      token: await tokenOf(platform, first),
      encrypted: encryption !== undefined,
      names: first.names.map((name) => name.toLowerCase()),
    });
    const desk = new Desk(await connectIfRouted(env, System, {}, "the components"), (name) =>
      env.connect(Rom, { label: name, within: reportPatience }),
    );
    const input = new SharedInput();
    const screen = first.screen
      ? new LiveScreen(first.framesPerSecond, (error) => console.error(`Cannot capture: ${errorMessage(error)}`))
      : undefined;
    const { descriptor } = await platform.acquire(first.listener, { kind: "listener" });
    const server = await WebServer.listen({
      descriptor,
      gate,
      encryption,
      files,
      mostViewers: () => config.current.viewers,
      connected: (socket) =>
        void new Viewer(socket, { screen, input, desk, label: env.label, reports: () => config.current.reports }),
    });
    server.limit();
    // The page is there before its screen is: what makes the picture may still be starting.
    if (screen !== undefined)
      for (const start of [showCapture(env, screen), passEvents(env, input)])
        start.catch((error: unknown) => console.error(`Cannot show the screen: ${errorMessage(error)}`));
    return new WebConsole(server, screen, config);
  }

  get url(): string {
    return this.#server.url;
  }

  /** For what can change while it runs. */
  configure(next: WebConsoleConfig): void {
    this.#config.current = next;
    if (this.#screen !== undefined) this.#screen.framesPerSecond = next.framesPerSecond;
    this.#server.limit();
  }
}
