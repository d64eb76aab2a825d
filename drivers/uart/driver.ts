/** The UART driver: serial lines as Uart and Terminal sessions, one at a time on each. */
import { errorMessage } from "../../base/errors.js";
import { policyFor } from "../../base/policy.js";
import type { RpcServer } from "../../base/rpc-server.js";
import { checked } from "../../base/schema.js";
import type { SessionRequest } from "../../base/server.js";
import type { PlatformConnection } from "../../sessions/platform/index.js";
import type { UartArgs } from "../../sessions/uart/index.js";
import { type LineConfig, lineSchema, type UartConfig } from "./config.js";
import { Line } from "./line.js";
import { openLine } from "./opened-line.js";
import { UartSession } from "./uart-session.js";

export class UartDriver implements AsyncDisposable {
  #config: UartConfig;
  readonly #platform: PlatformConnection;
  readonly #lines = new Map<string, Promise<Line>>();
  readonly #channels = new Set<RpcServer>();

  private constructor(config: UartConfig, platform: PlatformConnection) {
    this.#config = config;
    this.#platform = platform;
    platform.onChange(() => {
      // A line that could not be opened is tried again by its next session.
      for (const line of this.#lines.values())
        line.then(
          (opened) => opened.search(),
          () => {},
        );
    });
  }

  /** Opens every granted line, so that nothing that arrives before the first session is lost. */
  static async open(platform: PlatformConnection, config: UartConfig): Promise<UartDriver> {
    const driver = new UartDriver(config, platform);
    const granted = await platform.granted();
    const opened = await Promise.allSettled(granted.map((name) => driver.#line(name)));
    // A line that is not there may come: its sessions try again.
    for (const result of opened) if (result.status === "rejected") console.error(String(result.reason));
    return driver;
  }

  #lineConfig(name: string): LineConfig {
    return this.#config.lines[name] ?? checked(lineSchema, {}, `line "${name}"`);
  }

  /** Policies are for sessions from now on; a line whose rate or frame is another now is set at once. */
  async configure(config: UartConfig): Promise<void> {
    this.#config = config;
    for (const [name, opening] of this.#lines) {
      try {
        (await opening).configure(this.#lineConfig(name));
      } catch (error) {
        console.error(`Line "${name}" stays as it was: ${errorMessage(error)}`);
      }
    }
  }

  #line(name: string): Promise<Line> {
    let line = this.#lines.get(name);
    if (line === undefined) {
      const config = this.#lineConfig(name);
      line = Line.open(name, config, {
        open: async () => openLine(await this.#platform.acquire(name), config),
        release: () => this.#platform.release(name),
      });
      this.#lines.set(name, line);
      line.catch(() => this.#lines.delete(name));
    }
    return line;
  }

  /** Opens a session; throws `Denied` (no policy, or the line is taken) and what opening the line throws. */
  async session(request: SessionRequest<UartArgs>, controls: boolean): Promise<UartSession> {
    const policy = policyFor(this.#config, controls ? "Uart" : "Terminal", request.label);
    const session = await UartSession.open(await this.#line(policy.line), request, controls);
    this.#channels.add(request.session);
    request.session.onClosed(() => this.#channels.delete(request.session));
    return session;
  }

  /** Ends all sessions, as a crash would. */
  async close(): Promise<void> {
    for (const channel of [...this.#channels]) channel.close();
    for (const line of await Promise.allSettled(this.#lines.values()))
      if (line.status === "fulfilled") line.value.close();
    await this.#platform.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
