/** One view of a GUI server as a screen of its own: a Framebuffer session and an Input session. */
import type { Env } from "../../base/env.js";
import { SessionError } from "../../base/errors.js";
import type { Call } from "../../base/interface.js";
import type { Capability } from "../../base/message.js";
import type { SessionRequest } from "../../base/server.js";
import { sameRect } from "../../lib/rectangle.js";
import type { InputEvent } from "../../sessions/event/index.js";
import {
  type FramebufferBlit,
  type FramebufferHandlers,
  FramebufferInterface,
  type FramebufferMode,
} from "../../sessions/framebuffer/index.js";
import type { Area, Point, Rect } from "../../sessions/geometry/geometry.generated.js";
import { Gui, type GuiConnection, type GuiView } from "../../sessions/gui/index.js";
import { InputSession } from "../../sessions/input/index.js";
import type { GuiFbConfig } from "./config.js";
import { placement } from "./placement.js";

const sync = FramebufferInterface.signals.indexOf("sync");
const modeChanged = FramebufferInterface.signals.indexOf("modeChanged");

function sameArea(a: Area | undefined, b: Area): boolean {
  return a?.width === b.width && a.height === b.height;
}

export class NestedScreen implements AsyncDisposable {
  readonly #gui: GuiConnection;
  #config: GuiFbConfig;
  /** What there is of the screen. */
  #room: Rect;
  /** Where the view is, or is to be. */
  #rect: Rect;
  #view: GuiView | undefined;
  /** The server has said a size since the view was there. */
  #sized = false;
  #framebuffer: NestedFramebuffer | undefined;
  #input: InputSession | undefined;

  private constructor(gui: GuiConnection, config: GuiFbConfig, room: Rect) {
    this.#gui = gui;
    this.#config = config;
    this.#room = room;
    this.#rect = placement(config, room, true);
    gui.onPanoramaChange(() => void this.#look());
    // Of a server that was restarted: the client has to map another buffer.
    gui.onRedraw(() => this.#framebuffer?.modeChanged());
    gui.input.onEvents((events) => this.#pass(events));
  }

  static async open(env: Env, config: GuiFbConfig): Promise<NestedScreen> {
    const gui = await env.connect(Gui);
    return new NestedScreen(gui, config, (await gui.panorama()).rect);
  }

  #pass(events: readonly InputEvent[]): void {
    this.#input?.submit(...events);
  }

  async #look(): Promise<void> {
    this.#room = (await this.#gui.panorama()).rect;
    if (this.#view !== undefined) this.#sized = true;
    this.#place();
  }

  configure(config: GuiFbConfig): void {
    this.#config = config;
    this.#view?.title(config.title).catch(() => {});
    this.#place();
  }

  #place(): void {
    const rect = placement(this.#config, this.#room, !this.#sized);
    if (sameRect(rect, this.#rect)) return;
    const resized = !sameArea(rect, this.#rect);
    this.#rect = rect;
    this.#view?.geometry(rect);
    if (resized) this.#framebuffer?.modeChanged();
  }

  /** The size that the client's buffer should have. */
  get area(): Area {
    return { width: this.#rect.width, height: this.#rect.height };
  }

  /** The GUI server's own buffer, in that size: what the client draws is where the server looks for it. */
  async buffer(): Promise<Capability> {
    for (let area = this.area; !sameArea(this.#gui.buffer?.area, area); area = this.area)
      await this.#gui.makeBuffer(area);
    const { buffer } = this.#gui;
    if (buffer === undefined) throw new SessionError("Unavailable", "The GUI server has no buffer for this screen now");
    this.#view ??= await this.#gui.view({ rect: this.#rect, title: this.#config.title });
    return buffer.dataspace.capability;
  }

  /** @throws SessionError `Denied` while there is one */
  openFramebuffer(request: SessionRequest<object>): FramebufferHandlers {
    if (this.#framebuffer !== undefined)
      throw new SessionError("Denied", `Cannot open a Framebuffer session for "${request.label}": the screen has one`);
    const framebuffer = new NestedFramebuffer(request, this, this.#gui, () => this.#closed());
    this.#framebuffer = framebuffer;
    return framebuffer;
  }

  #closed(): void {
    this.#framebuffer = undefined;
    const view = this.#view;
    this.#view = undefined;
    this.#sized = false;
    // Without its client nobody draws what is seen.
    view?.destroy().catch(() => {});
  }

  /** @throws SessionError `Denied` while there is one */
  async openInput(request: SessionRequest<object>): Promise<InputSession & { close(): void }> {
    if (this.#input !== undefined)
      throw new SessionError("Denied", `Cannot open an Input session for "${request.label}": the screen has one`);
    let exclusive = false;
    const session = await InputSession.open(request, {
      onExclusive: (enabled) => {
        exclusive = enabled;
        this.#gui.input.exclusive(enabled).catch(() => {});
      },
    });
    this.#input = session;
    return Object.assign(session, {
      close: () => {
        this.#input = undefined;
        if (exclusive) this.#gui.input.exclusive(false).catch(() => {});
      },
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#gui.close();
  }
}

/** Passes everything on; only the size is decided here. */
class NestedFramebuffer implements FramebufferHandlers {
  readonly #request: SessionRequest<object>;
  readonly #screen: NestedScreen;
  readonly #gui: GuiConnection;
  readonly #ended: () => void;
  #awaitsSync = false;

  constructor(request: SessionRequest<object>, screen: NestedScreen, gui: GuiConnection, ended: () => void) {
    this.#request = request;
    this.#screen = screen;
    this.#gui = gui;
    this.#ended = ended;
  }

  modeChanged(): void {
    this.#request.session.raise(modeChanged);
  }

  mode(): FramebufferMode {
    return { area: this.#screen.area, alpha: false };
  }

  dataspace(): Promise<Capability> {
    return this.#screen.buffer();
  }

  refresh(rect: Rect): void {
    this.#gui.refresh(rect);
    this.#followSync();
  }

  async blit(blits: readonly FramebufferBlit[], { signal }: Call): Promise<boolean> {
    await this.#gui.blit(blits, { signal });
    this.#followSync();
    return true;
  }

  panning(point: Point): void {
    this.#gui.panning(point);
    this.#followSync();
  }

  async syncSource(label: string): Promise<void> {
    await this.#gui.syncSource(label);
  }

  #followSync(): void {
    if (this.#awaitsSync) return;
    this.#awaitsSync = true;
    this.#gui
      .sync()
      .then(() => this.#request.session.raise(sync))
      // The GUI session has ended, and with it this component.
      .catch(() => {})
      .finally(() => {
        this.#awaitsSync = false;
      });
  }

  close(): void {
    this.#ended();
  }
}
