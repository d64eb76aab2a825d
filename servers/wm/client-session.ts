/**
 * The Gui session of an application, in front of a session of the GUI server that is opened for it. Views lie in frames,
 * and input passes by the window manager; pixels do not: the application's buffer is the GUI server's own.
 */
import { randomBytes } from "node:crypto";
import type { Env } from "../../base/env.js";
import { SessionError } from "../../base/errors.js";
import type { Capability } from "../../base/message.js";
import type { SessionRequest } from "../../base/server.js";
import type { Session } from "../../base/session.js";
import { prefixWithin } from "../../base/text.js";
import { pixelBufferBytes } from "../../lib/pixel-buffer.js";
import { bounding, intersection, isEmpty, nowhere } from "../../lib/rectangle.js";
import type { InputEvent } from "../../sessions/event/index.js";
import { type FramebufferBlit, FramebufferInterface, type FramebufferMode } from "../../sessions/framebuffer/index.js";
import type { Area, Point, Rect } from "../../sessions/geometry/geometry.generated.js";
import {
  type GuiArgs,
  type GuiClient,
  type GuiHandlers,
  GuiInterface,
  type ViewsCommand,
  type ViewsDisplay,
} from "../../sessions/gui/index.js";
import { InputSession } from "../../sessions/input/index.js";
import { InputConnection, type InputPort } from "../../sessions/input/input-connection.js";

export type GuiPort = Session<GuiClient, GuiHandlers, GuiArgs>;

/** What a session asks of the window manager. */
export interface Manager {
  /** The part of the screen that windows may be on. */
  readonly area: Area;
  /** Makes a window; resolves to its number, and what names its frame. */
  open(
    session: ClientSession,
    title: string,
    content: Area,
  ): Promise<{ readonly id: number; readonly frame: Uint8Array }>;
  /** The window's content is in its frame, and is to be put where it belongs. */
  ready(window: number): void;
  resized(window: number, content: Area): void;
  retitled(window: number, title: string): void;
  closed(window: number): void;
  /** The size that a window's content should have. */
  wanted(window: number): Area;
  /** What happened in the views of a session. */
  input(session: ClientSession, events: readonly InputEvent[]): void;
  /** Who has this token gets the keys in place of the session. */
  delegated(session: ClientSession, token: Uint8Array): void;
  ended(session: ClientSession): void;
}

/** A view at the top level: a window. */
interface Top {
  readonly window: number;
  /** The number of the frame in the GUI server's session. */
  readonly frame: number;
  content: Area;
  /** What the client knows of the size that is wanted; undefined: that it has what it made. */
  told: Area | undefined;
}

const { signals } = GuiInterface;
const passed = ["sync", "modeChanged"] as const;
const panoramaChanged = signals.indexOf("panoramaChanged");
/** Numbers of views from here on are the window manager's. */
const ownNumbers = 0x8000_0000;
/** Each has a frame, which the window manager pays for. */
const mostWindows = 8;
/** Longest label that a session may ask for, in bytes. */
const longestLabel = 150;
const mostUpgrades = 8;
/** Refreshes on their way to the GUI server at once. */
const mostRefreshes = 16;
/** More pixels a side than any buffer has. */
const longest: Rect = { x: 0, y: 0, width: 16_384, height: 16_384 };

export class ClientSession implements GuiHandlers {
  readonly #request: SessionRequest<object>;
  readonly #manager: Manager;
  readonly #port: GuiPort;
  /** What the GUI server says to the application's views. */
  readonly #heard: InputConnection;
  readonly input: InputSession;
  readonly #tops = new Map<number, Top>();
  /** Numbers of views that are being made. */
  readonly #coming = new Set<number>();
  #frames = 0;
  #refreshing = 0;
  #unrefreshed: Rect = nowhere;
  /** What names this session to others. */
  readonly token: Uint8Array = randomBytes(16);

  private constructor(request: SessionRequest<object>, manager: Manager, port: GuiPort, input: InputSession) {
    this.#request = request;
    this.#manager = manager;
    this.#port = port;
    this.#heard = new InputConnection(port as unknown as InputPort);
    this.input = input;
    for (const name of passed) {
      const number = signals.indexOf(name);
      port.onSignal(name, () => request.session.raise(number));
    }
    this.#heard.onEvents((events) => manager.input(this, events));
    // The application opens its session anew, and brings everything that the new server has to know.
    port.onLost(() => request.session.close());
  }

  static async open(request: SessionRequest<object>, env: Env, manager: Manager): Promise<ClientSession> {
    const label = prefixWithin(request.label, longestLabel);
    const port: GuiPort = await env.session(GuiInterface, {}, { label, reconnect: false });
    let session: ClientSession | undefined;
    try {
      const input = await InputSession.open(request, {
        onExclusive: (enabled) => session?.exclusive(enabled),
      });
      // The GUI server may have died meanwhile, and told nobody.
      await port.ready();
      session = new ClientSession(request, manager, port, input);
      return session;
    } catch (error) {
      await port.close();
      throw error;
    }
  }

  get label(): string {
    return this.#request.label;
  }

  /** Its windows, by number. */
  get windows(): readonly number[] {
    return [...this.#tops.values()].map(({ window }) => window);
  }

  get #client(): GuiClient {
    return this.#port.client;
  }

  /** Repeats what the GUI server lacks something for with a larger donation, out of the window manager's quota. */
  async #paid<Result>(operation: () => Promise<Result>, bytes = 8192): Promise<Result> {
    for (let upgrades = 0; ; upgrades += 1) {
      try {
        return await operation();
      } catch (error) {
        if (!(error instanceof SessionError) || upgrades === mostUpgrades) throw error;
        if (error.code === "InsufficientRam")
          await this.#port.upgrade({ ram: Number(error.detail?.["bytes"] ?? bytes) });
        else if (error.code === "InsufficientCaps") await this.#port.upgrade({ caps: 2 });
        else throw error;
      }
    }
  }

  /** A number that the client may give. */
  #free(id: number): void {
    if (id >= ownNumbers)
      throw new SessionError(
        "InvalidArgument",
        `Cannot number a view ${id}: from ${ownNumbers} on, numbers are the window manager's`,
      );
    if (this.#tops.has(id) || this.#coming.has(id))
      throw new SessionError("ViewExists", `The number ${id} names a view already`);
  }

  #clamped({ width, height }: Area): Area {
    const { area } = this.#manager;
    return { width: Math.min(Math.max(1, width), area.width), height: Math.min(Math.max(1, height), area.height) };
  }

  async view(id: number, title: string, rect: Rect): Promise<void> {
    this.#free(id);
    if (this.#tops.size + this.#coming.size >= mostWindows)
      throw new SessionError(
        "Denied",
        `Cannot open one more window for "${this.label}": ${mostWindows} are the most of a session`,
      );
    this.#coming.add(id);
    try {
      const content = this.#clamped(rect);
      const { id: window, frame: token } = await this.#manager.open(this, title, content);
      const frame = ownNumbers + this.#frames++;
      const top: Top = { window, frame, content, told: undefined };
      try {
        await this.#paid(() => this.#client.associate(frame, token));
        await this.#paid(() => this.#client.childView(id, frame, title, { x: 0, y: 0, ...content }, true));
      } catch (error) {
        this.#manager.closed(window);
        throw error;
      }
      this.#tops.set(id, top);
      this.#manager.ready(window);
      this.#request.session.raise(panoramaChanged);
    } finally {
      this.#coming.delete(id);
    }
  }

  async childView(id: number, parent: number, title: string, rect: Rect, front: boolean): Promise<void> {
    this.#free(id);
    await this.#paid(() => this.#client.childView(id, parent, title, rect, front));
  }

  async destroyView(id: number): Promise<void> {
    const top = this.#tops.get(id);
    if (id >= ownNumbers) return;
    await this.#client.destroyView(id);
    if (top === undefined || !this.#tops.delete(id)) return;
    await this.#client.releaseViewId(top.frame);
    this.#manager.closed(top.window);
  }

  async title(id: number, title: string): Promise<void> {
    await this.#client.title(id, title);
    const top = this.#tops.get(id);
    if (top !== undefined) this.#manager.retitled(top.window, title);
  }

  viewToken(id: number): Promise<Uint8Array> {
    return this.#client.viewToken(id);
  }

  async associate(id: number, token: Uint8Array): Promise<void> {
    this.#free(id);
    await this.#paid(() => this.#client.associate(id, token));
  }

  releaseViewId(id: number): Promise<void> {
    return this.destroyView(id);
  }

  /** Where windows are, and in which order, is not for applications to say; how large they are, is. */
  async execute(commands: readonly ViewsCommand[]): Promise<void> {
    let resized = false;
    const own = commands.filter((command) => {
      const { kind, value } = command;
      const id = typeof value === "number" ? value : value.view;
      const top = this.#tops.get(id);
      if (top === undefined) return id < ownNumbers;
      if (kind === "geometry") {
        resized = true;
        top.content = this.#clamped(value.rect);
        this.#manager.resized(top.window, top.content);
      }
      return kind === "offset";
    });
    // Answered after what the window manager itself has the GUI server do for it: who floods waits.
    if (own.length > 0 || resized) await this.#client.execute(own);
  }

  /** For the window manager: the content of a window is there in its frame, in the size that the client gave it. */
  place(window: number, { x, y }: Point): void {
    for (const [view, { window: one, content }] of this.#tops) {
      if (one !== window) continue;
      const command = { kind: "geometry", value: { view, rect: { x, y, ...content } } } as const;
      this.#client.execute([command]).catch(() => {});
    }
  }

  /** For the window manager: another size of a window may be wanted. */
  sizeWanted(window: number): void {
    const [first] = this.#tops.values();
    if (first?.window !== window) return;
    const wanted = this.#manager.wanted(window);
    const { width, height } = first.told ?? first.content;
    if (wanted.width !== width || wanted.height !== height) this.#request.session.raise(panoramaChanged);
  }

  /**
   * Before there is a window, what there is for one; then the size of the first one's content. The client learns first
   * that it has what it made, and knows from then on that its size is somebody else's to say.
   */
  panorama(): { readonly rect: Rect; readonly displays: readonly ViewsDisplay[] } {
    const [first] = this.#tops.values();
    const nothing: readonly ViewsDisplay[] = [];
    if (first === undefined) {
      const { width, height } = this.#manager.area;
      return { rect: { x: 0, y: 0, width, height }, displays: nothing };
    }
    const wanted = this.#manager.wanted(first.window);
    const before = first.told;
    first.told = before === undefined ? first.content : wanted;
    if (before === undefined && (wanted.width !== first.content.width || wanted.height !== first.content.height))
      this.#request.session.raise(panoramaChanged);
    return { rect: { x: 0, y: 0, width: first.told.width, height: first.told.height }, displays: nothing };
  }

  /** The buffer is paid by the window manager, which asks the client for a donation of the same size, so that it has a bound. */
  async buffer(area: Area, alpha: boolean): Promise<void> {
    const bytes = pixelBufferBytes({ area, alpha });
    if (bytes > this.#request.quota.ram)
      throw new SessionError("InsufficientRam", `A buffer of ${bytes} bytes must be donated`, { bytes });
    await this.#paid(() => this.#client.buffer(area, alpha), bytes);
  }

  sessionToken(): Uint8Array {
    return this.token;
  }

  focus(token: Uint8Array): void {
    this.#manager.delegated(this, token);
  }

  mode(): Promise<FramebufferMode> {
    return this.#client.mode();
  }

  async dataspace(): Promise<Capability> {
    return { ...(await this.#client.dataspace()), move: true };
  }

  /** The GUI server may be slow, and a client fast: beyond some on their way, those that follow go as one. */
  refresh(rect: Rect): void {
    const common = intersection(rect, longest);
    if (this.#refreshing >= mostRefreshes) {
      this.#unrefreshed = bounding(this.#unrefreshed, common);
      return;
    }
    this.#refreshing += 1;
    this.#client
      .refresh(common)
      // The session is gone, and so is this one.
      .catch(() => {})
      .finally(() => {
        this.#refreshing -= 1;
        const rest = this.#unrefreshed;
        this.#unrefreshed = nowhere;
        if (!isEmpty(rest)) this.refresh(rest);
      });
  }

  blit(blits: readonly FramebufferBlit[]): Promise<boolean> {
    return this.#client.blit(blits);
  }

  panning(point: Point): void {
    this.#client.panning(point).catch(() => {});
  }

  syncSource(label: string): Promise<void> {
    return this.#client.syncSource(label);
  }

  events(): Capability {
    return this.input.events();
  }

  pending(): boolean {
    return this.input.pending();
  }

  flush(): number {
    return this.input.flush();
  }

  exclusive(enabled: boolean): void {
    this.#heard.exclusive(enabled).catch(() => {});
  }

  close(): void {
    this.#manager.ended(this);
    for (const { window } of this.#tops.values()) this.#manager.closed(window);
    this.#tops.clear();
    void this.#heard.close();
  }
}
